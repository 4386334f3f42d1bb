"""BassWallet in outline: what the emulator needs of it to start."""

from emulator.contract.outline import Outline
from emulator.providers.basswallet import access, settings

outline = Outline(
    name="basswallet",
    title="BassWallet",
    public_hosts=("api.basswallet.com", "api-beta.basswallet.io", "pay.baaswallet.io"),
    settings=settings.SETTINGS,
    credentials=access.credentials,
    open_keys=(access.PAGE_KEY,),
)

"""BassWallet in outline: what the emulator needs of it to start."""

from emulator.contract.outline import Outline
from emulator.providers.basswallet import access, catalogue, settings

outline = Outline(
    name="basswallet",
    title="BassWallet",
    public_hosts=("api.basswallet.com", "api-beta.basswallet.io", "pay.baaswallet.io"),
    settings=settings.SETTINGS,
    credentials=access.credentials,
    seed=catalogue.seed,
    open_keys=("payin:",),
)

"""Baanx in outline: what the emulator needs of it to start."""

from emulator.contract.outline import Outline
from emulator.providers.baanx import access, settings

outline = Outline(
    name="baanx",
    title="Baanx",
    public_hosts=("api.baanx.com", "dev.api.baanx.com"),
    settings=settings.SETTINGS,
    credentials=access.credentials,
    open_keys=(access.PAGE_KEY,),
)

"""Changelly Fiat in outline: what the emulator needs of it to start."""

from emulator.contract.outline import Outline
from emulator.providers.changelly import access, settings

outline = Outline(
    name="changelly",
    title="Changelly Fiat",
    public_hosts=("fiat-api.changelly.com",),
    settings=settings.SETTINGS,
    credentials=access.credentials,
    open_keys=(access.PAGE_KEY,),
)

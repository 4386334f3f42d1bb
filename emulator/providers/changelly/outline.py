"""Changelly Fiat in outline: what the emulator needs of it to start."""

from emulator.contract.outline import Outline
from emulator.providers.changelly import access, catalogue, settings

outline = Outline(
    name="changelly",
    title="Changelly Fiat",
    public_hosts=("fiat-api.changelly.com",),
    settings=settings.SETTINGS,
    credentials=access.credentials,
    seed=catalogue.seed,
    open_keys=("order:",),
)

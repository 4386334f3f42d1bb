"""The providers. A new one is a folder here and a line in `NAMES`."""

from functools import cache, partial
from importlib import import_module

from msgspec.structs import replace

from emulator.contract.card import Provider
from emulator.core.schema import SchemaFolder
from emulator.files import shipped

NAMES = ("baanx", "basswallet", "changelly", "koywe")
"""In the order of their ports."""


@cache
def load(name: str) -> Provider:
    """The provider with this name, with its schemas."""
    card: Provider = import_module(f"emulator.providers.{name}.card").provider
    return replace(card, schemas=SchemaFolder(partial(shipped.load_schemas, name)))


def load_all() -> dict[str, Provider]:
    """All providers by name, in the order of their ports."""
    return {name: load(name) for name in NAMES}

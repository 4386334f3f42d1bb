"""The providers. A new one is a folder here and a line in `NAMES`."""

from collections.abc import Iterator, Mapping
from functools import partial
from importlib import import_module

from msgspec.structs import replace

from emulator.contract.card import Provider
from emulator.contract.outline import Outline
from emulator.core.schema import SchemaFolder
from emulator.files import shipped

NAMES = ("baanx", "basswallet", "changelly", "koywe")
"""In the order of their ports."""

_LOADED: dict[str, Provider] = {}


def load(name: str) -> Provider:
    """The provider with this name, with its schemas. Raises KeyError."""
    if name not in _LOADED:
        if name not in NAMES:
            raise KeyError(name)
        card: Provider = import_module(f"emulator.providers.{name}.card").provider
        _LOADED.setdefault(name, replace(card, schemas=SchemaFolder(partial(shipped.load_schemas, name))))
    return _LOADED[name]


def load_all() -> dict[str, Provider]:
    """All providers by name, in the order of their ports."""
    return {name: load(name) for name in NAMES}


def load_outlines() -> dict[str, Outline]:
    """All providers in outline, in the same order."""
    return {name: import_module(f"emulator.providers.{name}.outline").outline for name in NAMES}


class LateProviders(Mapping[str, Provider]):
    """All providers by name, in the same order; each is loaded when it is asked for."""

    def __getitem__(self, name: str) -> Provider:
        return load(name)

    def __contains__(self, name: object) -> bool:
        return name in NAMES

    def __iter__(self) -> Iterator[str]:
        return iter(NAMES)

    def __len__(self) -> int:
        return len(NAMES)

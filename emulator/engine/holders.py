"""Which sandbox a key belongs to, found without looking at each of them: the key of an order or a document that needs
no credential, or a value that identifies its sandbox, such as its own API key."""

from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from emulator.contract.outline import Outline

Settings = Mapping[str, Mapping[str, Any]]
"""Values of settings by provider and name."""


class Holders:
    """Sandboxes by such keys: `<provider>/<key>` of an order, `<table>/<key>` of a document, and
    `<provider>/<setting>:<value>`."""

    def __init__(self, outlines: Iterable[Outline]) -> None:
        cards = tuple(outlines)
        self.open_tables = frozenset(table for card in cards for table in card.open_tables)
        """Tables whose documents need no credential."""
        self.open_keys = tuple(f"{card.name}/{key}" for card in cards for key in card.open_keys)
        """What the keys of orders begin with that need no credential."""
        self._identifying = [(card.name, each) for card in cards for each in card.settings.values() if each.identifies]
        tables = (f"{table}/" for table in self.open_tables)
        values = (f"{card}/{setting.name}:" for card, setting in self._identifying)
        self._findable = (*self.open_keys, *tables, *values)
        self._of_key: dict[str, dict[str, None]] = {}
        self._of_sandbox: dict[str, list[str]] = {}
        self._identities: dict[str, list[str]] = {}
        """The keys of identifying values by sandbox."""
        self._ages: dict[str, int] = {}
        self._next_age = 0

    def add(self, name: str) -> None:
        """Adds a sandbox that was created after all others."""
        self._of_sandbox[name], self._identities[name] = [], []
        self._next_age += 1
        self._ages[name] = self._next_age

    def hold(self, name: str, keys: Iterable[str]) -> None:
        """Records that the sandbox has orders or documents with these keys, which need no credential."""
        self._add(name, keys, self._of_sandbox[name])

    def release(self, name: str) -> None:
        """Records that the sandbox has no such orders or documents any more."""
        self._remove(name, self._of_sandbox[name])

    def identify(self, name: str, *settings: Settings) -> None:
        """Records that the values in these settings identify the sandbox, and no others."""
        self._remove(name, self._identities[name])
        self._add(name, (key for each in settings for key, _ in self._list_values(each)), self._identities[name])

    def _add(self, name: str, keys: Iterable[str], held: list[str]) -> None:
        for key in keys:
            holders = self._of_key.setdefault(key, {})
            if name not in holders:
                holders[name] = None
                held.append(key)

    def _remove(self, name: str, held: list[str]) -> None:
        for key in held:
            holders = self._of_key[key]
            del holders[name]
            if not holders:
                del self._of_key[key]
        held.clear()

    def forget(self, name: str) -> None:
        """Removes a sandbox."""
        self._remove(name, self._of_sandbox.pop(name))
        self._remove(name, self._identities.pop(name))
        del self._ages[name]

    def find(self, key: str) -> str | None:
        """The sandbox that a key belongs to, of several the one created last; None: it belongs to none.

        Raises LookupError for a key that no provider says can be looked for."""
        if not key.startswith(self._findable):
            raise LookupError(f"no provider says that {key!r} can be found without a credential")
        return max(self._of_key.get(key, ()), key=self._ages.__getitem__, default=None)

    def require_free(self, name: str, settings: Settings) -> None:
        """Raises ValueError if a value in these settings identifies a sandbox other than `name`."""
        for key, spelling in self._list_values(settings):
            holder = self.find(key)
            if holder not in (None, name):
                raise ValueError(f"{spelling} cannot be what was given: the sandbox {holder} has it")

    def without_identity(self, settings: Settings) -> dict[str, dict[str, Any]]:
        """The settings without those that identify a sandbox."""
        identifying = {(card, setting.name) for card, setting in self._identifying}
        return {
            card: {name: value for name, value in values.items() if (card, name) not in identifying}
            for card, values in settings.items()
        }

    def _list_values(self, settings: Settings) -> Iterator[tuple[str, str]]:
        """The key of each identifying value, and the name of its setting for messages."""
        for card, setting in self._identifying:
            value = settings.get(card, {}).get(setting.name)
            if value is not None:
                yield f"{card}/{setting.name}:{value}", f"{card}.{setting.spelling or setting.name}"

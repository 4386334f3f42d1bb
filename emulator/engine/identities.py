"""Which sandbox has which of the values that identify a sandbox, such as its own API key."""

from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from emulator.contract.outline import Outline
from emulator.contract.setting import Setting


class Identities:
    """Sandboxes by the values of settings that identify them."""

    def __init__(self, providers: Iterable[Outline]) -> None:
        """`providers`: all there are."""
        self._settings = [
            (card.name, setting) for card in providers for setting in card.settings.values() if setting.identifies
        ]
        self.beginnings = tuple(_place(card, setting, "") for card, setting in self._settings)
        """Prefixes of the keys that `find` takes."""
        self._holders: dict[str, str] = {}

    def hold(self, name: str, *settings: Mapping[str, Mapping[str, Any]]) -> None:
        """Records that the sandbox has the values in these settings (by provider), and no others."""
        self.forget(name)
        for each in settings:
            for key, _ in self._keys(each):
                self._holders[key] = name

    def forget(self, name: str) -> None:
        """Removes all values of a sandbox."""
        self._holders = {key: holder for key, holder in self._holders.items() if holder != name}

    def find(self, key: str) -> str | None:
        """The sandbox that has a value, by the key `<provider>/<setting>:<value>`; None if none has it."""
        return self._holders.get(key)

    def require_free(self, name: str, settings: Mapping[str, Mapping[str, Any]]) -> None:
        """Raises ValueError if a sandbox other than `name` has one of the values in these settings (by provider)."""
        for key, spelling in self._keys(settings):
            holder = self.find(key)
            if holder not in (None, name):
                raise ValueError(f"{spelling} cannot be what was given: the sandbox {holder} has it")

    def without(self, settings: Mapping[str, Mapping[str, Any]]) -> dict[str, dict[str, Any]]:
        """The settings (by provider) without those that identify a sandbox."""
        named = {(card, setting.name) for card, setting in self._settings}
        return {
            card: {name: value for name, value in values.items() if (card, name) not in named}
            for card, values in settings.items()
        }

    def _keys(self, settings: Mapping[str, Mapping[str, Any]]) -> Iterator[tuple[str, str]]:
        """The key of each identifying value, and the name of its setting for messages."""
        for card, setting in self._settings:
            value = settings.get(card, {}).get(setting.name)
            if value is not None:
                yield _place(card, setting, value), f"{card}.{setting.spelling or setting.name}"


def _place(card: str, setting: Setting, value: Any) -> str:
    return f"{card}/{setting.name}:{value}"

"""A provider in outline: what the emulator needs to know about it in order to start."""

from collections.abc import Callable, Mapping
from functools import cached_property
from typing import Any

from msgspec import Struct

from emulator.contract.setting import Setting
from emulator.contract.transaction import Transaction


class Recurring(Struct, frozen=True):
    """Something that happens at the provider by itself, at intervals counted from the start of the sandbox."""

    name: str
    setting: str
    """The setting with the interval, in seconds of the sandbox's clock; null: never."""
    run: Callable[[Transaction], None]


class Outline(Struct, frozen=True, dict=True, kw_only=True):
    """What is used before the first request to the provider; its card has the rest, and is loaded with that request."""

    name: str
    title: str
    public_hosts: tuple[str, ...]
    settings: Mapping[str, Setting]
    credentials: Callable[[str, Mapping[str, Any]], dict[str, Any]]
    """What a client needs to use the sandbox with this name and these settings."""
    seed: Callable[[Transaction, str], None] = lambda tx, sandbox: None
    """Writes the provider's first documents in a new sandbox with this name."""
    recurring: tuple[Recurring, ...] = ()
    """What happens by itself at intervals, and concerns no order."""
    open_keys: tuple[str, ...] = ()
    """Prefixes of the index keys by which `find_sandbox` finds an order without a credential."""
    open_tables: tuple[str, ...] = ()
    """Tables whose documents `find_sandbox` finds without a credential, by `<table>/<key>`."""

    @cached_property
    def settings_by_spelling(self) -> Mapping[str, Setting]:
        """Each setting by each of its spellings."""
        return {spelling: setting for setting in self.settings.values() for spelling in setting.spellings}

    @cached_property
    def default_settings(self) -> Mapping[str, Any]:
        """The default of each setting, by each of its spellings."""
        return {spelling: setting.default for spelling, setting in self.settings_by_spelling.items()}

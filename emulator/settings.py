"""Checks settings before a sandbox takes them over."""

from collections.abc import Mapping
from typing import Any

from emulator.core import wire
from emulator.core.library import Library
from emulator.core.suggestion import use_one_of
from emulator.core.wording import LONGEST_SHOWN


def parse_settings(library: Library, changed: Mapping[str, Any]) -> dict[str, dict[str, Any]]:
    """Checked settings by provider. Raises ValueError that says which names or values are good."""
    checked: dict[str, dict[str, Any]] = {}
    if not isinstance(changed, Mapping):
        raise ValueError("settings are an object, as {provider: {setting: value}}")
    for provider, values in changed.items():
        card = library.providers.get(provider)
        if card is not None and not isinstance(values, Mapping):
            raise ValueError(f"the settings of {provider} are an object, as {{{provider}: {{setting: value}}}}")
        if card is None:
            good = use_one_of(provider, list(library.providers))
            raise ValueError(f"no provider {provider!r}: {good}, as {{provider: {{setting: value}}}}")
        checked[provider] = {}
        for name, value in values.items():
            setting = card.settings.get(name)
            if setting is None:
                raise ValueError(f"{provider} has no setting {name!r}: {use_one_of(name, sorted(card.settings))}")
            problem = setting.problem(value)
            if problem:
                raise ValueError(f"{provider}.{name} can not be {_shown(value)}: {problem}")
            checked[provider][name] = value
    return checked


def _shown(value: Any) -> str:
    """A value that was refused; a long text may be a private key in the wrong place, and is not shown."""
    written = wire.encode(value).decode()
    long = isinstance(value, str) and len(value) > LONGEST_SHOWN
    return f"this text of {len(value)} characters" if long else written

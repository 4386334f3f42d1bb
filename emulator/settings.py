"""Checks settings before a sandbox takes them over."""

from collections.abc import Mapping
from typing import Any

from emulator.core import wire
from emulator.core.library import Library
from emulator.core.provider import Provider


def parse_settings(library: Library, changed: Mapping[str, Any]) -> dict[str, dict[str, Any]]:
    """Checked settings by provider; names may be in snake_case, or as the provider's documentation spells them.

    Raises ValueError that says which names or values are good.
    """
    checked: dict[str, dict[str, Any]] = {}
    if not isinstance(changed, Mapping):
        raise ValueError("settings are an object, as {provider: {setting: value}}")
    for provider, values in changed.items():
        card = library.providers.get(provider)
        if card is not None and not isinstance(values, Mapping):
            raise ValueError(f"the settings of {provider} are an object, as {{{provider}: {{setting: value}}}}")
        if card is None:
            raise ValueError(f"no provider {provider!r}: write {{provider: {{setting: value}}}} with one of "
                             f"{', '.join(library.providers)}")  # fmt: skip
        checked[provider] = _parse_values(card, values)
    return checked


def _parse_values(card: Provider, values: Mapping[str, Any]) -> dict[str, Any]:
    """The settings of one provider, by the names that it knows them by."""
    checked: dict[str, Any] = {}
    for spelling, value in values.items():
        setting = card.settings_by_spelling.get(spelling)
        if setting is None:
            known = ", ".join(sorted(each.shown_name for each in card.settings.values()))
            raise ValueError(f"{card.name} has no setting {spelling!r}: use one of {known}")
        if setting.name in checked:
            both = f"{setting.shown_name} and {setting.name}"
            raise ValueError(f"{card.name}: {both} are two spellings of one setting: write only one of them")
        problem = setting.problem(value)
        if problem:
            raise ValueError(f"{card.name}.{spelling} can not be {wire.encode(value).decode()}: {problem}")
        checked[setting.name] = value
    return checked

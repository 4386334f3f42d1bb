"""Checks settings before a sandbox takes them over."""

from collections.abc import Mapping
from typing import Any

from emulator.core.library import Library
from emulator.core.redaction import is_secret, quote, quote_text


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
            known = ", ".join(library.providers)
            raise ValueError(
                f"no provider {quote_text(provider)!r}: write {{provider: {{setting: value}}}} with one of {known}"
            )
        checked[provider] = {}
        for name, value in values.items():
            setting = card.settings.get(name)
            if setting is None:
                raise ValueError(
                    f"{provider} has no setting {quote_text(name)!r}: use one of {', '.join(sorted(card.settings))}"
                )
            problem = setting.problem(value)
            if problem:
                shown = "what was given" if is_secret(name) else quote(value)
                raise ValueError(f"{provider}.{name} can not be {shown}: {problem}")
            checked[provider][name] = value
    return checked

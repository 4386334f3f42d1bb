"""Checks settings before a sandbox takes them over."""

from collections.abc import Mapping
from typing import Any

from emulator.core.library import Library
from emulator.core.redaction import is_secret, quote, quote_text
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
            raise ValueError(f"no provider {quote_text(provider)!r}: {good}, as {{provider: {{setting: value}}}}")
        checked[provider] = {}
        for name, value in values.items():
            setting = card.settings.get(name)
            if setting is None:
                good = use_one_of(name, sorted(card.settings))
                raise ValueError(f"{provider} has no setting {quote_text(name)!r}: {good}")
            problem = setting.problem(value)
            if problem:
                raise ValueError(f"{provider}.{name} can not be {_shown(name, value)}: {problem}")
            checked[provider][name] = value
    return checked


def _shown(name: str, value: Any) -> str:
    """A value that was refused; what is secret, or long as a private key in the wrong place is, is not shown."""
    if is_secret(name):
        return "what was given"
    long = isinstance(value, str) and len(value) > LONGEST_SHOWN
    return f"this text of {len(value)} characters" if long else quote(value)

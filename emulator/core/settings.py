"""Checks settings before they are stored in a sandbox."""

from collections.abc import Collection, Mapping
from typing import Any

from emulator.contract.card import Provider
from emulator.core.library import Library
from emulator.core.problems import setting_problem
from emulator.core.redaction import cut_safely, is_secret, shown_safely
from emulator.core.suggestion import use_one_of
from emulator.core.wording import LONGEST_SHOWN

_NOTHING: Mapping[str, Any] = {}


def read_settings(
    library: Library, changed: Mapping[str, Any], kept: Mapping[str, Mapping[str, Any]] = _NOTHING
) -> dict[str, dict[str, Any]]:
    """Checked settings by provider, under their own names; they may be given in any of their spellings.

    `kept`: the settings of each provider that already differ from the defaults. Raises ValueError, which says which
    names or values are possible.
    """
    checked: dict[str, dict[str, Any]] = {}
    if not isinstance(changed, Mapping):
        raise ValueError("settings are an object, like {provider: {setting: value}}")
    for provider, values in changed.items():
        card = library.providers.get(provider)
        if card is not None and not isinstance(values, Mapping):
            raise ValueError(f"the settings of {provider} are an object, like {{{provider}: {{setting: value}}}}")
        if card is None:
            good = use_one_of(provider, list(library.providers))
            raise ValueError(f"no provider {cut_safely(provider)!r}: {good}, like {{provider: {{setting: value}}}}")
        checked[provider] = _read_values(card, values)
        _require_fitting(card, {**kept.get(provider, _NOTHING), **checked[provider]})
    return checked


def require_scenarios(library: Library, changed: Mapping[str, Mapping[str, Any]], own: Collection[str] = ()) -> None:
    """Raises ValueError for checked settings that refer to a scenario that is neither shipped nor one of `own`, which
    are written `provider/scenario`."""
    for provider, values in changed.items():
        settings = library.providers[provider].settings
        for name, value in values.items():
            for pointer, wanted in settings[name].scenarios(value):
                if wanted not in library.shipped[provider].by_name and f"{provider}/{wanted}" not in own:
                    good = use_one_of(wanted, sorted(library.shipped[provider].by_name))
                    raise ValueError(f"{provider}.{name}: {pointer}: no scenario {cut_safely(wanted)!r}: {good}")


def _read_values(card: Provider, values: Mapping[str, Any]) -> dict[str, Any]:
    """The checked settings of one provider, under their own names."""
    checked: dict[str, Any] = {}
    for spelling, value in values.items():
        setting = card.settings_by_spelling.get(spelling)
        if setting is None:
            good = use_one_of(spelling, sorted(card.settings))
            raise ValueError(f"{card.name} has no setting {cut_safely(spelling)!r}: {good}")
        if setting.name in checked:
            both = " and ".join(each for each in setting.spellings if each in values)
            raise ValueError(f"{card.name}: {both} are two spellings of one setting: write only one of them")
        value = setting.read(value)
        problem = setting_problem(setting, value)
        if problem:
            raise ValueError(f"{card.name}.{spelling} cannot be {_shown_value(spelling, value)}: {problem}")
        checked[setting.name] = value
    return checked


def _require_fitting(card: Provider, changed: Mapping[str, Any]) -> None:
    """Raises ValueError if settings of a provider do not go together."""
    merged = {name: changed.get(name, setting.default) for name, setting in card.settings.items()}
    for name, setting in card.settings.items():
        problem = setting.beside(merged[name], merged)
        if problem:
            raise ValueError(f"{card.name}.{name}: {problem}")


def _shown_value(name: str, value: Any) -> str:
    """A refused value for a message. Not shown: secrets, long texts, such as a private key in the wrong place, and
    objects and lists, because the problem names the place in them."""
    if is_secret(name) or isinstance(value, (dict, list)):
        return "what was given"
    long = isinstance(value, str) and len(value) > LONGEST_SHOWN
    return f"this text of {len(value)} characters" if long else shown_safely(value)

"""The library that an emulator works with: its providers, and their scenarios."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from emulator.contract.card import Provider
from emulator.core.library import Library
from emulator.core.settings import require_scenarios
from emulator.files import shipped
from emulator.files.scenario_folders import ScenarioFolders
from emulator.providers import LateProviders, load_all, load_outlines


def load_providers(known: Path | None = None) -> Mapping[str, Provider]:
    """All providers, with what the file `known` confirms or corrects. Raises BrokenFiles."""
    if known is None:
        return LateProviders()
    from emulator.files.facts_file import read_facts

    return read_facts(known, load_all())


def load_library(scenarios: Path | None = None, known: Path | None = None) -> tuple[Library, ScenarioFolders]:
    """The providers with their scenarios; `known`: as for `load_providers`. Raises BrokenFiles, and ValueError for a
    corrected setting that names a scenario that does not exist."""
    providers, outlines = load_providers(known), load_outlines() if known is None else None
    library = Library(providers, shipped.scenario_schema(providers), outlines)
    own = shipped.folder("scenarios")
    folders = ScenarioFolders(library, [own, *([scenarios] if scenarios else [])])
    folders.load(judged=own)
    if known is not None:
        require_scenarios(library, _corrected_settings(library))
    return library, folders


def _corrected_settings(library: Library) -> dict[str, dict[str, Any]]:
    return {
        name: {each.name: each.default for each in card.settings.values() if each.known_from}
        for name, card in library.providers.items()
    }

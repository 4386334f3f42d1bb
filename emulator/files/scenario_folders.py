"""Scenario files: loading, checking, and picking up edits while the emulator runs."""

import logging
import re
from collections.abc import Iterable, Mapping
from functools import partial
from pathlib import Path
from typing import Any

from emulator.core.library import Library
from emulator.core.names import LONGEST_NAME, NAME
from emulator.core.problems import Problem
from emulator.core.scenario import BrokenScenario, Scenario, ScenarioSet
from emulator.core.suggestion import use_one_of
from emulator.files import shipped
from emulator.files.yaml_file import BrokenFiles, FileProblem, read_yaml_file

log = logging.getLogger("emulator")


def read_scenario_file(library: Library, path: Path, *, new: bool = True) -> Scenario:
    """The scenario in a file. `new`: also check its conditions against the provider's schemas, which take a while to
    load. Raises BrokenFiles with everything that is wrong."""
    better = _better_name(path)
    if better is not None:
        wrong = f"rename it to {better}: use lower-case letters, digits and dashes, and the ending .yaml"
        raise BrokenFiles([FileProblem(path, wrong)])
    file = read_yaml_file(path)
    try:
        return _read_document(library, path, file.document, new=new)
    except BrokenScenario as error:
        raise BrokenFiles(file.problem(each.path, each.message) for each in error.problems) from error


def _read_document(library: Library, path: Path, document: Any, *, new: bool) -> Scenario:
    if not isinstance(document, dict):
        raise BrokenScenario(library.problems(document))
    provider = path.parent.name if path.parent.name in library.providers else document.get("provider")
    if not isinstance(provider, str) or provider not in library.providers:
        good = use_one_of(provider, list(library.providers))
        raise BrokenScenario([Problem(("provider",), f"`provider` must be the name of a provider: {good}")])
    read = library.read_new_scenario if new else library.read_scenario
    return read(provider, path.stem, document)


def _better_name(path: Path) -> str | None:
    """A valid name for a file whose name no scenario can have; None if its name is valid."""
    if path.suffix == ".yaml" and NAME.fullmatch(path.stem):
        return None
    plain = re.sub(r"[^a-z0-9]+", "-", path.stem.lower()).strip("-")[:LONGEST_NAME].strip("-")
    return f"{plain or 'scenario'}.yaml"


class ScenarioFolders:
    """The folders with a library's scenarios; those in later folders replace those of the same name in earlier ones."""

    def __init__(self, library: Library, roots: Iterable[Path]) -> None:
        self._library = library
        self._roots = tuple(roots)
        self._seen: dict[Path, tuple[int, int]] = {}

    def load(self, judged: Path | None = None) -> None:
        """Loads the scenarios into the library. Raises BrokenFiles, and then leaves the library as it was. `judged`: a
        folder of files that are known to be valid, such as the shipped ones, which the tests check. They are read when
        their provider is first used, which raises BrokenFiles if they are broken after all."""
        self._seen = self._look()
        providers = self._library.providers
        later: dict[str, list[Path]] = {name: [] for name in providers}
        now: list[Path] = []
        for path in self._seen:
            known = judged in path.parents and path.parent.name in providers
            (later[path.parent.name] if known else now).append(path)
        loaded = self._read(now, new=True)
        for name, paths in later.items():
            scenarios = {scenario.name: scenario for scenario in loaded if scenario.provider == name}
            held = self._library.shipped[name]
            if paths:
                self._library.shipped[name] = ScenarioSet(partial(self._read_with, paths, scenarios))
            elif not held.is_loaded or _documents(held.by_name) != _documents(scenarios):
                self._library.shipped[name] = ScenarioSet(scenarios.values())

    def _read_with(self, paths: list[Path], others: Mapping[str, Scenario]) -> Iterable[Scenario]:
        """The scenarios in these files, with `others` in place of those with the same names."""
        return {**{each.name: each for each in self._read(paths, new=False)}, **others}.values()

    def _read(self, paths: list[Path], *, new: bool) -> list[Scenario]:
        scenarios: list[Scenario] = []
        problems: list[FileProblem] = []
        for path in paths:
            try:
                scenarios.append(read_scenario_file(self._library, path, new=new))
            except BrokenFiles as error:
                problems += error.problems
        if problems:
            raise BrokenFiles(problems)
        return scenarios

    def reload_if_edited(self) -> bool:
        """Reloads everything if a file was added, edited or removed; keeps the old scenarios if one is broken. Returns
        whether it has reloaded."""
        try:
            if self._look() == self._seen:
                return False
            self.load()
        except (BrokenFiles, OSError) as error:
            log.error("scenario files are broken; the last good ones stay in force:\n%s", error)
            return False
        log.info("scenario files were reloaded")
        return True

    def _look(self) -> dict[Path, tuple[int, int]]:
        looks: dict[Path, tuple[int, int]] = {}
        for root in self._roots:
            for path in shipped.scenario_paths(root):
                try:
                    stat = path.stat()
                except OSError:  # just removed, or a broken link
                    continue
                looks[path] = (stat.st_mtime_ns, stat.st_size)
        return looks


def _documents(scenarios: Mapping[str, Scenario]) -> dict[str, Any]:
    return {name: scenario.document for name, scenario in scenarios.items()}

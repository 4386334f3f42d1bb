"""Scenario files: loading, checking, and picking up edits while the emulator runs."""

import logging
import re
from collections.abc import Iterable, Mapping
from functools import partial
from pathlib import Path
from typing import Any

from msgspec import Struct

from emulator.core.library import Library
from emulator.core.scenario import LONGEST_NAME, NAME, BrokenScenario, Scenario
from emulator.core.scenario_set import ScenarioSet
from emulator.core.scenario_words import Problem
from emulator.core.suggestion import use_one_of
from emulator.files import shipped

log = logging.getLogger("emulator")


class FileProblem(Struct, frozen=True):
    """Why a file is refused, and where."""

    path: Path
    message: str
    line: int = 1
    column: int = 1

    def __str__(self) -> str:
        return f"{self.path}:{self.line}:{self.column}: {self.message}"


class BrokenFiles(ValueError):
    """At least one file is refused; the message has all problems."""

    def __init__(self, problems: Iterable[FileProblem]) -> None:
        self.problems = tuple(problems)
        super().__init__("\n".join(map(str, self.problems)))


def check_file(library: Library, path: Path, *, new: bool = True) -> tuple[Scenario | None, list[FileProblem]]:
    """The scenario in a file, or everything that is wrong with it. `new`: also check its conditions against the
    provider's schemas, which take a while to load."""
    from emulator.files import yaml_text
    from emulator.files.yaml_mistakes import UnreadableFile

    better = _better_name(path)
    if better is not None:
        told = f"rename it to {better}: use lower-case letters, digits and dashes, and the ending .yaml"
        return None, [FileProblem(path, told)]
    try:
        with path.open("rb") as file:
            text = yaml_text.read_text(file.read(yaml_text.MAX_SCENARIO_BYTES + 1))
        document = yaml_text.read_yaml(text)
    except OSError as error:
        return None, [FileProblem(path, f"cannot be read: {error.strerror}")]
    except UnreadableFile as error:
        return None, [FileProblem(path, str(error), error.line, error.column)]
    named = document.get("provider") if isinstance(document, dict) else None
    provider = path.parent.name if path.parent.name in library.providers else named
    try:
        if not isinstance(document, dict):
            raise BrokenScenario(library.problems(document))
        if not isinstance(provider, str) or provider not in library.providers:
            good = use_one_of(provider, list(library.providers))
            raise BrokenScenario([Problem(("provider",), f"`provider` must be the name of a provider: {good}")])
        parse = library.parse_new if new else library.parse
        return parse(provider, path.stem, document), []
    except BrokenScenario as error:
        return None, [
            FileProblem(path, problem.message, *yaml_text.place_of(text, problem.path)) for problem in error.problems
        ]


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
            scenario, found = check_file(self._library, path, new=new)
            problems += found
            if scenario is not None:
                scenarios.append(scenario)
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

"""Scenario files: loading, checking, and picking up edits while the server runs."""

import logging
import re
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

from emulator.core.library import Library
from emulator.core.scenario import LONGEST_NAME, NAME, BrokenScenario, Scenario, ScenarioSet
from emulator.core.scenario_words import Problem
from emulator.core.suggestion import use_one_of
from emulator.files import shipped
from emulator.files.yaml_mistakes import UnreadableFile

log = logging.getLogger("emulator")


@dataclass(frozen=True, slots=True)
class FileProblem:
    """Why a scenario file is refused."""

    path: Path
    message: str
    line: int = 1
    column: int = 1

    def __str__(self) -> str:
        return f"{self.path}:{self.line}:{self.column}: {self.message}"


class BrokenFiles(ValueError):
    """At least one scenario file is refused."""

    def __init__(self, problems: Iterable[FileProblem]) -> None:
        self.problems = tuple(problems)
        super().__init__("\n".join(map(str, self.problems)))


def check_file(library: Library, path: Path, *, new: bool = True) -> tuple[Scenario | None, list[FileProblem]]:
    """The scenario in a file, or everything that is wrong with it. `new`: its conditions are held to the provider's
    schemas as well, which takes a while to load."""
    better = _better_name(path)
    if better is not None:
        told = f"rename it to {better}: the name of a scenario is small letters, digits and dashes, and ends in .yaml"
        return None, [FileProblem(path, told)]
    try:
        with path.open("rb") as file:
            text = shipped.read_text(file.read(shipped.MAX_SCENARIO_BYTES + 1))
        document = shipped.read_yaml(text)
    except OSError as error:
        return None, [FileProblem(path, f"can not be read: {error.strerror}")]
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
            FileProblem(path, problem.message, *shipped.place_of(text, problem.path)) for problem in error.problems
        ]


def _better_name(path: Path) -> str | None:
    """What a file should be called whose name can not be that of a scenario; None if it is good."""
    if path.suffix == ".yaml" and NAME.fullmatch(path.stem):
        return None
    plain = re.sub(r"[^a-z0-9]+", "-", path.stem.lower()).strip("-")[:LONGEST_NAME].strip("-")
    return f"{plain or 'scenario'}.yaml"


class ScenarioFolders:
    """The folders whose scenarios a library ships; a later folder's scenario replaces an earlier one's of that name."""

    def __init__(self, library: Library, roots: Iterable[Path]) -> None:
        self._library = library
        self._roots = tuple(roots)
        self._seen: dict[Path, tuple[int, int]] = {}

    def load(self, judged: Path | None = None) -> None:
        """Reads everything. Raises BrokenFiles, and leaves the library as it was. `judged`: a folder whose conditions
        are known to be possible, as the tests of the project hold for its own."""
        self._seen = self._look()
        loaded: dict[tuple[str, str], Scenario] = {}
        problems: list[FileProblem] = []
        for path in self._seen:
            scenario, found = check_file(self._library, path, new=judged not in path.parents)
            problems += found
            if scenario is not None:
                loaded[scenario.provider, scenario.name] = scenario
        if problems:
            raise BrokenFiles(problems)
        for provider in self._library.providers:
            held = self._library.shipped[provider].by_name
            now = {name: scenario for (owner, name), scenario in loaded.items() if owner == provider}
            if {name: scenario.document for name, scenario in held.items()} != {
                name: scenario.document for name, scenario in now.items()
            }:
                self._library.shipped[provider] = ScenarioSet(now.values())

    def reload_if_edited(self) -> bool:
        """Reads everything again if a file was added, edited or removed; keeps what was there if one is broken."""
        try:
            if self._look() == self._seen:
                return False
            self.load()
        except (BrokenFiles, OSError) as error:
            log.error("scenario files are broken, the last good ones stay:\n%s", error)
            return False
        log.info("scenario files were read again")
        return True

    def _look(self) -> dict[Path, tuple[int, int]]:
        looks: dict[Path, tuple[int, int]] = {}
        for root in self._roots:
            for path in shipped.scenario_paths(root):
                try:
                    stat = path.stat()
                except OSError:  # gone meanwhile, or a link to nowhere
                    continue
                looks[path] = (stat.st_mtime_ns, stat.st_size)
        return looks

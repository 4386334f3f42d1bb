"""Scenario files: loading, checking, and picking up edits while the server runs."""

import logging
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

from emulator import files
from emulator.core.library import Library
from emulator.core.scenario import BrokenScenario, Problem, Scenario, ScenarioSet

log = logging.getLogger("emulator")


@dataclass(frozen=True, slots=True)
class FileProblem:
    """Why a scenario file is refused."""

    path: Path
    line: int
    message: str

    def __str__(self) -> str:
        return f"{self.path}:{self.line}: {self.message}"


class BrokenFiles(ValueError):
    """At least one scenario file is refused."""

    def __init__(self, problems: Iterable[FileProblem]) -> None:
        self.problems = tuple(problems)
        super().__init__("\n".join(map(str, self.problems)))


def check_file(library: Library, path: Path) -> tuple[Scenario | None, list[FileProblem]]:
    """The scenario in a file, or everything that is wrong with it."""
    try:
        with path.open("rb") as file:
            text = file.read(files.MAX_SCENARIO_BYTES + 1).decode("utf-8")
        document = files.read_yaml(text)
    except (OSError, UnicodeDecodeError) as error:
        return None, [FileProblem(path, 1, f"can not be read: {error}")]
    except files.UnreadableFile as error:
        return None, [FileProblem(path, error.line, str(error))]
    named = document.get("provider") if isinstance(document, dict) else None
    provider = path.parent.name if path.parent.name in library.providers else named
    if not isinstance(provider, str) or provider not in library.providers:
        known = ", ".join(library.providers)
        problem = Problem(("provider",), f"provider must be one of {known}, and the folder bear the same name")
        return None, [FileProblem(path, files.line_of(text, problem.path), problem.message)]
    try:
        return library.parse(provider, path.stem, document), []
    except BrokenScenario as error:
        return None, [
            FileProblem(path, files.line_of(text, problem.path), problem.message) for problem in error.problems
        ]


class ScenarioFolders:
    """The folders whose scenarios a library ships; a later folder's scenario replaces an earlier one's of that name."""

    def __init__(self, library: Library, roots: Iterable[Path]) -> None:
        self._library = library
        self._roots = tuple(roots)
        self._seen: dict[Path, tuple[int, int]] = {}

    def load(self) -> None:
        """Reads everything. Raises BrokenFiles, and leaves the library as it was."""
        self._seen = self._look()
        loaded: dict[tuple[str, str], Scenario] = {}
        problems: list[FileProblem] = []
        for path in self._seen:
            scenario, found = check_file(self._library, path)
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
            for path in files.scenario_paths(root):
                try:
                    stat = path.stat()
                except OSError:  # gone meanwhile, or a link to nowhere
                    continue
                looks[path] = (stat.st_mtime_ns, stat.st_size)
        return looks

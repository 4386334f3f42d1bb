"""A file of the user's own with what is known of the providers: confirmed, or corrected."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from emulator.contract.card import Provider
from emulator.core.known import BrokenFacts, correct_all
from emulator.files.scenario_folders import BrokenFiles, FileProblem


def read_known(path: Path, providers: Mapping[str, Provider]) -> dict[str, Provider]:
    """The providers with what the file says of them. Raises BrokenFiles with everything that is wrong."""
    corrected, problems = check_known(path, providers)
    if problems:
        raise BrokenFiles(problems)
    return corrected


def check_known(path: Path, providers: Mapping[str, Provider]) -> tuple[dict[str, Provider], list[FileProblem]]:
    """The providers with what the file says of them, or everything that is wrong with it."""
    from emulator.files import yaml_text

    text, document, problems = _read(path)
    if problems:
        return {}, problems
    try:
        return correct_all(providers, document), []
    except BrokenFacts as error:
        return {}, [FileProblem(path, each.message, *yaml_text.place_of(text, each.path)) for each in error.problems]


def is_known_file(path: Path, providers: Mapping[str, Provider]) -> bool:
    """Whether a file is such a one rather than a scenario: it has providers at its top, or is called `known.yaml`."""
    if path.stem == "known":
        return True
    _, document, _ = _read(path)
    return isinstance(document, dict) and any(name in document for name in providers)


def _read(path: Path) -> tuple[str, Any, list[FileProblem]]:
    """Text and value of a YAML file, or why it cannot be read."""
    from emulator.files import yaml_text
    from emulator.files.yaml_mistakes import UnreadableFile

    try:
        with path.open("rb") as file:
            text = yaml_text.read_text(file.read(yaml_text.MAX_SCENARIO_BYTES + 1))
        return text, yaml_text.read_yaml(text), []
    except OSError as error:
        return "", None, [FileProblem(path, f"cannot be read: {error.strerror}")]
    except UnreadableFile as error:
        return "", None, [FileProblem(path, str(error), error.line, error.column)]

"""A file that users write, in YAML or JSON: reading it, and naming the line of what is wrong in it."""

from collections.abc import Iterable
from pathlib import Path
from typing import Any

from msgspec import Struct

from emulator.contract.schemas import ValuePath


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


class YamlFile(Struct, frozen=True):
    """A file that can be read, with the value of its document."""

    path: Path
    text: str
    document: Any

    def problem(self, place: ValuePath, message: str) -> FileProblem:
        """What is wrong at a place in the document."""
        from emulator.files.yaml_text import find_position

        return FileProblem(self.path, message, *find_position(self.text, place))


def read_yaml_file(path: Path, shorter: str = "") -> YamlFile:
    """Reads a file. `shorter`: what to do if it is too long. Raises BrokenFiles if it cannot be read."""
    from emulator.files import yaml_text
    from emulator.files.yaml_mistakes import UnreadableFile

    try:
        with path.open("rb") as file:
            text = yaml_text.read_text(file.read(yaml_text.MAX_FILE_BYTES + 1))
        return YamlFile(path, text, yaml_text.read_yaml(text, shorter))
    except OSError as error:
        raise BrokenFiles([FileProblem(path, f"cannot be read: {error.strerror}")]) from error
    except UnreadableFile as error:
        raise BrokenFiles([FileProblem(path, str(error), error.line, error.column)]) from error

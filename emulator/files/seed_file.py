"""Seed files, which say what sandboxes begin with. Reads and checks them; `emulator.web.seeding` applies them."""

from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

from msgspec import Struct

from emulator.contract.schemas import ValuePath, Violation
from emulator.core.json_text import decode, plain
from emulator.core.schema import Schema
from emulator.core.suggestion import use_one_of
from emulator.core.wording import KINDS, cut
from emulator.files import shipped
from emulator.files.yaml_file import BrokenFiles, YamlFile, read_yaml_file


class SeedFile(Struct, frozen=True):
    """A seed file that its schema accepts."""

    file: YamlFile
    sandboxes: Mapping[str, Mapping[str, Any]]

    @property
    def path(self) -> Path:
        """Where the file is."""
        return self.file.path

    def broken(self, place: ValuePath, message: str) -> BrokenFiles:
        """The error to raise for a value in it."""
        return BrokenFiles([self.file.problem(place, message)])


def read_seed_file(path: Path) -> SeedFile:
    """Reads a seed file. Raises BrokenFiles if it cannot be read, or breaks the schema."""
    file = read_yaml_file(path, "`times` makes many orders of one")
    schema = Schema(plain(decode(shipped.seed_schema_path().read_bytes())))
    problems = [
        file.problem(place, message) for place, message in _told(schema.violations(file.document), schema.document)
    ]
    if problems:
        raise BrokenFiles(problems)
    return SeedFile(file, {name: wanted or {} for name, wanted in file.document["sandboxes"].items()})


def is_seed_file(path: Path) -> bool:
    """Whether a file looks like a seed file rather than a scenario: it has a key `sandboxes`."""
    try:
        return any(line.startswith(("sandboxes:", '"sandboxes"')) for line in path.read_text("utf-8").splitlines())
    except (OSError, ValueError):
        return False


def _told(violations: Sequence[Violation], schema: Mapping[str, Any]) -> Iterator[tuple[ValuePath, str]]:
    """What is wrong in words, at the keys that have to change."""
    misspelt = {violation.path for violation in violations if violation.unexpected}
    for violation in violations:
        if violation.keyword == "propertyNames":
            for name in violation.unexpected:
                wrong = f"{cut(name)!r} cannot be a name: use lower-case letters, digits and dashes"
                yield (*violation.path, name), wrong
        elif violation.unexpected:
            known = list(_at(schema, violation.path).get("properties", ()))
            for name in violation.unexpected:
                yield (*violation.path, name), f"unknown name {cut(name)!r}: {use_one_of(name, known)}"
        elif violation.keyword == "oneOf":
            if violation.path not in misspelt:
                yield violation.path, "write one of `do` (an event), `to` (a status) or `wait` (a duration)"
        else:
            said = violation.message.replace(KINDS["object"], "a mapping")
            last = next((f"`{part}`: " for part in reversed(violation.path) if isinstance(part, str)), "")
            yield violation.path, f"{last}{said}"


def _at(schema: Any, path: ValuePath) -> Mapping[str, Any]:
    """The schema of the value at a place; empty if the schema does not spell out the path."""
    for part in path:
        others = schema.get("additionalProperties")
        schema = schema.get("items") if isinstance(part, int) else schema.get("properties", {}).get(part, others)
        if not isinstance(schema, Mapping):
            return {}
    return schema  # type: ignore[no-any-return]

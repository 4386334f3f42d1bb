"""Where schemas and scenarios lie, and how they are read: beside the package in a checkout, inside it in a wheel."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import yaml

from emulator.core import wire

_PACKAGE = Path(__file__).parent


def folder(name: str) -> Path:
    """The folder `schemas` or `scenarios`."""
    inside = _PACKAGE / name
    return inside if inside.is_dir() else _PACKAGE.parent / name


def load_schemas(provider: str) -> dict[str, dict[str, Any]]:
    """The JSON Schemas of a provider, by file name without `.json`."""
    paths = sorted((folder("schemas") / provider).glob("*.json"))
    return {path.name.removesuffix(".json"): wire.decode(path.read_bytes()) for path in paths}


def scenario_schema() -> dict[str, Any]:
    """The JSON Schema of scenario files."""
    document: dict[str, Any] = wire.decode((folder("schemas") / "scenario.schema.json").read_bytes())
    return document


def scenario_paths(root: Path) -> Iterator[Path]:
    """The scenario files below a folder, in a fixed order; hidden files are none."""
    yield from sorted(path for path in root.rglob("*.y*ml") if not path.name.startswith("."))


class _Loader(yaml.CSafeLoader if yaml.__with_libyaml__ else yaml.SafeLoader):  # type: ignore[misc]
    """YAML with numbers as they are written and dates as text."""


_Loader.add_constructor("tag:yaml.org,2002:float", lambda loader, node: _read_float(node.value))
_Loader.add_constructor("tag:yaml.org,2002:timestamp", lambda loader, node: node.value)


def _read_float(literal: str) -> Any:
    try:
        return wire.read_number(literal.replace("_", ""))
    except wire.MalformedJson:
        return literal


class UnreadableFile(ValueError):
    """The file is not YAML; `line` counts from 1."""

    def __init__(self, message: str, line: int) -> None:
        super().__init__(message)
        self.line = line


def read_yaml(text: str | bytes) -> Any:
    """The value of a YAML (or JSON) document. Raises UnreadableFile."""
    try:
        return yaml.load(text, _Loader)  # noqa: S506  a safe loader
    except yaml.MarkedYAMLError as error:
        mark = error.problem_mark or error.context_mark
        raise UnreadableFile(f"not YAML: {error.problem}", mark.line + 1 if mark else 1) from error
    except (yaml.YAMLError, UnicodeDecodeError, RecursionError, ValueError) as error:
        raise UnreadableFile(f"not YAML: {error}", 1) from error


def line_of(text: str, path: tuple[str | int, ...]) -> int:
    """The line, counted from 1, at which the value at `path` of a YAML document stands, or the nearest one above."""
    node = yaml.compose(text, Loader=yaml.SafeLoader)
    if node is None:
        return 1
    line = node.start_mark.line + 1
    for part in path:
        if isinstance(node, yaml.MappingNode):
            found = next(((key, value) for key, value in node.value if key.value == str(part)), None)
            if found is None:
                return line
            line, node = found[0].start_mark.line + 1, found[1]
        elif isinstance(node, yaml.SequenceNode) and isinstance(part, int) and part < len(node.value):
            node = node.value[part]
            line = node.start_mark.line + 1
        else:
            return line
    return line

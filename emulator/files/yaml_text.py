"""Reads YAML and JSON texts. Import this module only when one is read, because the library takes long to load."""

import contextlib
import re
from collections.abc import Callable
from typing import Any, ClassVar

import yaml

from emulator.contract.schemas import ValuePath
from emulator.core import json_text
from emulator.core.scenario_problems import MAX_VALUES
from emulator.files.yaml_mistakes import MAX_YAML_DEPTH, TOO_DEEP, UnreadableFile, explain

MAX_FILE_BYTES = 64 * 1024
"""The size limit of a file; the longest shipped scenario has about 1100 bytes."""


class _Loader(yaml.CSafeLoader if yaml.__with_libyaml__ else yaml.SafeLoader):  # type: ignore[misc]
    """YAML with the meaning that the text has in JSON: numbers are kept as written; `on`, `no` and dates are text.

    What JSON cannot express is refused: tags, aliases, keys that are lists, repeated keys.
    """

    yaml_implicit_resolvers: ClassVar[dict[str, Any]] = {}
    yaml_constructors: ClassVar[dict[Any, Any]] = {}


def _read_mapping(loader: _Loader, node: yaml.MappingNode) -> dict[str, Any]:
    members: dict[str, Any] = {}
    for key, value in node.value:
        mark = key.start_mark
        if not isinstance(key, yaml.ScalarNode):
            raise UnreadableFile("a key must be text", mark.line + 1, mark.column + 1)
        if key.value in members:
            first = next(each.start_mark.line + 1 for each, _ in node.value if each.value == key.value)
            said = f"the key {key.value!r} appears twice, first in line {first}"
            raise UnreadableFile(said, mark.line + 1, mark.column + 1)
        members[key.value] = loader.construct_object(value, deep=True)
    return members


def _read_number(loader: _Loader, node: yaml.ScalarNode) -> Any:
    try:
        return json_text.decode(node.value)
    except json_text.MalformedJson as error:
        mark = node.start_mark
        raise UnreadableFile("the number is out of range", mark.line + 1, mark.column + 1) from error


_CONSTRUCTORS: dict[str, Callable[[_Loader, Any], Any]] = {
    "null": lambda loader, node: None,
    "bool": lambda loader, node: node.value.lower() == "true",
    "int": _read_number,
    "float": _read_number,
    "str": lambda loader, node: loader.construct_scalar(node),
    "seq": lambda loader, node: [loader.construct_object(item, deep=True) for item in node.value],
    "map": _read_mapping,
}
_RESOLVERS = (
    ("null", r"~|null|Null|NULL|", ("~", "n", "N", "")),
    ("bool", r"true|True|TRUE|false|False|FALSE", tuple("tTfF")),
    ("int", r"-?(?:0|[1-9][0-9]*)", tuple("-0123456789")),
    ("float", r"-?(?:0|[1-9][0-9]*)(?:\.[0-9]+)?(?:[eE][-+]?[0-9]+)?", tuple("-0123456789")),
)
for _name, _constructor in _CONSTRUCTORS.items():
    _Loader.add_constructor(f"tag:yaml.org,2002:{_name}", _constructor)
for _name, _pattern, _first in _RESOLVERS:
    _Loader.add_implicit_resolver(f"tag:yaml.org,2002:{_name}", re.compile(rf"^(?:{_pattern})$"), list(_first))


_SPLIT = "make several scenarios of it"


def read_yaml(text: str, shorter: str = "") -> Any:
    """The value of a YAML or JSON document, with JSON's types only. `shorter`: what to do about one that is too long;
    empty: what to do about a scenario. Raises UnreadableFile."""
    shorter = shorter or _SPLIT
    if len(text.encode("utf-8", "surrogatepass")) > MAX_FILE_BYTES:
        raise UnreadableFile(f"longer than {MAX_FILE_BYTES} bytes: {shorter}", 1)
    if text.lstrip()[:1] in ("{", "["):
        with contextlib.suppress(json_text.MalformedJson):
            return json_text.decode(text)
    try:
        if _may_be_tangled(text):
            _refuse_tangles(text, shorter)
        return yaml.load(text, _Loader)  # noqa: S506  a safe loader
    except UnreadableFile:
        raise
    except (yaml.YAMLError, ValueError) as error:
        raise explain(text, error) from error


def _may_be_tangled(text: str) -> bool:
    """Whether a text may have what `_refuse_tangles` looks for: tags, aliases, or many characters that open a level."""
    return "!" in text or "*" in text or sum(map(text.count, "[{:-?")) > MAX_YAML_DEPTH


def _refuse_tangles(text: str, shorter: str) -> None:
    """Refuses tags and aliases, which JSON cannot express, and texts that are nested too deeply or too big."""
    depth = count = 0
    for event in yaml.parse(text, Loader=_Loader):
        count += isinstance(event, yaml.NodeEvent)
        if isinstance(event, yaml.CollectionStartEvent):
            depth += 1
        elif isinstance(event, yaml.CollectionEndEvent):
            depth -= 1
        problem = None
        if depth > MAX_YAML_DEPTH:
            problem = TOO_DEEP
        elif count > 2 * MAX_VALUES:  # keys are nodes, too
            problem = f"more than {MAX_VALUES} values: {shorter}"
        elif isinstance(event, yaml.AliasEvent):
            problem = f"write out what *{event.anchor} stands for"
        elif isinstance(event, (yaml.ScalarEvent, yaml.CollectionStartEvent)) and event.tag is not None:
            problem = f"leave out the tag {event.tag}"
        if problem:
            raise UnreadableFile(problem, event.start_mark.line + 1 if event.start_mark else 1)


def find_position(text: str, path: ValuePath) -> tuple[int, int]:
    """Line and column, from 1, of the key or item at `path` in a YAML document, or of the nearest one above it."""
    try:
        node = yaml.compose(_without_tabs(text), Loader=_Loader)
    except (yaml.YAMLError, ValueError):
        return 1, 1
    if node is None:
        return 1, 1
    mark = node.start_mark
    for part in path:
        if isinstance(node, yaml.MappingNode):
            found = next(((key, value) for key, value in node.value if key.value == str(part)), None)
            if found is None:
                break
            mark, node = found[0].start_mark, found[1]
        elif isinstance(node, yaml.SequenceNode) and isinstance(part, int) and part < len(node.value):
            node = node.value[part]
            mark = node.start_mark
        else:
            break
    return mark.line + 1, mark.column + 1


def _without_tabs(text: str) -> str:
    """A JSON text without the tabs between its tokens, which YAML does not allow; any other text as it is."""
    return text.replace("\t", " ") if text.lstrip()[:1] in ("{", "[") else text


_BYTE_ORDERS = ((b"\xff\xfe", "UTF-16"), (b"\xfe\xff", "UTF-16"), (b"\xef\xbb\xbf", ""))


def read_text(octets: bytes) -> str:
    """The text of a file, without the byte order mark that some editors put first. Raises UnreadableFile."""
    for mark, encoding in _BYTE_ORDERS:
        if octets.startswith(mark):
            if encoding:
                raise UnreadableFile(f"the file is {encoding}: save it as UTF-8", 1)
            octets = octets[len(mark) :]
    if b"\x00" in octets[:4]:
        raise UnreadableFile("the file is UTF-16 or binary: save it as UTF-8", 1)
    try:
        return octets.decode()
    except UnicodeDecodeError as error:
        line_start = octets.rfind(b"\n", 0, error.start) + 1
        line, column = octets.count(b"\n", 0, error.start) + 1, error.start - line_start + 1
        what = "the file is binary" if b"\x00" in octets else "the file is not UTF-8: save it as UTF-8"
        raise UnreadableFile(what, line, column) from error

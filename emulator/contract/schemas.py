"""A provider's JSON Schemas, as its code sees them."""

from collections.abc import Iterable, Iterator, Mapping
from typing import Any, Protocol

from msgspec import Struct

ValuePath = tuple[str | int, ...]
"""The path to a value within a JSON value: the keys and indexes that lead to it, from the top."""


def pointer_to(path: Iterable[str | int]) -> str:
    """The JSON pointer (RFC 6901) for a path, such as `/paymentMethods/0/method`; empty for the whole value."""
    names = (str(part).replace("~", "~0").replace("/", "~1") for part in path)
    return "".join(f"/{name}" for name in names)


class Violation(Struct, frozen=True):
    """A broken rule: where in the value (`path`), which `keyword`, and what it asks for (`expected`)."""

    path: ValuePath
    keyword: str
    expected: Any
    rule: str
    """The broken rule, with its limit, in our words."""
    got: str = ""
    """The value that breaks it, as JSON; empty if that adds nothing."""
    unexpected: tuple[str, ...] = ()
    """Names of members that are not allowed."""
    schema_path: ValuePath = ()
    """The path through the schema to the keyword; a `$ref` on it leads into the schema that it names."""

    @property
    def message(self) -> str:
        """Rule, limit and value, such as `not a number, got "50000"`."""
        return f"{self.rule}, got {self.got}" if self.got else self.rule

    @property
    def pointer(self) -> str:
        """JSON pointer to the value that breaks the rule."""
        return pointer_to(self.path)


class Schema(Protocol):
    """One JSON Schema."""

    document: Mapping[str, Any]

    def __hash__(self) -> int: ...

    def accepts(self, value: Any) -> bool:
        """Whether the value breaks no rule."""

    def violations(self, value: Any) -> list[Violation]:
        """Every broken rule, in the order of the schema's properties; empty if there is none."""

    def nearest(self, value: Any) -> list[Violation]:
        """As `violations`, but for a value that has none of the possible forms, what it lacks of the nearest form."""

    def nodes(self, path: Iterable[str | int]) -> Iterator[Any]:
        """Each schema and keyword on a path through the schema, following references, the outermost first."""


class Schemas(Protocol):
    """Schemas by file name without `.json`."""

    @property
    def documents(self) -> Mapping[str, Mapping[str, Any]]:
        """All schemas as the files have them."""

    def __getitem__(self, name: str) -> Schema:
        """The schema in the file `<name>.json`."""


class _NoSchemas:
    documents: Mapping[str, Mapping[str, Any]] = {}

    def __getitem__(self, name: str) -> Schema:
        raise KeyError(f"there is no schema {name}")


NO_SCHEMAS: Schemas = _NoSchemas()
"""What a card has until it is given its schemas."""

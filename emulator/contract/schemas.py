"""The JSON Schemas of a provider, as its code sees them."""

from collections.abc import Iterable, Iterator, Mapping
from typing import Any, Protocol

from msgspec import Struct


class Violation(Struct, frozen=True):
    """What is wrong: where (`path`), which rule (`keyword`), what it asks for (`expected`)."""

    path: tuple[str | int, ...]
    keyword: str
    expected: Any
    rule: str
    """The rule that is broken, with its limit, in our words."""
    got: str = ""
    """The value that breaks it, as JSON; empty where that says no more."""
    unexpected: tuple[str, ...] = ()
    """Names of members that may not be there."""
    place: tuple[str | int, ...] = ()
    """The way through the schema to the keyword; a `$ref` on it leads on into the schema that it names."""

    @property
    def message(self) -> str:
        """Rule, limit and value: `not a number, got "50000"`."""
        return f"{self.rule}, got {self.got}" if self.got else self.rule

    @property
    def pointer(self) -> str:
        """JSON pointer of the value that breaks the rule, as `/paymentMethods/0/method`."""
        return "".join(f"/{part}" for part in self.path)


class Schema(Protocol):
    """One JSON Schema."""

    document: Mapping[str, Any]

    def __hash__(self) -> int: ...

    def accepts(self, value: Any) -> bool:
        """Whether the value keeps every rule."""

    def violations(self, value: Any) -> list[Violation]:
        """Everything that is wrong, in the order of the schema's properties; empty if nothing is."""

    def nearest(self, value: Any) -> list[Violation]:
        """As `violations`; but where a value has none of the possible forms, what it lacks of the nearest."""

    def nodes(self, place: Iterable[str | int]) -> Iterator[Any]:
        """Each schema and keyword on a way through the schema, references followed, the outermost first."""


class Schemas(Protocol):
    """Schemas by file name without `.json`."""

    @property
    def documents(self) -> Mapping[str, Mapping[str, Any]]:
        """All schemas as they are in the files."""

    def __getitem__(self, name: str) -> Schema:
        """The schema in the file `<name>.json`."""


class _NoSchemas:
    documents: Mapping[str, Mapping[str, Any]] = {}

    def __getitem__(self, name: str) -> Schema:
        raise KeyError(f"there is no schema {name}")


NO_SCHEMAS: Schemas = _NoSchemas()
"""What a card has until its schemas are given to it."""

"""JSON Schema checks. A fast validator decides, and names what is wrong; tests compare it with the reference validator.

Never fetches a schema from a file or over the network.
"""

from collections.abc import Callable, Collection, Iterable, Iterator, Mapping
from functools import cached_property
from typing import Any

from msgspec.structs import replace

from emulator.contract.schemas import Violation
from emulator.core import json_text, wording


def reasons(violations: Iterable[Violation], secrets: Collection[str] = ()) -> str:
    """The true reason of a refusal: pointer and message of each violation; never the values of members in `secrets`."""
    return "; ".join(
        f"{each.pointer or 'the body'}: {each.rule if set(secrets).intersection(each.path) else each.message}"
        for each in violations
    )


class Schema:
    """One JSON Schema (draft 2020-12), compiled when it is first used."""

    def __init__(self, document: Mapping[str, Any], references: Mapping[str, Mapping[str, Any]] | None = None) -> None:
        """`references`: the documents that `$ref` may name, by file name."""
        self.document = document
        self._references = references or {}

    def compile(self) -> "Schema":
        """This schema, compiled now. Raises ValueError if it is not a schema."""
        self._validator  # noqa: B018  is made when it is asked for
        return self

    @cached_property
    def _validator(self) -> Any:
        import jsonschema_rs  # the emulator starts without any schema

        registry = None
        base = "json-schema:///"
        if self._references:
            resources = [
                (base + name, {key: value for key, value in document.items() if key != "$id"})
                for name, document in self._references.items()
            ]
            registry = jsonschema_rs.Registry(resources)
        document = {key: value for key, value in self.document.items() if key != "$id"}
        try:
            return jsonschema_rs.Draft202012Validator(document, registry=registry, base_uri=base, retriever=_stay_here)
        except ValueError as error:
            raise ValueError(f"this is not a JSON Schema: {str(error).partition(chr(10))[0]}") from error

    def accepts(self, value: Any) -> bool:
        """Whether the value breaks no rule."""
        try:
            if self._validator.is_valid(value):
                return True
        except ValueError:
            pass
        # The validator knows Decimal, but no subclasses: it raises, or does not recognise a Number as a number.
        plain = json_text.plain(value)
        return plain is not value and bool(self._validator.is_valid(plain))

    def violations(self, value: Any) -> list[Violation]:
        """Every broken rule, in the order of the schema's properties; empty if there is none."""
        found = [
            _violation(self.document, value, error) for error in self._validator.iter_errors(json_text.plain(value))
        ]
        order = {name: place for place, name in enumerate(self.document.get("properties", ()))}
        return sorted(found, key=lambda violation: order.get(violation.path[0], len(order)) if violation.path else -1)

    def nearest(self, value: Any) -> list[Violation]:
        """As `violations`, but for a value that has none of the possible forms, what it lacks of the nearest form."""
        value = json_text.plain(value)
        return [self._located(value, error) for error in _nearest_errors(self._validator.iter_errors(value))]

    def nodes(self, path: Iterable[str | int]) -> Iterator[Any]:
        """Each schema and keyword on a path through the schema, following references, the outermost first."""
        document: Any = self.document
        node: Any = document
        yield node
        for part in path:
            node = node[part]
            if part == "$ref":
                name, _, fragment = node.partition("#")
                document = node = self._references[name] if name else document
                for step in filter(None, fragment.split("/")):
                    node = node[int(step) if isinstance(node, list) else step]
            yield node

    def _located(self, value: Any, error: Any) -> Violation:
        path = tuple(error.evaluation_path)
        expected = error.kind.property if error.kind.name == "required" else [*self.nodes(path)][-1]
        return replace(_violation(self.document, value, error, expected), schema_path=path)


class SchemaFolder:
    """A provider's JSON Schemas, by file name without `.json`, each compiled when it is first used."""

    def __init__(self, load: Callable[[], Mapping[str, Mapping[str, Any]]]) -> None:
        """`load` returns the documents; it is called when one is first needed."""
        self._load = load
        self._compiled: dict[str, Schema] = {}

    @cached_property
    def documents(self) -> Mapping[str, Mapping[str, Any]]:
        """All schemas as the files have them."""
        return self._load()

    def __getitem__(self, name: str) -> Schema:
        """The schema in the file `<name>.json`."""
        schema = self._compiled.get(name)
        if schema is None:
            files = {f"{each}.json": document for each, document in self.documents.items()}
            schema = self._compiled[name] = Schema(self.documents[name], files)
        return schema


def _stay_here(uri: str) -> Any:
    """Refuses to fetch a schema, whatever a user's schema refers to."""
    raise LookupError(f"{uri} is not a schema of the emulator")


_FORM_IS_OTHER = {"type": 100, "const": 10}
"""How far these violations take a value from a form; others count 1, as does a wrong type further down."""


def _nearest_errors(errors: Iterable[Any]) -> Iterator[Any]:
    """The errors; an error that no form fits is replaced by the errors of the nearest form."""
    for error in errors:
        forms = [form for form in getattr(error.kind, "context", None) or () if form]
        if forms:
            depth = len(error.instance_path)
            yield from _nearest_errors(min(forms, key=lambda form: _distance(form, depth)))
        else:
            yield error


def _distance(form: Iterable[Any], depth: int) -> int:
    """How far a value at this depth is from a form, whose errors these are."""
    return sum(
        1 if error.kind.name == "type" and len(error.instance_path) > depth else _FORM_IS_OTHER.get(_keyword(error), 1)
        for error in form
    )


def _violation(document: Any, value: Any, error: Any, expected: Any = None) -> Violation:
    path, keyword = tuple(error.instance_path), _keyword(error)
    for part in path:  # our own value, because the validator made a float of it
        value = value[part]
    if expected is None:
        expected = _expected(document, error)
    limit = expected if expected is not None else _limit(error.kind)
    unexpected = _unexpected(error.kind)
    if error.kind.name == "falseSchema":
        rule, tells = "must not be there", False
    else:
        rule, tells = wording.word(keyword, limit, value, unexpected)
    if keyword == "required":  # the error is about the object, but it is the member that is missing
        path = (*path, expected)
    return Violation(path, keyword, expected, rule, wording.shown(value) if tells else "", unexpected)


def _unexpected(kind: Any) -> tuple[str, ...]:
    """Names of members that are not allowed."""
    if kind.name == "propertyNames":
        return (str(kind.error.instance),)
    return tuple(getattr(kind, "unexpected", ()))


def _limit(kind: Any) -> Any:
    """The keyword's value according to the validator, for a schema in another file."""
    value = getattr(kind, "value", None)
    return value if isinstance(value, (str, int, float, list)) else None


def _keyword(error: Any) -> str:
    """The keyword that failed; for a schema that is just `false`, the keyword that contains it."""
    return str(error.schema_path[-1] if error.kind.name == "falseSchema" else error.kind.name)


def _expected(document: Any, error: Any) -> Any:
    """The value of the keyword that failed; None if it is in another file."""
    if error.kind.name == "required":
        return error.kind.property
    for part in error.schema_path:
        if part == "$ref":
            return None
        try:
            document = document[part]
        except (KeyError, IndexError, TypeError):
            return None
    return document

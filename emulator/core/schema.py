"""JSON Schema checks. A fast validator decides and names what is wrong; tests hold it to the reference validator.

Never fetches a schema from a file or over the network.
"""

from collections.abc import Mapping
from functools import cached_property
from typing import Any

import jsonschema_rs
from msgspec import Struct

from emulator.core import wire
from emulator.core.wording import describe


class Violation(Struct, frozen=True):
    """What is wrong: where (`pointer`), which rule (`keyword`), what it asks for (`expected`)."""

    path: tuple[str | int, ...]
    keyword: str
    expected: Any
    message: str

    @property
    def pointer(self) -> str:
        """JSON pointer of the value that breaks the rule, as `/paymentMethods/0/method`."""
        return "".join(f"/{part}" for part in self.path)


class Schema:
    """One JSON Schema (draft 2020-12), compiled when it is first used."""

    def __init__(self, document: Mapping[str, Any], references: Mapping[str, Mapping[str, Any]] | None = None) -> None:
        """`references`: the documents that `$ref` may name, by file name. Raises ValueError if it is no schema."""
        self.document = document
        self._references = references or {}
        if not references:
            self._validator  # noqa: B018  compiles: a broken schema shall fail at once

    @cached_property
    def _validator(self) -> Any:
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
            raise ValueError(f"this is no JSON Schema: {str(error).partition(chr(10))[0]}") from error

    def accepts(self, value: Any) -> bool:
        """Whether the value keeps every rule."""
        try:
            if self._validator.is_valid(value):
                return True
        except ValueError:
            pass
        # The validator knows Decimal, but none of its subclasses: it raises, or finds that a Number is no number.
        plain = wire.plain(value)
        return plain is not value and bool(self._validator.is_valid(plain))

    def violations(self, value: Any) -> list[Violation]:
        """Everything that is wrong, in the order of the schema's properties; empty if nothing is."""
        found = [
            Violation(
                path=tuple(error.instance_path),
                keyword=_keyword(error),
                expected=_expected(self.document, error),
                message=_message(error, value),
            )
            for error in self._validator.iter_errors(wire.plain(value))
        ]
        found = [_about_missing_member(violation) for violation in found]
        order = {name: place for place, name in enumerate(self.document.get("properties", ()))}
        return sorted(found, key=lambda violation: order.get(violation.path[0], len(order)) if violation.path else -1)


def _stay_here(uri: str) -> Any:
    """No schema is fetched from anywhere, whatever a user's schema refers to."""
    raise LookupError(f"{uri} is not a schema of the emulator")


def _message(error: Any, value: Any) -> str:
    """The words for what the validator has found in a value."""
    kind = error.kind
    if kind.name == "propertyNames":
        inner = kind.error.kind
        return describe(kind.name, value, describe(inner.name, kind.error.instance, inner.value))
    if kind.name == "falseSchema":  # may be about a member that the path does not name
        return describe(kind.name, error.instance, None)
    for part in error.instance_path:
        value = value[part]
    return describe(kind.name, value, kind.value)


def _keyword(error: Any) -> str:
    """The keyword that failed; where a schema is just `false`, the keyword that holds it."""
    return str(error.schema_path[-1] if error.kind.name == "falseSchema" else error.kind.name)


def _expected(document: Any, error: Any) -> Any:
    """The value of the keyword that failed."""
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


def _about_missing_member(violation: Violation) -> Violation:
    """`required` speaks of the object; what is missing is the member."""
    if violation.keyword != "required":
        return violation
    return Violation((*violation.path, violation.expected), "required", violation.expected, violation.message)

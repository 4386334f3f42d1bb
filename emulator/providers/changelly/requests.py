"""Reads what a request says, and refuses what breaks a schema: all bad fields at once, in the order of the tables.

Sources: https://fiat-api.changelly.com/docs/endpoints/create-order-on-ramp and
https://fiat-api.changelly.com/docs/endpoints/validate-address (seen 2026-11) for the form of the refusal. Assumed:
what counts as a body, and its size.
"""

from collections.abc import Collection, Mapping
from typing import Any, Final

from emulator.contract.card import Call
from emulator.contract.reply import Refusal
from emulator.contract.schemas import Schema
from emulator.core import json_text
from emulator.core.schema import reasons
from emulator.core.wording import kind_of, shown
from emulator.providers.changelly.errors import incorrect

BODY_LIMIT: Final = 1024 * 1024


def require_route(call: Call) -> None:
    """404 for an unknown path or method, before anybody asks who is there."""
    if call.endpoint is None:
        raise Refusal("notFound", f"there is no {call.request.method} {call.request.path}")


def read_object(call: Call) -> dict[str, Any]:
    """The JSON object in the body; an empty body is an empty object. Refuses with `validation`.

    Stricter than the check of the signature, which any bytes can pass: half a surrogate pair (`"\\ud83d"`) or a number
    whose exponent is out of range, in whatever property, makes the body one that can not be read.
    """
    body = call.request.body
    if len(body) > BODY_LIMIT:
        raise bad_fields(("body",), f"the body is longer than {BODY_LIMIT} bytes")
    if not body.strip():
        return {}
    try:
        value = json_text.decode(body)
    except json_text.MalformedJson as error:
        raise bad_fields(("body",), f"the body is not JSON: {error}") from error
    if not isinstance(value, dict):
        raise bad_fields(("body",), f"the body is {kind_of(value)}, not a JSON object")
    return value


def require_valid(schema: Schema, fields: Mapping[str, Any], also_bad: Collection[str] = ()) -> None:
    """Refuses with `validation` if a field breaks the schema. `also_bad`: fields that are bad for another reason."""
    if not also_bad and schema.accepts(fields):
        return
    violations = schema.violations(fields)
    bad = {str(violation.path[0]) for violation in violations} | set(also_bad)
    names = [name for name in schema.document["properties"] if name in bad]
    if not names:
        return
    told = [reasons(violations)] if violations else []
    told += [f"/{name}: {shown(fields.get(name))} is not good by the catalogue, or by a setting" for name in also_bad]
    raise bad_fields(names, "; ".join(told))


def bad_fields(names: Collection[str], reason: str) -> Refusal:
    """The refusal that names these fields."""
    return Refusal("validation", reason, details=tuple(incorrect(name) for name in names))

"""Reading what a client sends: JSON bodies and queries, held against their schemas; and writing what it gets.

It knows shapes only. What a value means is for others.
"""

from __future__ import annotations

from collections.abc import Mapping
from functools import lru_cache
from typing import Any, Final
from urllib.parse import parse_qsl

from emulator.core import wire
from emulator.core.call import Call
from emulator.core.provider import Refusal, Reply, json_reply
from emulator.core.schema import Schema
from emulator.providers.koywe import errors
from emulator.providers.koywe.moments import read_moment
from emulator.providers.koywe.refusals import refuse
from emulator.providers.koywe.validation import (
    explain_fields,
    join_texts,
    list_moment_fields,
    list_unknown_texts,
    place_text,
    text_of_moment,
)

BODY_LIMIT: Final = 1024 * 1024
"""Bytes. Assumed."""

_FREE: Final = frozenset({"extra", "userRequestJson", "payload"})
"""Members whose content is shown as it was sent, nulls and all."""


def read_object(call: Call) -> dict[str, Any]:
    """Give the JSON object in the body, as sent. Any other content type counts as `{}`. Refuses with `COM90002`."""
    content_type = call.header("content-type")
    if content_type != "application/json" and not _is_json(content_type):
        return {}
    body = call.request.body
    if len(body) > BODY_LIMIT:
        raise refuse(errors.MALFORMED_JSON, f"the body is longer than {BODY_LIMIT} bytes")
    try:
        value = wire.decode(body)
    except wire.MalformedJson as error:
        raise refuse(errors.MALFORMED_JSON, f"the body is not JSON: {error}") from error
    if not isinstance(value, dict):
        raise refuse(errors.MALFORMED_JSON, f"the body is a {type(value).__name__}, not an object")
    return value


def _is_json(content_type: str | None) -> bool:
    return (content_type or "").partition(";")[0].strip().lower() == "application/json"


def read_body(call: Call, schema: Schema | None = None) -> dict[str, Any]:
    """Give the body without its nulls, after it has passed the endpoint's schema (or `schema`).

    Refuses with `COM90002` or `COM90003`, which names every bad field.
    """
    call.body = read_object(call)
    body = without_nulls(call.body)
    require_shape(call, schema or call.provider.schemas[f"{_name(call)}.request"], body)
    return body


def read_query(call: Call) -> dict[str, str]:
    """Give the query's parameters after they have passed the endpoint's schema. Refuses with `COM90003`."""
    query = dict(parse_qsl(call.request.query, keep_blank_values=True)) if call.request.query else {}
    require_shape(call, call.provider.schemas[f"{_name(call)}.query"], query)
    return query


def require_shape(call: Call, schema: Schema, value: Mapping[str, Any]) -> None:
    """Refuse a value that breaks the schema, or has members that nobody knows where the setting minds."""
    texts = shape_texts(call, schema, value)
    if texts:
        raise invalid(call, list(texts.values()))


def shape_texts(call: Call, schema: Schema, value: Mapping[str, Any]) -> dict[str, str]:
    """Give the provider's text for each bad field, in table order; empty if nothing is wrong."""
    texts: dict[str, str] = {}
    if not schema.accepts(value):
        texts = explain_fields(schema.document, schema.violations(value))
    for name in _moment_fields(schema):
        # What no pattern can say: whether the time, in UTC, is still in the calendar.
        if name in value and name not in texts and read_moment(value[name]) is None:
            texts = place_text(schema.document, texts, name, text_of_moment(name))
    if call.settings["unknown_properties"] == "reject":
        texts |= {text: text for text in list_unknown_texts(schema.document, value)}
    return texts


@lru_cache(maxsize=256)
def _moment_fields(schema: Schema) -> tuple[str, ...]:
    return list_moment_fields(schema.document)


def invalid(call: Call, texts: list[str]) -> Refusal:
    """Give the refusal that names all of `texts`."""
    return refuse(
        errors.VALIDATION_FAILED, "; ".join(texts), message=join_texts(texts, call.settings["validation_message"])
    )


def without_nulls(value: Mapping[str, Any]) -> dict[str, Any]:
    """Give the members that have a value; a null in a request means the same as none."""
    return {name: member for name, member in value.items() if member is not None}


def give(call: Call, value: Any, status: int = 200) -> Reply:
    """Give the answer, with or without its nulls as the setting `null_fields` says."""
    return json_reply(status, _stripped(value) if call.settings["null_fields"] == "omit" else value)


def give_created(call: Call, value: Any) -> Reply:
    """Give the answer of a call that has created something."""
    return give(call, value, call.settings["create_status"])


def give_nothing() -> Reply:
    """Give the answer of a call that has removed something."""
    return Reply(204, b"")


def _stripped(value: Any) -> Any:
    if isinstance(value, dict):
        return {
            name: member if name in _FREE else _stripped(member) for name, member in value.items() if member is not None
        }
    return [_stripped(member) for member in value] if isinstance(value, list) else value


def _name(call: Call) -> str:
    return call.endpoint.name if call.endpoint else ""

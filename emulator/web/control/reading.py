"""Reading requests to the control API."""

import base64
from collections.abc import Collection, Iterable, Mapping
from typing import Any, TypeVar

from starlette.requests import ClientDisconnect, Request

from emulator.core import json_text
from emulator.core.schema import Schema
from emulator.core.suggestion import did_you_mean, use_one_of
from emulator.web.control.context import Call, Context
from emulator.web.control.refusals import ControlError

PAGE_LIMIT = 1000
_MOST_DIGITS = 15
CALL = "emulator.call"
"""Where the scope of a request has the `Call` that it is."""
BODY = "emulator.body"
"""Where it has the body, once that was read."""


async def read_bytes(request: Request) -> bytes:
    """The body of a call."""
    call: Call = request.scope[CALL]
    body = request.scope[BODY] = await read_body(request, call.body_limit)
    return body


async def read_body(request: Request, limit: int, what: str = "the body") -> bytes:
    """The body. Refuses one that is longer than `limit` bytes, as soon as that is seen, or not complete."""
    too_large = ControlError("too-large", f"{what} may have at most {limit} bytes", limit=limit)
    announced = request.headers.get("content-length", "")
    if announced.isdecimal() and int(announced[:20]) > limit:
        raise too_large
    parts: list[bytes] = []
    size = 0
    try:
        async for part in request.stream():
            size += len(part)
            if size > limit:
                raise too_large
            parts.append(part)
    except ClientDisconnect as error:
        raise ControlError("bad-request", "the request was not complete") from error
    return b"".join(parts)


async def read_object(request: Request) -> dict[str, Any]:
    """The JSON object in the body, with no member that the call does not know; an empty body is an empty object."""
    body = await read_bytes(request)
    try:
        value = json_text.decode(body) if body.strip() else {}
    except json_text.MalformedJson as error:
        raise ControlError("bad-json", f"the body must be JSON: {error}") from error
    if not isinstance(value, dict):
        raise ControlError("bad-json", "the body must be a JSON object")
    call: Call = request.scope[CALL]
    schema = call.body or {}
    if not schema.get("additionalProperties", True):
        _refuse_unknown(value, sorted(schema["properties"]), "body")
    return value


async def read_valid(request: Request) -> dict[str, Any]:
    """The JSON object in the body, which fits the schema of the call."""
    value = await read_object(request)
    call: Call = request.scope[CALL]
    problems = problems_of(call.body or {}, value)
    if problems:
        raise ControlError("bad-request", "; ".join(problems))
    return value


def problems_of(schema: Mapping[str, Any], value: Any) -> list[str]:
    """What is wrong with a value, each with the member that it is about."""
    found = Schema(schema).violations(value)
    return [f"{'.'.join(map(str, each.path))}: {each.message}" if each.path else each.message for each in found]


def read_base64(name: str, encoded: str) -> bytes:
    """The bytes of a member in base64."""
    try:
        return base64.b64decode(encoded, validate=True)
    except ValueError as error:
        raise ControlError("bad-request", f"{name} cannot be read: {error}") from error


Default = TypeVar("Default", int, None)


def read_whole(request: Request, name: str, default: Default) -> int | Default:
    """A whole number of the query."""
    text = request.query_params.get(name)
    if text is None:
        return default
    number = read_whole_number(text)
    if number is None:
        raise ControlError("bad-request", f"{name} must be a whole number")
    return number


def read_whole_number(text: str) -> int | None:
    """A whole number of at most 15 digits; None for any other text."""
    return int(text) if text.isascii() and text.isdigit() and len(text) <= _MOST_DIGITS else None


def require_query(request: Request) -> None:
    """Refuses parameters that the call does not know."""
    call: Call = request.scope[CALL]
    if not call.probe:
        _refuse_unknown(request.query_params, call.query, "query")


def _refuse_unknown(given: Iterable[str], known: Collection[str], what: str) -> None:
    unknown = sorted(set(given) - set(known))
    if unknown:
        meant = did_you_mean(unknown[0], known)
        good = f"known: {', '.join(known)}{meant}" if known else f"this call takes no {what}"
        raise ControlError("bad-request", f"unknown: {', '.join(unknown)}; {good}")


def require_provider(context: Context, name: str) -> str:
    """The name, if it is a provider's."""
    if name not in context.providers:
        good = use_one_of(name, list(context.providers))
        raise ControlError("unknown-provider", f"no provider {name!r}: {good}")
    return name

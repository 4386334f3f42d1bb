"""Reading requests to the control API, and showing what several calls show."""

from collections.abc import Collection, Iterable
from typing import Any, TypeVar

from starlette.requests import ClientDisconnect, Request

from emulator.core import wire
from emulator.happened import Happened
from emulator.web.control.desk import Call, Desk
from emulator.web.control.refusals import ControlError

BODY_LIMIT = 256 * 1024 * 1024
PAGE_LIMIT = 1000
CALL = "emulator.call"
"""Where the scope of a request has the `Call` that it is."""


async def read_bytes(request: Request) -> bytes:
    """The body. Refuses one that is too long, or not complete."""
    parts: list[bytes] = []
    size = 0
    try:
        async for part in request.stream():
            parts.append(part)
            size += len(part)
            if size > BODY_LIMIT:
                raise ControlError("bad-request", f"the body is longer than {BODY_LIMIT} bytes")
    except ClientDisconnect as error:
        raise ControlError("bad-request", "the request was not complete") from error
    return b"".join(parts)


async def read_object(request: Request) -> dict[str, Any]:
    """The JSON object in the body, with no member that the call does not know; an empty body is an empty object."""
    body = await read_bytes(request)
    try:
        value = wire.decode(body) if body.strip() else {}
    except wire.MalformedJson as error:
        raise ControlError("bad-json", f"the body must be JSON: {error}") from error
    if not isinstance(value, dict):
        raise ControlError("bad-json", "the body must be a JSON object")
    call: Call = request.scope[CALL]
    schema = call.body or {}
    if not schema.get("additionalProperties", True):
        _refuse_unknown(value, sorted(schema["properties"]), "body")
    return value


Default = TypeVar("Default", int, None)


def read_whole(request: Request, name: str, default: Default) -> int | Default:
    """A whole number of the query."""
    text = request.query_params.get(name)
    if text is None:
        return default
    if not (text.isascii() and text.isdigit() and len(text) < 16):
        raise ControlError("bad-request", f"{name} must be a whole number")
    return int(text)


def require_query(request: Request) -> None:
    """Refuses parameters that the call does not know."""
    call: Call = request.scope[CALL]
    if not call.probe:
        _refuse_unknown(request.query_params, call.query, "query")


def _refuse_unknown(given: Iterable[str], known: Collection[str], what: str) -> None:
    unknown = sorted(set(given) - set(known))
    if unknown:
        good = f"known: {', '.join(known)}" if known else f"this call takes no {what}"
        raise ControlError("bad-request", f"unknown: {', '.join(unknown)}; {good}")


def require_provider(desk: Desk, name: str) -> str:
    """The name, if it is a provider's."""
    if name not in desk.world.library.providers:
        known = ", ".join(desk.world.library.providers)
        raise ControlError("unknown-provider", f"no provider {name!r}: use one of {known}")
    return name


def show_happened(happened: Happened) -> dict[str, Any]:
    """What has happened, and how many items there was no room for."""
    shown: dict[str, Any] = {"happened": happened.items}
    return shown | {"omitted": happened.omitted} if happened.omitted else shown

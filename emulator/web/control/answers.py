"""What each call of the control API answers, and the check of its answers."""

import re
from collections.abc import Iterator
from functools import cache
from typing import Any

from starlette.responses import Response, StreamingResponse

from emulator.core import json_text
from emulator.core.schema import Schema
from emulator.web.control.context import JSON_TYPE, Answer, Call
from emulator.web.control.refusals import ERRORS, MEMBERS
from emulator.web.control.shapes import OBJECT, SHAPES, TEXT, Shape, by_name, full, shape
from emulator.web.guard import FOREIGN_ORIGIN, UNKNOWN_HOST

_REFUSED = 400
"""The lowest HTTP status of a refusal."""
_ALWAYS = (FOREIGN_ORIGIN, UNKNOWN_HOST, "internal", "not-ready", "store-unavailable")
_BY_PARAMETER = {"sandbox": "unknown-sandbox", "provider": "unknown-provider", "document": "unknown-provider"}


def named(name: str, status: int = 200) -> Answer:
    """The shape of this name."""
    return Answer(status, shape(name))


def members(**each: Shape) -> Answer:
    """An object with all of these members and no others."""
    return Answer(200, full(**each))


def other(media_type: str) -> Answer:
    """An answer that is not JSON."""
    return Answer(200, TEXT, media_type)


NOTHING = Answer(204)
ANY_OBJECT = Answer(200, OBJECT)
NAMES_BY_PROVIDER = Answer(200, by_name(TEXT))


def errors_of(call: Call) -> list[str]:
    """The names of the errors that a call can answer with."""
    return [name for name in ERRORS if name in set(_errors_of(call))]


def _errors_of(call: Call) -> Iterator[str]:
    yield from _ALWAYS
    yield from call.errors
    parameters = re.findall(r"{(\w+)}", call.path)
    yield from (_BY_PARAMETER[name] for name in parameters if name in _BY_PARAMETER)
    if parameters:
        yield "not-found"
    if not call.probe:
        yield from ("unauthorized", "bad-request")
    if call.body is not None:
        yield from ("bad-json", "too-large")


def error_shape(name: str) -> Shape:
    """JSON Schema of an error of this name."""
    schema = full(error={"const": name}, message={**TEXT, "description": "what to do about it"})
    return {**schema, "properties": schema["properties"] | MEMBERS.get(name, {})}


def components() -> dict[str, Shape]:
    """Every schema that others refer to, by name."""
    return {**SHAPES, **{f"error-{name}": error_shape(name) for name in ERRORS}}


def answer_problem(call: Call, response: Response) -> str | None:
    """Why an answer is not one that the call's line of the table allows; None if it is."""
    if isinstance(response, StreamingResponse):
        return None
    if response.status_code >= _REFUSED:
        return _problem_of_error(call, response)
    is_json = call.answer.schema is not None and call.answer.media_type == JSON_TYPE
    return _problem(call.answer, response) if is_json else None


def _problem_of_error(call: Call, response: Response) -> str | None:
    name = json_text.decode(bytes(response.body))["error"]
    if name not in errors_of(call):
        return f"it is the error {name}, which is not among the errors of the call: name it in its line of CALLS"
    return _problem(Answer(ERRORS[name], shape(f"error-{name}")), response)


def _problem(answer: Answer, response: Response) -> str | None:
    found = _schema(answer).violations(json_text.decode(bytes(response.body)))
    return "; ".join(f"{each.pointer or '/'}: {each.message}" for each in found) or None


def _schema(answer: Answer) -> Schema:
    return _compiled(json_text.encode(answer.schema))


@cache
def _compiled(schema: bytes) -> Schema:
    document: dict[str, Any] = json_text.decode(schema)
    return Schema({**document, "components": {"schemas": components()}})

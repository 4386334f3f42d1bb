"""The OpenAPI 3.1 document of the control API, put together from the table by which it answers."""

import re
from collections.abc import Iterable
from typing import Any

from emulator import __version__
from emulator.views.openapi import path_parameters
from emulator.web.control.answers import components, errors_of
from emulator.web.control.context import Call
from emulator.web.control.refusals import ERRORS
from emulator.web.control.shapes import shape

_WORDS = {
    400: "the request is not what the call takes",
    401: "the token of --control-token is missing",
    403: "the request comes from a page of another site, or uses a host name that could be anybody's",
    404: "there is no such thing",
    409: "it cannot be done now",
    413: "the body has more than {limit} bytes",
    422: "the scenario is broken",
    500: "the emulator failed",
    503: "the emulator is starting or stopping",
}
_TOKEN = "controlToken"


def describe_calls(calls: Iterable[Call], base_url: str, *, guarded: bool) -> dict[str, Any]:
    """The document of these calls; `guarded`: they need the token of `--control-token`."""
    paths: dict[str, dict[str, Any]] = {}
    for call in calls:
        paths.setdefault(call.path, {})[call.method.lower()] = _operation(call)
    document: dict[str, Any] = {
        "openapi": "3.1.0",
        "info": {"title": "Control API of the payment provider emulator", "version": __version__},
        "servers": [{"url": base_url}],
        "paths": paths,
        "components": {
            "schemas": components(),
            "securitySchemes": {_TOKEN: {"type": "http", "scheme": "bearer"}},
        },
    }
    return {**document, "security": [{_TOKEN: []}]} if guarded else document


def _operation(call: Call) -> dict[str, Any]:
    operation: dict[str, Any] = {
        "operationId": f"{call.method.lower()}{re.sub(r'[^a-z]+', '-', call.path)}".rstrip("-"),
        "summary": call.handler.__doc__,
        "parameters": [
            *path_parameters(call.path),
            *(
                {"name": name, "in": "query", "description": about, "schema": {"type": "string"}}
                for name, about in call.query.items()
            ),
        ],
        "responses": {**_success(call), **_errors(call)},
    }
    if call.body is not None:
        required = bool(call.body.get("required"))
        content = {media_type: {"schema": call.body} for media_type in call.media_types}
        operation["requestBody"] = {"required": required, "content": content}
    if call.probe:
        operation["security"] = []
    return operation


def _success(call: Call) -> dict[str, Any]:
    answer: dict[str, Any] = {"description": "done"}
    if call.answer.schema is not None:
        answer["content"] = {call.answer.media_type: {"schema": call.answer.schema}}
    return {str(call.answer.status): answer}


def _errors(call: Call) -> dict[str, Any]:
    """What a call answers when it refuses, by status."""
    by_status: dict[int, list[str]] = {}
    for name in errors_of(call):
        by_status.setdefault(ERRORS[name], []).append(name)
    return {
        str(status): {
            "description": f"{_WORDS[status].format(limit=call.body_limit)}: {', '.join(names)}",
            "content": {"application/json": {"schema": _one_of([f"error-{name}" for name in names])}},
        }
        for status, names in sorted(by_status.items())
    }


def _one_of(names: list[str]) -> Any:
    return shape(names[0]) if len(names) == 1 else {"oneOf": [shape(name) for name in names]}

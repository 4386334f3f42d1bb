"""The OpenAPI 3.1 document of the control API, put together from the table by which it answers."""

import re
from collections.abc import Iterable
from typing import Any

from emulator import __version__
from emulator.web.control.desk import Call

_ERROR = {
    "description": "a refusal",
    "content": {"application/json": {"schema": {"$ref": "#/components/schemas/error"}}},
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
            "schemas": {
                "error": {
                    "type": "object",
                    "required": ["error", "message"],
                    "properties": {"error": {"type": "string"}, "message": {"type": "string"}},
                }
            },
            "securitySchemes": {_TOKEN: {"type": "http", "scheme": "bearer"}},
        },
    }
    return {**document, "security": [{_TOKEN: []}]} if guarded else document


def _operation(call: Call) -> dict[str, Any]:
    operation: dict[str, Any] = {
        "operationId": f"{call.method.lower()}{re.sub(r'[^a-z]+', '-', call.path)}".rstrip("-"),
        "summary": call.handler.__doc__,
        "parameters": [
            *(
                {"name": name, "in": "path", "required": True, "schema": {"type": "string"}}
                for name in re.findall(r"{(\w+)}", call.path)
            ),
            *(
                {"name": name, "in": "query", "description": about, "schema": {"type": "string"}}
                for name, about in call.query.items()
            ),
        ],
        "responses": {"2XX": {"description": "done"}, "default": _ERROR},
    }
    if call.body is not None:
        required = bool(call.body.get("required"))
        content = {media_type: {"schema": call.body} for media_type in call.media_types}
        operation["requestBody"] = {"required": required, "content": content}
    if call.probe:
        operation["security"] = []
    return operation

"""The OpenAPI 3.1 document of the control API, put together from the table by which it answers."""

import re
from collections.abc import Iterable
from typing import Any

from emulator import __version__
from emulator.web.control.desk import Call


def _error(description: str) -> dict[str, Any]:
    return {
        "description": description,
        "content": {"application/json": {"schema": {"$ref": "#/components/schemas/error"}}},
    }


_REFUSED = {
    "403": _error("it comes from a page of another site, or by a host name that could be anybody's"),
    "default": _error("a refusal"),
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
        "responses": {"2XX": {"description": "done"}, **_REFUSED},
    }
    if call.body is not None:
        required = bool(call.body.get("required"))
        content = {media_type: {"schema": call.body} for media_type in call.media_types}
        operation["requestBody"] = {"required": required, "content": content}
        operation["responses"]["413"] = _error(f"the body has more than {call.body_limit} bytes")
    if call.probe:
        operation["security"] = []
    return operation

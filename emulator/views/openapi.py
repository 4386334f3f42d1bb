"""OpenAPI 3.1 documents, put together from the tables and schemas that the emulator itself runs on."""

import re
from collections.abc import Mapping
from typing import Any

from emulator import __version__
from emulator.contract.card import Endpoint, Provider
from emulator.contract.errors import ErrorCase

_SCHEMAS = "#/components/schemas/"
_NOT_FOR_OPENAPI = ("$schema", "$id", "examples", "x-also")
_EVERY_CALL = "every-call"
"""Stands in for an endpoint in the names of schemas for what all calls of a provider take."""


def openapi(provider: Provider, base_url: str | None) -> dict[str, Any]:
    """The document of one provider: its endpoints with examples, errors and webhooks."""
    paths: dict[str, dict[str, Any]] = {}
    named: dict[str, str] = {}
    for prefix in provider.route_prefixes:
        for endpoint in provider.endpoints:
            path = prefix + endpoint.path
            operation_id = _operation_id(endpoint.name, path, named.setdefault(endpoint.name, path))
            operations = paths.setdefault(path, {})
            operations[endpoint.method.lower()] = {"operationId": operation_id, **_operation(provider, endpoint)}
    document: dict[str, Any] = {
        "openapi": "3.1.0",
        "info": {
            "title": f"{provider.title}, emulated",
            "version": __version__,
            "description": "Marks: x-source says of each fact whether it is documented, observed or assumed.",
        },
        "servers": [{"url": base_url or "/"}],
        "paths": paths,
        "components": {
            "schemas": {name: _schema(document) for name, document in provider.schemas.documents.items()},
            "securitySchemes": dict(provider.security),
        },
    }
    if provider.webhooks is not None:
        document["webhooks"] = {
            event.name: {
                "post": {
                    "summary": event.about,
                    "x-source": event.mark,
                    **({"x-known-from": event.known_from} if event.known_from else {}),
                    "requestBody": {"content": _content(provider.webhook_type, provider, event.schema)},
                    "responses": {"200": {"description": "received"}},
                }
            }
            for event in provider.webhooks.events
        }
    return document


def _operation_id(name: str, path: str, first: str) -> str:
    """The name of the endpoint; if it has several paths, with what sets this one apart from the first of them."""
    known = first.split("/")
    return "-".join([name, *(segment for segment in path.split("/") if segment not in known)])


def _operation(provider: Provider, endpoint: Endpoint) -> dict[str, Any]:
    operation: dict[str, Any] = {
        "summary": endpoint.about,
        "parameters": _parameters(provider, endpoint),
        "responses": {**_success(provider, endpoint), **_errors(provider, endpoint)},
    }
    if endpoint.source:
        operation["externalDocs"] = {"url": endpoint.source}
    if provider.security and not endpoint.page:
        needed = provider.security if endpoint.security is None else endpoint.security
        operation["security"] = [{name: [] for name in needed}] if needed else []
    request = f"{endpoint.name}.request"
    if request in provider.schemas.documents:
        content: dict[str, Any] = {}
        for media_type in endpoint.request_types or provider.request_types:
            content |= _content(media_type, provider, request)
        operation["requestBody"] = {"required": True, "content": content}
    return operation


def _parameters(provider: Provider, endpoint: Endpoint) -> list[dict[str, Any]]:
    parameters = path_parameters(endpoint.path)
    for owner in (endpoint.name, _EVERY_CALL):
        for place in ("query", "header"):
            document = provider.schemas.documents.get(f"{owner}.{place}", {})
            required = document.get("required", ())
            for name, schema in document.get("properties", {}).items():
                parameters.append(
                    {
                        "name": name,
                        "in": place,
                        "required": name in required,
                        "description": schema.get("description", ""),
                        "schema": _rewritten(schema),
                    }
                )
    return parameters


def path_parameters(path: str) -> list[dict[str, Any]]:
    """The parameters of a path, such as `{order}`."""
    names = re.findall(r"{(\w+)}", path)
    return [{"name": name, "in": "path", "required": True, "schema": {"type": "string"}} for name in names]


def _success(provider: Provider, endpoint: Endpoint) -> dict[str, Any]:
    """The usual answer, and those with another status and the same body that `x-also` of its schema lists."""
    if endpoint.page:
        leads_on = {"302": {"description": "leads on, to the address in Location"}}
        return {str(endpoint.success): {"description": "a page", "content": {"text/html": {}}}, **leads_on}
    if endpoint.content_type:
        return {str(endpoint.success): {"description": endpoint.about, "content": {endpoint.content_type: {}}}}
    response = f"{endpoint.name}.response"
    if response not in provider.schemas.documents:
        return {str(endpoint.success): {"description": endpoint.about}}
    content = _content("application/json", provider, response)
    told = {str(endpoint.success): endpoint.about, **provider.schemas.documents[response].get("x-also", {})}
    return {status: {"description": about, "content": content} for status, about in told.items()}


def _errors(provider: Provider, endpoint: Endpoint) -> dict[str, Any]:
    by_status: dict[int, list[ErrorCase]] = {}
    for case in provider.errors.values():
        by_status.setdefault(case.status, []).append(case)
    content = _content("application/json", provider, endpoint.error_schema)
    if endpoint.page:
        content["text/html"] = {}
    return {
        str(status): {
            "description": "; ".join(f"{case.name}: {case.about}" for case in cases),
            "content": content,
        }
        for status, cases in sorted(by_status.items())
    }


def _content(media_type: str, provider: Provider, schema: str) -> dict[str, Any]:
    examples = provider.schemas.documents.get(schema, {}).get("examples", ())
    content: dict[str, Any] = {"schema": {"$ref": _SCHEMAS + schema}}
    if examples:
        content["examples"] = {f"example{place}": {"value": value} for place, value in enumerate(examples, 1)}
    return {media_type: content}


def _schema(document: Mapping[str, Any]) -> Any:
    return _rewritten({key: value for key, value in document.items() if key not in _NOT_FOR_OPENAPI})


def _rewritten(value: Any) -> Any:
    """The same schema with references to files as references to components."""
    if isinstance(value, Mapping):
        return {
            key: _reference(member) if key == "$ref" and isinstance(member, str) else _rewritten(member)
            for key, member in value.items()
        }
    return [_rewritten(member) for member in value] if isinstance(value, list) else value


def _reference(target: str) -> str:
    name, _, fragment = target.partition("#")
    return _SCHEMAS + name.removesuffix(".json") + fragment if name else target

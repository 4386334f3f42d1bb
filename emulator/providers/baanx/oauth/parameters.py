"""What comes with an OAuth call: parameters of a query, members of a body as JSON or as a form, and what is missing.

Source: https://docs.baanx.com/guides/oauth/troubleshooting, seen 2026-11. Observed: bodies that are forms.
"""

from collections.abc import Mapping, Sequence
from typing import Any, NoReturn
from urllib.parse import parse_qsl

from emulator.contract.card import Call
from emulator.contract.reply import Refusal
from emulator.contract.request import Request
from emulator.core import json_text
from emulator.providers.baanx import wire

FORM_TYPE = "application/x-www-form-urlencoded"


def read_query(request: Request) -> dict[str, str]:
    """The query's parameters; a repeated one has its last value."""
    return dict(parse_qsl(request.query, keep_blank_values=True))


def read_form(request: Request) -> dict[str, str]:
    """The fields of a form."""
    return dict(parse_qsl(request.body.decode("utf-8", "replace"), keep_blank_values=True))


def is_form(request: Request) -> bool:
    """Whether the body says that it is a form."""
    return request.media_type == FORM_TYPE


def find_member(request: Request, name: str) -> str | None:
    """A member of a body, as JSON or as a form, if it is there and a text."""
    if is_form(request):
        return read_form(request).get(name)
    try:
        body = json_text.decode(request.body)
    except json_text.MalformedJson:
        return None
    value = body.get(name) if isinstance(body, dict) else None
    return value if isinstance(value, str) else None


def require_object(call: Call) -> None:
    """Puts a JSON object into `call.body`. Refuses with `invalid_request`."""
    refusal = wire.read_body(call)
    if refusal is not None:
        raise Refusal("invalid_request", refusal.reason, message="Request body must be a JSON object")


def require_members(call: Call) -> None:
    """Puts a JSON object, or the fields of a form, into `call.body`. Refuses with `invalid_request`."""
    if is_form(call.request):
        call.body = read_form(call.request)
    else:
        require_object(call)


def find_missing(parameters: Mapping[str, object], names: Sequence[str]) -> str | None:
    """The first name without a value (absent, null or empty), or None when all are there."""
    return next((name for name in names if parameters.get(name) in (None, "")), None)


def require_parameters(parameters: Mapping[str, Any], names: Sequence[str]) -> None:
    """Refuses with `invalid_request` a parameter that is missing, or not a text."""
    missing = find_missing(parameters, names)
    if missing is not None:
        raise Refusal("invalid_request", f"{missing} is missing", message=f"Missing required parameter: {missing}")
    for name in names:
        if not isinstance(parameters[name], str):
            refuse_parameter(name, "it must be a text")


def require_grant_type(parameters: Mapping[str, Any], grants: Mapping[str, Sequence[str]]) -> str:
    """The `grant_type`, which must be one of `grants`, with its parameters. Refuses with `invalid_request`,
    `unsupported_grant_type`."""
    require_parameters(parameters, ("grant_type",))
    grant_type: str = parameters["grant_type"]
    if grant_type not in grants:
        raise Refusal("unsupported_grant_type", f"grant_type is one of {', '.join(grants)}")
    require_parameters(parameters, grants[grant_type])
    return grant_type


def refuse_parameter(name: str, reason: str) -> NoReturn:
    """Refuses with `invalid_request` a parameter that is there."""
    raise Refusal("invalid_request", f"{name}: {reason}", message=f"Invalid parameter: {name}")

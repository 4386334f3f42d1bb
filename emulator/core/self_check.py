"""Checks the emulator's own answers and webhooks against their schemas. Used in all tests, and on demand."""

from urllib.parse import parse_qsl

from emulator.contract.card import Endpoint, Provider
from emulator.contract.delivery import Message
from emulator.contract.reply import Reply
from emulator.core import json_text

_FORM_TYPE = "application/x-www-form-urlencoded"


def reply_problem(provider: Provider, endpoint: Endpoint | None, reply: Reply, *, refused: bool = False) -> str | None:
    """Why an answer breaks its schema; None if it fits, or is intentionally not JSON.

    `refused`: it is a refusal, whatever its status: some providers send errors with 200.
    """
    if not reply.content_type.startswith("application/json") or (not reply.body and reply.status in (204, 304)):
        return None
    name = "error"
    if endpoint is not None:
        name = f"{endpoint.name}.response" if reply.status < 400 and not refused else endpoint.error_schema
    if name not in provider.schemas.documents:
        return f"there is no schema {name}"
    try:
        value = json_text.decode(reply.body)
    except json_text.MalformedJson as error:
        return f"the answer is not JSON: {error}"
    return _problem(provider, name, value)


def message_problem(provider: Provider, event: str, message: Message) -> str | None:
    """Why a webhook breaks its schema; None if it fits."""
    known = {each.name: each for each in provider.webhooks.events} if provider.webhooks else {}
    if event not in known:
        return f"{provider.name} has no event {event!r}"
    content_type = next((value for name, value in message.headers if name.lower() == "content-type"), "")
    schemas = (known[event].schema, *known[event].also)
    value: object
    if content_type.startswith(_FORM_TYPE):
        value = dict(parse_qsl(message.body.decode(), keep_blank_values=True))
        schemas = tuple(f"{name}-form" for name in schemas)
    else:
        try:
            value = json_text.decode(message.body)
        except json_text.MalformedJson as error:
            return f"the webhook is not JSON: {error}"
    problems = [_problem(provider, name, value) for name in schemas]
    return None if None in problems else problems[0]


def _problem(provider: Provider, name: str, value: object) -> str | None:
    schema = provider.schemas[name]
    if schema.accepts(value):
        return None
    found = [f"{violation.pointer or '/'}: {violation.message}" for violation in schema.violations(value)]
    return f"{name}: {'; '.join(found)}"

"""The command `test_webhook` of every provider: it sends a webhook without an order, made from its schema's example."""

from collections.abc import Callable, Mapping
from typing import Any

from emulator.contract import transaction as contract
from emulator.contract.command import Command, CommandRefused
from emulator.contract.delivery import Delivery
from emulator.contract.webhooks import Webhooks
from emulator.core import json_text
from emulator.core.suggestion import use_one_of
from emulator.core.transaction import own
from emulator.core.urls import url_problem

TEST_WEBHOOK = "test_webhook"

_URL = {"type": "string", "description": "where to send it; none: where the sandbox's webhooks go"}


def make_test_webhook(
    provider: str,
    about: str,
    send: Callable[[contract.Transaction, str, dict[str, Any]], Delivery],
    members: Mapping[str, Any] | None = None,
    **properties: Mapping[str, Any],
) -> Command:
    """The command of a provider, with the JSON Schemas of its own arguments (`properties`).

    `send` gets the receiver's URL, and all arguments but that; those that it does not know are `members` of the body
    (their schema; None: anything)."""

    def run(tx: contract.Transaction, arguments: Mapping[str, Any]) -> dict[str, Any]:
        given = dict(arguments)
        url = require_receiver(tx, provider, given.pop("url", None))
        return {"id": send(tx, url, given).id}

    others = {} if members is None else {"additionalProperties": members}
    schema = {"type": "object", "properties": {**properties, "url": _URL}, **others}
    return Command(TEST_WEBHOOK, about, schema, run)


def read_sample(given: contract.Transaction, provider: str, event: str) -> dict[str, Any]:
    """The example body in the schema of an event."""
    card = own(given).provider(provider)
    [schema] = [each.schema for each in _webhooks(given, provider).events if each.name == event]
    sample: dict[str, Any] = json_text.decode(json_text.encode(card.schemas.documents[schema]["examples"][0]))
    return sample


def replace_members(sample: Mapping[str, Any], given: Mapping[str, Any]) -> dict[str, Any]:
    """The sample with other values for some of its members. Raises CommandRefused for unknown members."""
    unknown = next((name for name in given if name not in sample), None)
    if unknown is not None:
        raise CommandRefused(f"the body has no member {unknown!r}: {use_one_of(unknown, list(sample))}")
    return {**sample, **given}


def require_receiver(given: contract.Transaction, provider: str, url: str | None) -> str:
    """Where a webhook goes: `url`, else where the sandbox's webhooks go. Raises CommandRefused if that is nowhere."""
    receiver = url or _webhooks(given, provider).find_url(given)
    if receiver is None:
        raise CommandRefused(f"no webhook URL is set up at {provider} in this sandbox: give url, or set one up first")
    problem = url_problem(receiver)
    if problem is not None:
        raise CommandRefused(f"url: {problem}")
    return receiver


def _webhooks(given: contract.Transaction, provider: str) -> Webhooks:
    webhooks = own(given).provider(provider).webhooks
    if webhooks is None:
        raise CommandRefused(f"{provider} sends no webhooks")
    return webhooks

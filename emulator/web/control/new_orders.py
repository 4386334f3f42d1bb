"""Making an order with a request that is built here and then handled like any other."""

from typing import Any

from msgspec.structs import replace
from starlette.requests import Request

from emulator.contract.command import CommandRefused
from emulator.contract.order_request import OrderRequest, WrittenRequest
from emulator.core.call import SCENARIO_HEADER
from emulator.core.order_request import write_order_request
from emulator.core.sandbox import Sandbox
from emulator.core.suggestion import use_one_of
from emulator.views.story import summary
from emulator.web.control.context import Context, closed
from emulator.web.control.orders import require_order
from emulator.web.control.reading import read_valid, require_provider
from emulator.web.control.refusals import ControlError
from emulator.web.control.sending import send

NEW = closed(
    ("provider",),
    provider={"type": "string", "description": "whose order it is"},
    kind={"type": ["string", "null"], "description": "kind of the order, where the provider has several"},
    scenario={"type": ["string", "null"], "description": "name of the scenario that it follows"},
    body={"type": "object", "description": "members that replace those of the usual request; null removes one"},
)


async def post_order(context: Context, request: Request) -> Any:
    """Makes an order with a valid request, signed as the provider wants it: `{provider, kind?, scenario?, body?}`."""
    sandbox, wanted = context.sandbox(request), await read_valid(request)
    await context.engine.settle_in_turns(sandbox)
    provider = require_provider(context, wanted["provider"])
    base_url = context.urls(request)[provider]
    written = _write(context, sandbox, provider, wanted, base_url)
    if wanted.get("scenario") is not None:
        written = replace(written, headers={**written.headers, SCENARIO_HEADER: wanted["scenario"]})
    sent, entry, reply = await send(context, provider, written, base_url)
    if entry is None or not entry.orders or entry.error:
        reason = entry.reason if entry is not None else ""
        told = f"{provider} has refused it with {reply.status}: {reason or 'see answer'}"
        raise ControlError("order-refused", told, sent=sent)
    order_id = entry.orders[0]
    shown = await context.engine.command(sandbox, lambda tx: summary(tx, require_order(tx, order_id)))
    return shown | {"sent": sent}


def _write(context: Context, sandbox: Sandbox, provider: str, wanted: dict[str, Any], base_url: str) -> WrittenRequest:
    card = context.providers[provider]
    if card.order_request is None:
        raise ControlError("bad-request", f"it is not known how to make an order of {provider}")
    kind = _read_kind(provider, card.order_request, wanted.get("kind"))
    tx = context.engine.transaction(sandbox)
    try:
        members = card.order_request.bodies[kind](tx) | wanted.get("body", {})
        body = {name: value for name, value in members.items() if value is not None}
        return write_order_request(tx, card, kind, body, base_url)
    except CommandRefused as error:
        raise ControlError("order-refused", str(error)) from error


def _read_kind(provider: str, usual: OrderRequest, wanted: str | None) -> str:
    if wanted is None:
        return next(iter(usual.bodies))
    kinds = {kind.lower(): kind for kind in usual.bodies}
    # A word of the provider that means several kinds, such as ONRAMP, stands for the first of them.
    kind = kinds.get(wanted.lower()) or next(
        (kinds[each] for each in kinds if each.startswith(f"{wanted.lower()}_")), None
    )
    if kind is None:
        known = [each for each in usual.bodies if each]
        good = use_one_of(wanted, known) if known else "leave it out"
        raise ControlError("bad-request", f"{provider} has no kind of order {wanted!r}: {good}")
    return kind

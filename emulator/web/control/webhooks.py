"""Calls about webhooks."""

from collections.abc import Callable
from typing import Any

from starlette.requests import Request

from emulator.contract.command import CommandRefused
from emulator.contract.delivery import Delivery
from emulator.core.deliveries import hold_back, let_go
from emulator.core.delivery_states import IllegalDeliveryEvent
from emulator.core.durations import read_duration_ms
from emulator.core.match import BadCondition, difference, read_conditions
from emulator.core.sample_webhooks import require_receiver
from emulator.core.sandbox import Sandbox
from emulator.core.transaction import Transaction
from emulator.core.urls import url_problem
from emulator.engine import real_time
from emulator.views.story import delivery_as_json
from emulator.web.control.context import Context, closed
from emulator.web.control.reading import read_base64, read_object, read_valid, require_provider
from emulator.web.control.refusals import ControlError

MAX_WAIT_MS = 60_000
SENT = "sent"
"""The event of a webhook whose body the caller has given."""
SEND = closed(
    ("provider",),
    provider={"type": "string", "description": "whose webhook it is, and by whose rules it is signed"},
    body={"type": "string", "description": "the bytes to be sent, as text in UTF-8"},
    body_base64={"type": "string", "description": "instead of body: any bytes, as base64"},
    url={"type": "string", "description": "where to send it; without it, where the sandbox's webhooks go"},
)
SUBSCRIPTION = closed(("url",), url={"type": "string", "description": "where to send webhooks"})
SELECTION = {"order": "only webhooks about the order with this id"}
WAIT = closed(
    count={"type": "integer", "minimum": 0, "default": 1},
    match={"type": "object", "description": "conditions on a webhook: path -> literal or JSON Schema"},
    timeout={"type": ["string", "number"], "default": "10s", "description": f"at most {MAX_WAIT_MS // 1000}s"},
)


async def get_webhooks(context: Context, request: Request) -> Any:
    """Webhooks with every attempt; `order` selects."""
    sandbox = context.sandbox(request)
    order = request.query_params.get("order")
    found = context.engine.transaction(sandbox).deliveries()
    return {"webhooks": [delivery_as_json(each) for each in found if order is None or each.order_id == order]}


async def post_replay(context: Context, request: Request) -> Any:
    """Sends a webhook again, and says what came of it."""
    sandbox = context.sandbox(request)
    await context.engine.settle_in_turns(sandbox)

    def decide(tx: Transaction) -> Delivery:
        first = require_webhook(tx, request.path_params["webhook"])
        return tx.deliver(
            first.provider,
            first.event,
            first.url,
            first.order_id,
            first.fields,
            about=first.about,
            retries=first.retries,
            body=first.body,
        )

    return await _outcome(context, sandbox, await context.engine.command(sandbox, decide))


async def post_hold(context: Context, request: Request) -> Any:
    """Holds back a webhook that is waiting to be sent or tried again, until it is released."""
    possible = "one that is waiting to be sent or tried again can be held back"
    return delivery_as_json(await _steer(context, request, hold_back, possible))


async def post_release(context: Context, request: Request) -> Any:
    """Sends a webhook that was held back, and says what came of it."""
    held = await _steer(context, request, let_go, "one that is held can be released")
    return await _outcome(context, context.sandbox(request), held)


async def _steer(
    context: Context, request: Request, act: Callable[[Transaction, Delivery], None], possible: str
) -> Delivery:
    sandbox, webhook = context.sandbox(request), request.path_params["webhook"]
    await context.engine.settle_in_turns(sandbox)

    def decide(tx: Transaction) -> Delivery:
        found = require_webhook(tx, webhook)
        try:
            act(tx, found)
        except IllegalDeliveryEvent as error:
            told = f"webhook {webhook} is {found.state}: only {possible}"
            raise ControlError("illegal-event", told, legal=[]) from error
        return found

    return await context.engine.command(sandbox, decide)


async def _outcome(context: Context, sandbox: Sandbox, delivery: Delivery) -> dict[str, Any]:
    """A webhook once its attempt is over."""
    return delivery_as_json(await context.engine.dispatcher.complete(sandbox, delivery.id) or delivery)


def require_webhook(tx: Transaction, webhook: str) -> Delivery:
    """The webhook with this id. Refuses if there is none."""
    found = tx.delivery(webhook)
    if found is None:
        raise ControlError("unknown-webhook", f"no webhook {webhook!r} in this sandbox: GET .../webhooks lists them")
    return found


async def post_send(context: Context, request: Request) -> Any:
    """Sends a webhook with a body of the caller's, byte for byte, with headers and signature of the sandbox's own."""
    sandbox = context.sandbox(request)
    wanted = await read_valid(request)
    await context.engine.settle_in_turns(sandbox)
    provider = require_provider(context, wanted["provider"])
    webhooks = context.providers[provider].webhooks
    if webhooks is None:
        raise ControlError("bad-request", f"{provider} sends no webhooks")
    body = _read_body(wanted)

    def decide(tx: Transaction) -> Delivery:
        try:
            url = require_receiver(tx, provider, wanted.get("url"))
            delivery = tx.deliver(provider, SENT, url, about=f"{SENT}:{tx.chance.uuid()}", body=body)
            webhooks.sign(tx, delivery, body)
        except (CommandRefused, ValueError) as error:
            raise ControlError("bad-request", str(error)) from error
        return delivery

    return await _outcome(context, sandbox, await context.engine.command(sandbox, decide))


async def post_subscribe(context: Context, request: Request) -> Any:
    """Sends the webhooks of every provider to a URL, unless an order names another one, until the sandbox is reset."""
    sandbox, url = context.sandbox(request), (await read_valid(request))["url"]
    problem = url_problem(url)
    if problem is not None:
        raise ControlError("bad-request", f"url: {problem}")

    def decide(tx: Transaction) -> None:
        for card in tx.library.providers.values():
            if card.webhooks is not None and card.webhooks.find_url(tx) != url:
                card.webhooks.subscribe(tx, url)

    await context.engine.command(sandbox, decide)


def _read_body(wanted: dict[str, Any]) -> bytes:
    """The body to be sent: a text in UTF-8, or base64 of any bytes."""
    text, encoded = wanted.get("body"), wanted.get("body_base64")
    if isinstance(text, str) and encoded is None:
        return text.encode("utf-8", "surrogatepass")
    if isinstance(encoded, str) and text is None:
        return read_base64("body_base64", encoded)
    raise ControlError("bad-request", 'write {"provider": name, "body": text}, or body_base64 instead of body')


async def post_wait(context: Context, request: Request) -> Any:
    """Waits by real time until webhooks have been sent: `{count?, match?, timeout?}`."""
    sandbox = context.sandbox(request)
    body = await read_object(request)
    count, match = body.get("count", 1), body.get("match", {})
    if isinstance(count, bool) or not isinstance(count, int) or count < 0 or not isinstance(match, dict):
        raise ControlError(
            "bad-request", 'write {"count": 2, "match": {"order": id}, "timeout": "5s"}; each may be left out'
        )
    try:
        conditions = read_conditions(match)
        timeout_ms = read_duration_ms(body.get("timeout", "10s"))
    except (BadCondition, ValueError) as error:
        raise ControlError("bad-request", str(error)) from error
    if timeout_ms > MAX_WAIT_MS:
        raise ControlError("bad-request", f"timeout must be at most {MAX_WAIT_MS // 1000}s of real time")
    until_ms = real_time.stopwatch_ms() + timeout_ms
    while True:
        await context.engine.settle_in_turns(sandbox)
        shown = await context.engine.command(sandbox, lambda tx: [delivery_as_json(each) for each in tx.deliveries()])
        found = [each for each in shown if each["attempts"] and not difference(each, conditions)]
        left_ms = until_ms - real_time.stopwatch_ms()
        if len(found) >= count or left_ms <= 0:
            return {"complete": len(found) >= count, "count": len(found), "webhooks": found}
        context.require_ready()
        await context.engine.dispatcher.news(left_ms)

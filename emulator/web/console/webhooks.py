"""The page of a webhook: what the receiver did with each attempt, what was sent and signed; and sending it again."""

from collections.abc import Mapping
from typing import Any

from emulator.contract.card import Provider
from emulator.contract.delivery import Attempt, Delivery
from emulator.core.redaction import hide_in_text
from emulator.views.story import delivery_as_json
from emulator.web.console import commands
from emulator.web.console.life import state_word
from emulator.web.console.marks import mark_of_delivery
from emulator.web.console.visit import Shown, Visit, path_of
from emulator.web.console.writing import write_clock, write_dump, write_id, write_span
from emulator.web.control.reading import read_whole_number
from emulator.web.control.refusals import ControlError
from emulator.web.control.webhooks import require_webhook
from emulator.web.receiver import judge_now

AS_IS = "as-is"
WAYS = (
    (AS_IS, "Resend", "the same again, with a new signature"),
    ("duplicate", "Send twice", "twice, one after the other"),
    ("late", "Send late", "an hour later, by the sandbox's clock"),
    ("hold", "Send, hold back", "once more, but held back until you release it"),
    ("bad-signature", "Bad signature", "with a wrong signature; a receiver must refuse it"),
)
"""How a webhook can be sent again: the fault that is injected, the label of the button, what it does."""
STEERS = {
    "pending": (("hold-back", "Hold back", "no more attempts until you release it"),),
    "held": (("release", "Release", "the next attempt is made now"),),
}
"""What can be done with a webhook itself, by its state."""
_STEERING = {"hold-back": "hold", "release": "release"}
"""What the control API calls it."""
_DIRECTIONS = {"refused": "The emulator may not call this address: allow it with --webhook-allow."}


async def show_webhook(visit: Visit) -> Shown:
    """A webhook with every attempt; the one that was asked for, or else the last, with its bytes."""
    await visit.context.engine.settle_in_turns(visit.sandbox)
    tx = visit.transaction()
    delivery = require_webhook(tx, visit.request.path_params["webhook"])
    provider = visit.providers[delivery.provider]
    attempts = [
        _show_attempt(visit, provider, number, *each)
        for number, each in enumerate(zip(delivery.attempts, delivery_as_json(delivery)["attempts"], strict=True), 1)
    ]
    number = min(read_whole_number(visit.asked.get("attempt", "")) or len(attempts), len(attempts))
    webhooks = provider.webhooks
    path = path_of("webhooks", delivery.id)
    possible = [way for way in WAYS if way[0] != "bad-signature" or (webhooks and webhooks.signature_header)]
    values: dict[str, Any] = {
        "delivery": delivery,
        "provider": provider.title,
        "mark": mark_of_delivery(delivery),
        "word": state_word(delivery),
        "url": hide_in_text(delivery.url),
        "order_path": visit.path("orders", delivery.order_id) if delivery.order_id else "",
        "order_name": write_id(delivery.order_id),
        "sentence": _sentence(visit, delivery),
        "attempts": [(each, visit.path(path, attempt=str(each["number"]))) for each in attempts],
        "chosen": attempts[number - 1] if attempts else None,
        "held_back": delivery.state == "held",
        "next_at": write_clock(delivery.due.due_ms) if delivery.due is not None else "",
        "next_in": _next_in(visit, delivery),
        "signing": webhooks.signing if webhooks is not None else "",
        "ways": (*STEERS.get(delivery.state, ()), *possible),
        "resend_path": visit.path(f"{path}/resend"),
    }
    taken = (
        *commands.write_replay(visit.control, delivery.id),
        *commands.write_held(visit.control, delivery.id, delivery.state),
    )
    title = f"Webhook {delivery.event}, {state_word(delivery)}"
    return Shown("webhook.html", title, values, order=delivery.order_id, webhook=delivery.id,
                 state=values["sentence"], path=path, taken=taken)  # fmt: skip


async def resend(visit: Visit) -> str:
    """Sends a webhook again, as it is or with a fault, or holds it back or releases it; gives the path of what came."""
    name, way = visit.request.path_params["webhook"], visit.form.get("way", AS_IS)
    if way in _STEERING:
        await visit.call("POST", f"webhooks/{{webhook}}/{_STEERING[way]}", webhook=name)
        return visit.path("webhooks", name)
    if way not in {each[0] for each in WAYS}:
        raise ControlError("bad-request", f"a webhook can be sent again as {', '.join(each[0] for each in WAYS)}")
    first = require_webhook(visit.transaction(), name)
    if way == AS_IS:
        return await _replay(visit, name)
    rule: dict[str, Any] = {"fault": way, "provider": first.provider, "times": 1, "match": {"url": first.url}}
    webhooks = visit.providers[first.provider].webhooks
    if webhooks is not None and first.event in {each.name for each in webhooks.events}:
        rule["event"] = first.event
    if first.order_id:
        rule["order"] = first.order_id
    added = await visit.call("POST", "faults", rule)
    try:
        return await _replay(visit, name)
    finally:
        await visit.call("DELETE", "faults/{fault}", fault=added["id"])


async def _replay(visit: Visit, name: str) -> str:
    again = await visit.call("POST", "webhooks/{webhook}/replay", webhook=name)
    return visit.path("webhooks", again["id"])


def _show_attempt(
    visit: Visit, provider: Provider, number: int, attempt: Attempt, shown: Mapping[str, Any]
) -> dict[str, Any]:
    """An attempt as the control API shows it, with what is read from it."""
    webhooks = provider.webhooks
    accepted = attempt.error is None and attempt.next_ms is None and attempt.status is not None
    word = f"answered with {attempt.status}" if attempt.status is not None else attempt.error or "no answer"
    raw = attempt.body.encode("utf-8", "surrogatepass")
    received = {name.lower(): value for name, value in attempt.headers.items()}
    verdict = judge_now(visit.transaction(), visit.sandbox, attempt.url, received, raw)
    return {
        **shown,
        "number": number,
        "mark": "good" if accepted and attempt.status is not None and attempt.status < 300 else "again"
        if attempt.next_ms is not None else "bad",
        "word": hide_in_text(word),
        "signature_header": webhooks.signature_header.lower() if webhooks is not None else "",
        "body_bytes": len(raw),
        "dump": write_dump(shown["body"].encode("utf-8", "surrogatepass")),
        "signed": _read_signed(provider, attempt),
        "verified": verdict.verified,
        "why_not": verdict.reason or "",
    }  # fmt: skip


def _read_signed(provider: Provider, attempt: Attempt) -> str:
    webhooks = provider.webhooks
    if webhooks is None or not webhooks.signature_header:
        return ""
    try:
        return hide_in_text(webhooks.signed(attempt.headers, attempt.body))
    except ValueError:
        return ""


def _sentence(visit: Visit, delivery: Delivery) -> str:
    """The one sentence that somebody comes here for."""
    last = delivery.attempts[-1] if delivery.attempts else None
    if delivery.state == "refused":
        return _DIRECTIONS["refused"]
    if delivery.held_back:
        return "It is held back until you release it."
    if last is None:
        waits = {
            "held": "It waits until the provider lets it go on.",
            "failed": "It was never sent.",
            "sending": "It is being sent.",
        }  # fmt: skip
        return waits.get(delivery.state, "It has not been sent yet.")
    answer = f"with {last.status}" if last.status is not None else ""
    took = write_span(last.duration_ms)
    if delivery.state == "delivered":
        return f"Your receiver took it and answered {answer} in {took}."
    if last.status is not None:
        rest = "It is tried again" if delivery.due is not None else "It is not tried again"
        return f"Your receiver answered {answer} in {took}, which does not count as received. {rest}."
    rest = "it is tried again" if delivery.due is not None else "it is not tried again"
    return f"Your receiver gave no answer ({hide_in_text(last.error or 'nothing came back')}); {rest}."


def _next_in(visit: Visit, delivery: Delivery) -> str:
    if delivery.due is None:
        return ""
    return write_span(max(0, delivery.due.due_ms - visit.context.engine.now_ms(visit.sandbox)))

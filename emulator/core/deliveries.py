"""What happens to deliveries: an attempt begins, an attempt ends. Decides inside a transaction; others send.

The states are those in `delivery_states`.
"""

from collections.abc import Collection, Iterator
from typing import Any, Literal

from emulator.contract.delivery import Attempt, Delivery, Message, Response, Skip
from emulator.contract.webhooks import Webhooks
from emulator.core.delivery_states import FINAL, enter
from emulator.core.faults.injection import order_rules, pick, sandbox_rules
from emulator.core.faults.registry import ON_DELIVERIES
from emulator.core.sandbox import DELIVERIES
from emulator.core.self_check import message_problem
from emulator.core.transaction import Transaction

KEPT_DELIVERIES = 10_000
"""How many deliveries a sandbox keeps; beyond that, the oldest finished ones are removed."""
_ROOM = 100
"""How many are removed at once, because it takes a look at all of them."""
_SHOWN_ANSWER_BYTES = 1000


def begin_attempt(tx: Transaction, delivery_id: str, *, self_check: bool = False) -> Message | None:
    """What to send now; None if a fault or the provider decides against it.

    `self_check`: do not send a message that breaks its own schema.
    """
    delivery = tx.delivery(delivery_id)
    if delivery is None or delivery.state != "pending":
        return None
    if not delivery.fault_decided:
        delivery.fault_decided = True
        if _inject(tx, delivery):
            _make_room(tx)
            return None
    message = _compose(tx, delivery, self_check=self_check)
    if isinstance(message, Skip):
        enter(delivery, "hold" if message.hold else "give_up")
        _note(tx, delivery, Response(None, error=message.reason))
        tx.keep_delivery(delivery)
        _make_room(tx)
        return None
    enter(delivery, "attempt")
    tx.keep_delivery(delivery)
    return message


def end_attempt(tx: Transaction, delivery_id: str, message: Message, response: Response, began_ms: int) -> None:
    """Records the outcome of an attempt, and plans the next one if there is to be one."""
    delivery = tx.delivery(delivery_id)
    if delivery is None or delivery.state != "sending":
        return
    attempt = Attempt(
        at_ms=began_ms,
        url=message.url,
        headers=dict(message.headers),
        body=message.body.decode("utf-8", "backslashreplace"),
        status=response.status,
        error=response.error,
        answer=response.body[:_SHOWN_ANSWER_BYTES].decode("utf-8", "replace"),
        duration_ms=response.duration_ms,
    )
    delivery.attempts.append(attempt)
    event, delay_ms = _outcome(tx, delivery, response)
    if event == "retry":
        attempt.next_ms = tx.now_ms + delay_ms
        tx.schedule_attempt(delivery, attempt.next_ms, "retry")
    else:
        enter(delivery, event)
    tx.keep_delivery(delivery)
    _note(tx, delivery, response)
    _make_room(tx)


def hold_back(tx: Transaction, delivery: Delivery) -> None:
    """Holds back a delivery whose attempt is still to come. Raises IllegalDeliveryEvent for any other."""
    enter(delivery, "hold")
    delivery.held_back = True
    tx.keep_delivery(delivery)
    _note(tx, delivery, Response(None, error="held back by hand"))


def let_go(tx: Transaction, delivery: Delivery) -> None:
    """Releases a held delivery, so that its attempt is due now. Raises IllegalDeliveryEvent for any other."""
    delivery.held_back = False
    tx.release(delivery)


def resume(tx: Transaction, under_way: Collection[str] = ()) -> None:
    """Makes attempts due again that were interrupted when the process ended or the snapshot was taken; what was due
    after them still follows them. `under_way`: deliveries whose attempts were not interrupted."""
    lost = {each.id: each.line for each in tx.deliveries() if each.state == "sending" and each.id not in under_way}
    interrupted = {*lost.values()}
    for delivery in tx.deliveries() if interrupted else ():
        due = delivery.due is not None and delivery.due.due_ms <= tx.now_ms
        if delivery.id in lost:
            tx.schedule_attempt(delivery, tx.now_ms, "resume")
        elif due and delivery.line in interrupted:
            tx.schedule_attempt(delivery, tx.now_ms, "defer")


def timeout_ms(tx: Transaction, delivery: Delivery) -> int:
    """How long the receiver may take to answer, in real time."""
    return _webhooks(tx, delivery).timeout_ms(tx.settings(delivery.provider))


def _outcome(
    tx: Transaction, delivery: Delivery, response: Response
) -> tuple[Literal["accept", "retry", "fail", "refuse"], int]:
    """What an answer means for the delivery, and the ms until the next attempt."""
    if response.refused:
        return "refuse", 0
    webhooks, settings = _webhooks(tx, delivery), tx.settings(delivery.provider)
    if response.status is not None and webhooks.accepted(settings, response):
        return "accept", 0
    delays_ms = webhooks.retry_delays_ms(settings, response) if delivery.retries else ()
    made = len(delivery.attempts)
    return ("retry", delays_ms[made - 1]) if made <= len(delays_ms) else ("fail", 0)


def _compose(tx: Transaction, delivery: Delivery, *, self_check: bool) -> Message | Skip:
    webhooks = _webhooks(tx, delivery)
    message = _message(tx, delivery, webhooks)
    if isinstance(message, Skip):
        return message
    if self_check and delivery.body is None and delivery.fault_now not in webhooks.supported_faults:
        broken = message_problem(tx.provider(delivery.provider), delivery.event, message)
        if broken is not None:
            return Skip(f"self-check: {broken}")
    fault = ON_DELIVERIES.get(delivery.fault_now)
    return message if fault is None else fault.on_message(message, webhooks)


def _message(tx: Transaction, delivery: Delivery, webhooks: Webhooks) -> Message | Skip:
    if delivery.body is None:
        return webhooks.compose(tx, delivery)
    try:
        return webhooks.sign(tx, delivery, delivery.body)
    except ValueError as error:
        return Skip(str(error))


def _inject(tx: Transaction, delivery: Delivery) -> bool:
    """Injects the fault that a rule asks for. Returns whether the delivery is not sent now."""
    rules = [*sandbox_rules(tx), *order_rules(tx, delivery.order_id)]
    if not rules:
        return False
    injected = pick(tx, _subject(delivery), rules, ON_DELIVERIES)
    if injected is None:
        for each in list(_waiting_for(tx, delivery)):
            tx.schedule_attempt(each, tx.now_ms, "defer")
        return False
    delivery.fault = injected.fault.name
    tx.note_delivery(delivery, event=delivery.event, webhook=delivery.id, fault=delivery.fault)
    return not injected.fault.on_delivery(tx, delivery, injected.rule)


def _subject(delivery: Delivery) -> dict[str, Any]:
    """What the conditions of a fault rule look at."""
    return {"provider": delivery.provider, "event": delivery.event, "orders": (delivery.order_id,), "url": delivery.url}


def _waiting_for(tx: Transaction, delivery: Delivery) -> Iterator[Delivery]:
    """Deliveries of the same line (subject and receiver) that a fault makes wait for this one."""
    for each in tx.deliveries():
        fault = ON_DELIVERIES.get(each.fault_now)
        waits = fault is not None and fault.until_next and each.state == "pending"
        if waits and each.id != delivery.id and each.line == delivery.line:
            yield each


def _make_room(tx: Transaction) -> None:
    surplus = tx.size(DELIVERIES) - KEPT_DELIVERIES
    if surplus < _ROOM:
        return
    for delivery in tx.deliveries():
        if delivery.state in FINAL:
            tx.forget(DELIVERIES, delivery.id)
            surplus -= 1
        if surplus <= 0:
            return


def _webhooks(tx: Transaction, delivery: Delivery) -> Webhooks:
    webhooks = tx.provider(delivery.provider).webhooks
    if webhooks is None:
        raise LookupError(f"{delivery.provider} sends no webhooks")
    return webhooks


def _note(tx: Transaction, delivery: Delivery, response: Response) -> None:
    tx.note_delivery(
        delivery,
        event=delivery.event,
        webhook=delivery.id,
        url=delivery.url,
        attempt=len(delivery.attempts),
        outcome=delivery.state,
        answered=response.status,
        error=response.error,
    )

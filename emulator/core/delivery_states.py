"""The lifecycle of a delivery as a table: which event takes it from which state to which."""

from typing import Literal

from msgspec import Struct

from emulator.contract.delivery import Delivery, State

Event = Literal["defer", "hold", "release", "attempt", "drop", "give_up", "accept", "retry", "fail", "refuse", "resume"]


class Row(Struct, frozen=True):
    """In `source`, `event` leads to `target`."""

    source: State
    event: Event
    target: State
    about: str


TABLE = (
    Row("pending", "defer", "pending", "a fault postpones the attempt"),
    Row("pending", "hold", "held", "the provider waits for something else to happen, or somebody holds it back"),
    Row("held", "release", "pending", "what the provider waited for has happened, or somebody releases it"),
    Row("pending", "attempt", "sending", "the attempt is due, and begins"),
    Row("pending", "drop", "failed", "a fault loses it, and it is not tried again"),
    Row("pending", "give_up", "failed", "the provider no longer has anything to send"),
    Row("sending", "accept", "delivered", "the receiver answered as the provider expects"),
    Row("sending", "retry", "pending", "it did not, and the provider's schedule has another attempt"),
    Row("sending", "fail", "failed", "it did not, and no attempt is left"),
    Row("sending", "refuse", "refused", "the emulator may not call that address"),
    Row("sending", "resume", "pending", "it was under way when its process ended, or when a snapshot was taken"),
)
_TARGETS = {(row.source, row.event): row.target for row in TABLE}
FINAL: frozenset[State] = frozenset({"delivered", "failed", "refused"})
"""States that no row leaves."""


class IllegalDeliveryEvent(RuntimeError):
    """The delivery's state does not allow this; nothing has changed."""


def enter(delivery: Delivery, event: Event) -> None:
    """Takes a delivery to the state that the event leads to. Raises IllegalDeliveryEvent."""
    target = _TARGETS.get((delivery.state, event))
    if target is None:
        raise IllegalDeliveryEvent(f"{event} cannot happen to a delivery that is {delivery.state}")
    delivery.state = target
    if target != "pending":
        delivery.due = None

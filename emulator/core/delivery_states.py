"""The life of a delivery as a table: which event takes it from which state to which."""

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
    Row("pending", "defer", "pending", "a fault lets the attempt be made later"),
    Row("pending", "hold", "held", "the provider waits until something else has happened, or somebody holds it back"),
    Row("held", "release", "pending", "that has happened, or it is released"),
    Row("pending", "attempt", "sending", "the attempt that was due is made"),
    Row("pending", "drop", "failed", "a fault loses it, and nobody tries again"),
    Row("pending", "give_up", "failed", "the provider no longer has anything to send"),
    Row("sending", "accept", "delivered", "the receiver has answered as the provider expects"),
    Row("sending", "retry", "pending", "it has not, and the provider's schedule has another attempt"),
    Row("sending", "fail", "failed", "it has not, and no attempt is left"),
    Row("sending", "refuse", "refused", "the emulator may not call that address"),
    Row("sending", "resume", "pending", "it was under way when its process ended, or when a snapshot was taken"),
)
_TARGETS = {(row.source, row.event): row.target for row in TABLE}
FINAL: frozenset[State] = frozenset({"delivered", "failed", "refused"})
"""No row leaves these."""


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

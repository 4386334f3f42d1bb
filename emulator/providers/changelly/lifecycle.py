"""The statuses of an order, and the events that take it from one to another.

Source: https://fiat-api.changelly.com/docs/Integration-guide/Transaction-statuses (seen 2026-11). Assumed: the events,
their names, the transitions but for those from `created`, and that a final order may be changed. A PATCH may leave the
transitions (setting `transition_check`); however an order enters a status, the effects are the same.
"""

from emulator.contract.lifecycle import Event, Lifecycle, Status, Transition
from emulator.providers.changelly.payments import (
    CHANGEABLE,
    OUTCOME,
    change,
    enter_complete,
    enter_created,
    enter_paid,
    enter_unpaid,
)

UPDATE = "update"
"""The event that changes properties and keeps the status."""

LIFECYCLE = Lifecycle(
    statuses=(
        Status("created", "the user has given neither documents nor payment data; wert and transak report it",
               entered=enter_created),
        Status("pending", "the payment has started", entered=enter_paid),
        Status("hold", "the provider wants to know more about the user", entered=enter_paid),
        Status("refunded", "the payment could not be matched to the order; banxa and transak report it",
               entered=enter_unpaid),
        Status("expired", "the user did not finish in time; banxa and transak report it", final=True,
               entered=enter_unpaid),
        Status("failed", "something went wrong, and the money was returned", final=True, entered=enter_unpaid),
        Status("complete", "the crypto, or the fiat of a sale, was sent", final=True, entered=enter_complete),
    ),
    events=(
        Event("start", "the user pays", OUTCOME),
        Event("hold", "the provider wants to know more", OUTCOME),
        Event("resume", "what was missing has come, and the order goes on", OUTCOME),
        Event("refund", "the payment cannot be matched to the order"),
        Event("complete", "the provider has sent what was bought", OUTCOME),
        Event("fail", "the provider gives up"),
        Event("expire", "the time to pay runs out"),
        Event(UPDATE, "properties change, and the status stays", CHANGEABLE, takes_over=False),
    ),
    transitions=(
        Transition("created", "start", "pending", then=change, mark="documented"),
        Transition("created", "expire", "expired", mark="documented"),
        Transition("pending", "hold", "hold", then=change),
        Transition("pending", "complete", "complete", then=change),
        Transition("pending", "fail", "failed"),
        Transition("pending", "refund", "refunded"),
        Transition("pending", "expire", "expired"),
        Transition("hold", "resume", "pending", then=change),
        Transition("hold", "complete", "complete", then=change),
        Transition("hold", "fail", "failed"),
        Transition("hold", "refund", "refunded"),
        Transition("refunded", "resume", "pending", then=change),
        Transition("refunded", "complete", "complete", then=change),
        Transition("refunded", "fail", "failed"),
        *(
            Transition(status, UPDATE, status, then=change, mark="documented")
            for status in ("created", "pending", "hold", "refunded")
        ),
        *(Transition(status, UPDATE, status, then=change) for status in ("failed", "complete", "expired")),
    ),
    initial={"buy": ("created",), "sell": ("created",)},
)  # fmt: skip

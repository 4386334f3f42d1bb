"""The approvals of what the policy holds. How one was decided follows from its order.

Source: https://docs.koywe.com/en/advanced/passkeys-and-approvals (seen 2026-11) for the paths. Assumed: all bodies, and
that no MFA token is needed.
"""

from typing import Any

from msgspec import Struct

from emulator.contract.card import Call
from emulator.contract.order import Order
from emulator.contract.reply import Refusal, Reply
from emulator.contract.transaction import Transaction
from emulator.core import events
from emulator.providers.koywe.collection import Collection
from emulator.providers.koywe.errors import ERRORS
from emulator.providers.koywe.formats.moments import write_moment
from emulator.providers.koywe.wire import write_answer


class Approval(Struct):
    """The approval that an order waits for, or waited for."""

    order: str
    created_ms: int


APPROVALS = Collection("koywe.approvals", Approval, "approval")

_DECISIONS = {"approve": "APPROVED", "reject": "REJECTED"}
_PENDING = "PENDING"


def open_approval(tx: Transaction, order_id: str) -> str:
    """Keeps a new approval of an order and returns its id."""
    return APPROVALS.add(tx, Approval(order_id, tx.now_ms))


def answer_held(call: Call, order: Order) -> Reply | None:
    """The error for an order that is held, if the setting `policy_hold_reply` asks for one."""
    if order.status != "ON_HOLD" or call.settings["policy_hold_reply"] == "order":
        return None
    return call.refuse(
        "approval-required",
        "the order exists and waits (setting policy_hold_reply)",
        orderId=order.id,
        approvalId=order.fields["approvalId"],
    )


# -- calls


def list_approvals(call: Call) -> Reply:
    """`GET O/policy/approvals`: all approvals, oldest first."""
    shown = [_write_approval(call.tx, approval_id, approval) for approval_id, approval in APPROVALS.scan(call.tx)]
    return write_answer(call, shown)


def get_approval(call: Call) -> Reply:
    """`GET O/policy/approvals/{approvalId}`: the approval. Refuses with `POL90001`."""
    return write_answer(call, _write_approval(call.tx, *APPROVALS.require_in_path(call)))


def approve(call: Call) -> Reply:
    """`POST O/policy/approvals/{approvalId}/approve`: the approval; its order goes on. Refuses with `POL90001`,
    `POL90002`."""
    return _decide(call, "approve")


def reject(call: Call) -> Reply:
    """`POST O/policy/approvals/{approvalId}/reject`: the approval; its order is cancelled. Refuses with `POL90001`,
    `POL90002`."""
    return _decide(call, "reject")


def _decide(call: Call, event: str) -> Reply:
    approval_id, approval = APPROVALS.require_in_path(call)
    order = call.tx.order(approval.order)
    status = _find_status(order)
    if order is None or status != _PENDING:
        raise Refusal(
            "approval-decided",
            f"the approval is already {status}, and cannot be decided again",
            decision=status.lower(),
        )
    events.fire(call.tx, order, event, cause="request")
    return write_answer(call, _write_approval(call.tx, approval_id, approval))


def _find_status(order: Order | None) -> str:
    """How the approval was decided; an order that was forced out of ON_HOLD counts as approved."""
    if order is None or order.status == "ON_HOLD":
        return _PENDING
    decision = next((change.event for change in order.history if change.event in _DECISIONS), "approve")
    return _DECISIONS[decision]


def _write_approval(tx: Transaction, approval_id: str, approval: Approval) -> dict[str, Any]:
    return {
        "id": approval_id,
        "orderId": approval.order,
        "status": _find_status(tx.order(approval.order)),
        "reasonCode": ERRORS["approval-required"].code,
        "createdAt": write_moment(approval.created_ms),
    }

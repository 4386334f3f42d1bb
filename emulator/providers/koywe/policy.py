"""The organization's policy: rules that let operations pass or hold them, and the approvals of those that are held.

An approval keeps no state of its own: how it was decided is read from its order.

Sources: https://docs.koywe.com/en/advanced/transactional-policy and
https://docs.koywe.com/en/advanced/passkeys-and-approvals (seen 2026-11): paths, ordered rules, two outcomes.
Assumed: all bodies. MFA tokens are not asked for.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

from emulator.core import events
from emulator.core.call import Call
from emulator.core.order import Order
from emulator.core.provider import Reply
from emulator.core.transaction import Transaction
from emulator.providers.koywe import policy_errors
from emulator.providers.koywe.access import names_of
from emulator.providers.koywe.bodies import give, give_created, read_body
from emulator.providers.koywe.identifiers import ID_RANDOM_BYTES, make_id
from emulator.providers.koywe.kinds import BALANCE_TRANSFER, GOVERNED, type_of
from emulator.providers.koywe.moments import print_moment
from emulator.providers.koywe.order_rules import Price
from emulator.providers.koywe.refusals import refuse

POLICIES: Final = "koywe.policies"
APPROVALS: Final = "koywe.approvals"

_RULE_FIELDS: Final = ("operation", "currencySymbol", "minAmount", "maxAmount", "action")
_DECISIONS: Final = {"approve": "APPROVED", "reject": "REJECTED"}
_PENDING: Final = "PENDING"


def needs_approval(tx: Transaction, kind: str, price: Price) -> bool:
    """Tell whether the policy holds an order. Refuses a transfer that no rule lets pass with `POL00002`."""
    if kind not in GOVERNED:
        return False
    rule = _matching_rule(tx, names_of(tx.sandbox_name).organization.id, kind, price)
    if rule is None:
        if kind == BALANCE_TRANSFER:
            raise refuse(
                policy_errors.POLICY_MISSING,
                f"no active policy, or none of its rules fits a transfer of {price.amount_in} {price.origin.symbol}",
            )
        return False
    return bool(rule["action"] == "REQUIRE_APPROVAL")


def _matching_rule(tx: Transaction, organization_id: str, kind: str, price: Price) -> Mapping[str, Any] | None:
    policy = tx.get(POLICIES, organization_id)
    if policy is None or not policy["active"]:
        return None
    return next((rule for rule in policy["rules"] if _fits(rule, type_of(kind), price)), None)


def _fits(rule: Mapping[str, Any], order_type: str, price: Price) -> bool:
    least, most = rule["minAmount"], rule["maxAmount"]
    return (
        rule["operation"] in ("ANY", order_type)
        and rule["currencySymbol"] in (None, price.origin.symbol)
        and (least is None or price.amount_in >= least)
        and (most is None or price.amount_in <= most)
    )


def open_approval(tx: Transaction, order_id: str) -> str:
    """Keep that an order waits for approval; gives the approval's id."""
    approval_id = make_id("approval", tx.chance.octets(ID_RANDOM_BYTES))
    tx.put(APPROVALS, approval_id, {"order": order_id, "created_ms": tx.now_ms})
    return approval_id


def answer_held(call: Call, order: Order) -> Reply | None:
    """Give the error in place of what was made, if its order is held and the setting `policy_hold_reply` wants that."""
    if order.status != "ON_HOLD" or call.settings["policy_hold_reply"] == "order":
        return None
    return call.refuse(
        policy_errors.APPROVAL_REQUIRED.name,
        "the order exists and waits (setting policy_hold_reply)",
        orderId=order.id,
        approvalId=order.fields["approvalId"],
    )


def keep_policy(tx: Transaction, organization_id: str, policy: Mapping[str, Any]) -> None:
    """Keep an organization's policy."""
    tx.put(POLICIES, organization_id, policy)


# -- calls


def create_policy(call: Call) -> Reply:
    """`POST O/policy`: a policy without rules, in place of the one that was."""
    body = read_body(call)
    policy_id = make_id("policy", call.tx.chance.octets(ID_RANDOM_BYTES))
    policy = {"id": policy_id, "active": body["active"], "rules": []}
    keep_policy(call.tx, call.caller.organization_id, policy)
    return give_created(call, policy)


def get_policy(call: Call) -> Reply:
    """`GET O/policy`: the policy with its rules."""
    return give(call, call.tx.get(POLICIES, call.caller.organization_id))


def create_rule(call: Call) -> Reply:
    """`POST O/policy/rules`: the rule, which is now the last one."""
    body = read_body(call)
    rule_id = make_id("rule", call.tx.chance.octets(ID_RANDOM_BYTES))
    rule = {"id": rule_id} | {name: body.get(name) for name in _RULE_FIELDS}
    policy = call.tx.get(POLICIES, call.caller.organization_id)
    policy["rules"].append(rule)
    keep_policy(call.tx, call.caller.organization_id, policy)
    return give_created(call, rule)


def update_rule(call: Call) -> Reply:
    """`PUT O/policy/rules/{ruleId}`: the rule with what was sent changed. Refuses with `POL90003`."""
    body = read_body(call)
    rule_id = call.parameters["rule_id"]
    policy = call.tx.get(POLICIES, call.caller.organization_id)
    rule: dict[str, Any] | None = next((each for each in policy["rules"] if each["id"] == rule_id), None)
    if rule is None:
        raise refuse(policy_errors.RULE_NOT_FOUND, f"the policy has no rule {rule_id!r}")
    rule |= {name: body[name] for name in _RULE_FIELDS if name in body}
    keep_policy(call.tx, call.caller.organization_id, policy)
    return give(call, rule)


def list_approvals(call: Call) -> Reply:
    """`GET O/policy/approvals`: all of them, oldest first."""
    shown = [_body(call.tx, approval_id, approval) for approval_id, approval in call.tx.scan(APPROVALS)]
    return give(call, shown)


def get_approval(call: Call) -> Reply:
    """`GET O/policy/approvals/{approvalId}`: one. Refuses with `POL90001`."""
    approval_id = call.parameters["approval_id"]
    return give(call, _body(call.tx, approval_id, _require_approval(call, approval_id)))


def approve(call: Call) -> Reply:
    """`POST O/policy/approvals/{approvalId}/approve`: the approval; its order goes on. Refuses with `POL90001`,
    `POL90002`."""
    return _decide(call, "approve")


def reject(call: Call) -> Reply:
    """`POST O/policy/approvals/{approvalId}/reject`: the approval; its order is cancelled. Refuses with `POL90001`,
    `POL90002`."""
    return _decide(call, "reject")


def _decide(call: Call, event: str) -> Reply:
    approval_id = call.parameters["approval_id"]
    approval = _require_approval(call, approval_id)
    order = call.tx.order(approval["order"])
    status = _status(order)
    if order is None or status != _PENDING:
        raise refuse(
            policy_errors.APPROVAL_DECIDED,
            f"the approval is {status} already, and is decided once",
            decision=status.lower(),
        )
    events.fire(call.tx, order, event, cause="request")
    return give(call, _body(call.tx, approval_id, approval))


def _require_approval(call: Call, approval_id: str) -> Mapping[str, Any]:
    approval: Mapping[str, Any] | None = call.tx.get(APPROVALS, approval_id)
    if approval is None:
        raise refuse(policy_errors.APPROVAL_NOT_FOUND, f"there is no approval {approval_id!r}")
    return approval


def _status(order: Order | None) -> str:
    """How the approval was decided. An order that was forced out of ON_HOLD counts as approved."""
    if order is None or order.status == "ON_HOLD":
        return _PENDING
    decision = next((change.event for change in order.history if change.event in _DECISIONS), "approve")
    return _DECISIONS[decision]


def _body(tx: Transaction, approval_id: str, approval: Mapping[str, Any]) -> dict[str, Any]:
    return {
        "id": approval_id,
        "orderId": approval["order"],
        "status": _status(tx.order(approval["order"])),
        "reasonCode": policy_errors.APPROVAL_REQUIRED.code,
        "createdAt": print_moment(approval["created_ms"]),
    }

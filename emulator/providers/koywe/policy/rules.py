"""The organization's policy: rules that let operations pass, or hold them until somebody approves.

Source: https://docs.koywe.com/en/advanced/transactional-policy (seen 2026-11): paths, ordered rules, two actions.
Assumed: all bodies.
"""

from typing import Any

from msgspec import Struct

from emulator.contract.card import Call
from emulator.contract.reply import Refusal, Reply
from emulator.contract.transaction import Transaction
from emulator.core.wording import shown
from emulator.providers.koywe.catalogue import read_names
from emulator.providers.koywe.collection import Collection
from emulator.providers.koywe.formats.identifiers import make_id
from emulator.providers.koywe.ordering.kinds import BALANCE_TRANSFER, GOVERNED, read_type
from emulator.providers.koywe.ordering.rules import Price
from emulator.providers.koywe.wire import read_body, write_answer, write_created


class Rule(Struct, rename="camel"):
    """A rule of the policy; None means any. Amounts keep the client's literals."""

    id: str
    operation: str
    currency_symbol: str | None
    min_amount: Any
    max_amount: Any
    action: str


class Policy(Struct):
    """The policy of an organization; the first rule that fits decides."""

    id: str
    active: bool
    rules: list[Rule]


POLICIES = Collection("koywe.policies", Policy, "policy")
"""By organization."""

_RULE_FIELDS = {
    "operation": "operation",
    "currencySymbol": "currency_symbol",
    "minAmount": "min_amount",
    "maxAmount": "max_amount",
    "action": "action",
}
"""Member of a rule on the wire -> the field here."""


def needs_approval(tx: Transaction, kind: str, price: Price) -> bool:
    """Whether the policy holds an order. Refuses with `POL00002` a balance transfer that no rule lets pass."""
    if kind not in GOVERNED:
        return False
    rule = _find_rule(tx, read_names(tx.sandbox_name).organization.id, kind, price)
    if rule is None:
        if kind == BALANCE_TRANSFER:
            raise Refusal(
                "policy-missing",
                f"no active policy, or none of its rules fits a transfer of {price.amount_in} {price.origin.symbol}",
            )
        return False
    return rule.action == "REQUIRE_APPROVAL"


def _find_rule(tx: Transaction, organization_id: str, kind: str, price: Price) -> Rule | None:
    policy = POLICIES.find(tx, organization_id)
    if policy is None or not policy.active:
        return None
    return next((rule for rule in policy.rules if _fits(rule, read_type(kind), price)), None)


def _fits(rule: Rule, order_type: str, price: Price) -> bool:
    least, most = rule.min_amount, rule.max_amount
    return bool(
        rule.operation in ("ANY", order_type)
        and rule.currency_symbol in (None, price.origin.symbol)
        and (least is None or price.amount_in >= least)
        and (most is None or price.amount_in <= most)
    )


# -- calls


def create_policy(call: Call) -> Reply:
    """`POST O/policy`: a new policy without rules, in place of the old one."""
    body = read_body(call)
    policy = Policy(make_id(call.tx.chance, POLICIES.id_kind), body["active"], [])
    POLICIES.put(call.tx, call.caller.organization_id, policy)
    return write_created(call, _write_policy(policy))


def get_policy(call: Call) -> Reply:
    """`GET O/policy`: the policy with its rules."""
    return write_answer(call, _write_policy(_require_policy(call)))


def create_rule(call: Call) -> Reply:
    """`POST O/policy/rules`: the rule, as the last one."""
    body = read_body(call)
    rule = Rule(
        make_id(call.tx.chance, "rule"),
        operation=body["operation"],
        currency_symbol=body.get("currencySymbol"),
        min_amount=body.get("minAmount"),
        max_amount=body.get("maxAmount"),
        action=body["action"],
    )
    policy = _require_policy(call)
    policy.rules.append(rule)
    POLICIES.put(call.tx, call.caller.organization_id, policy)
    return write_created(call, _write_rule(rule))


def update_rule(call: Call) -> Reply:
    """`PUT O/policy/rules/{ruleId}`: the changed rule. Refuses with `POL90003`."""
    body = read_body(call)
    rule_id = call.parameters["rule_id"]
    policy = _require_policy(call)
    rule = next((each for each in policy.rules if each.id == rule_id), None)
    if rule is None:
        raise Refusal("rule-not-found", f"the policy has no rule {shown(rule_id)}")
    for name in _RULE_FIELDS.keys() & body.keys():
        setattr(rule, _RULE_FIELDS[name], body[name])
    POLICIES.put(call.tx, call.caller.organization_id, policy)
    return write_answer(call, _write_rule(rule))


def _require_policy(call: Call) -> Policy:
    policy = POLICIES.find(call.tx, call.caller.organization_id)
    if policy is None:
        raise LookupError("every organization has a policy")
    return policy


def _write_policy(policy: Policy) -> dict[str, Any]:
    """The policy as clients see it."""
    return {"id": policy.id, "active": policy.active, "rules": [_write_rule(rule) for rule in policy.rules]}


def _write_rule(rule: Rule) -> dict[str, Any]:
    return {"id": rule.id} | {shown: getattr(rule, name) for shown, name in _RULE_FIELDS.items()}

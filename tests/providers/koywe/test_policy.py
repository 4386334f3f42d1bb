"""The policy, its rules, and approvals of what they hold."""

from typing import Any

import pytest

from emulator.testing import Emulator
from tests.clients.koywe import Client
from tests.providers.koywe.samples import (
    BALANCE_TRANSFER,
    BANK_CO,
    COP,
    KINDS,
    PAYMENT_LINK,
    PAYOUT,
    SCENARIO,
    WALLET_USDC,
)

HELD = ["PAYOUT", "BALANCE_TRANSFER", "INTER_MERCHANT_TRANSFER", "ONRAMP_FROM_BALANCE", "ONRAMP_BY_METHOD", "OFFRAMP"]
FIRST_RULE = "rule_00000000-0000-4000-8000-000000000602"
ASK: dict[str, Any] = {"operation": "ANY", "action": "REQUIRE_APPROVAL"}
ALLOW: dict[str, Any] = {"operation": "ANY", "action": "ALLOW"}


def set_rules(client: Client, *rules: dict[str, Any]) -> list[Any]:
    """Puts a policy with these rules in place of the one that was."""
    path = f"{client.organization}/policy"
    assert client.request("POST", path, {"active": True}).status_code == 201
    return [client.request("POST", f"{path}/rules", rule).json() for rule in rules]


def approvals(client: Client) -> Any:
    return client.request("GET", f"{client.organization}/policy/approvals").json()


def decide(client: Client, approval_id: str, decision: str) -> Any:
    return client.request("POST", f"{client.organization}/policy/approvals/{approval_id}/{decision}")


def test_26_the_initial_policy_lets_everything_pass(client: Client) -> None:
    assert client.request("GET", f"{client.organization}/policy").json() == {
        "id": "pol_00000000-0000-4000-8000-000000000601",
        "active": True,
        "rules": [
            {"id": FIRST_RULE, "operation": "ANY", "currencySymbol": None, "minAmount": None, "maxAmount": None,
             "action": "ALLOW"},
        ],
    }  # fmt: skip


def test_26_rules_can_be_created_and_changed(client: Client) -> None:
    (rule,) = set_rules(client, {**ASK, "currencySymbol": "COP", "minAmount": 1000.5})
    policy = client.request("GET", f"{client.organization}/policy").json()
    assert policy["rules"] == [rule]
    assert rule == {
        "id": rule["id"], "operation": "ANY", "currencySymbol": "COP", "minAmount": 1000.5, "maxAmount": None,
        "action": "REQUIRE_APPROVAL",
    }  # fmt: skip
    path = f"{client.organization}/policy/rules/"
    changed = client.request("PUT", path + rule["id"], {"maxAmount": 5000, "operation": "PAYOUT"}).json()
    assert changed == rule | {"maxAmount": 5000, "operation": "PAYOUT"}
    assert client.request("GET", f"{client.organization}/policy").json()["rules"] == [changed]
    missing = client.request("PUT", path + FIRST_RULE, {})
    assert (missing.status_code, missing.json()["errorCode"]) == (404, "POL90003")
    for body in ({"action": "ALLOW"}, {"operation": "PAYIN", "action": "ALLOW"}, {**ASK, "minAmount": "1"}):
        refused = client.request("POST", f"{client.organization}/policy/rules", body)
        assert (refused.status_code, refused.json()["errorCode"]) == (422, "COM90003")
    assert client.request("POST", f"{client.organization}/policy", {}).status_code == 422


@pytest.mark.parametrize("kind", HELD)
def test_26_an_order_that_needs_approval_is_held_and_goes_on_once_approved(
    emulator: Emulator, client: Client, kind: str
) -> None:
    set_rules(client, ASK)
    before = client.balances()
    created = client.create({SCENARIO: "manual"}, **KINDS[kind])
    assert (created.status_code, created.json()["status"]) == (201, "ON_HOLD")
    taken = 50000 if created.json()["originAccountId"] else 0
    assert client.balances() == (before[0] - taken, 0, taken)
    (approval,) = approvals(client)
    assert approval == {
        "id": approval["id"], "orderId": created.json()["id"], "status": "PENDING", "reasonCode": "POL00007",
        "createdAt": "2026-01-05T12:00:00.000Z",
    }  # fmt: skip
    approved = decide(client, approval["id"], "approve")
    assert (approved.status_code, approved.json()["status"]) == (200, "APPROVED")
    expected = "PROCESSING" if kind in ("BALANCE_TRANSFER", "INTER_MERCHANT_TRANSFER") else "PENDING"
    assert client.status(created.json()["id"]) == expected
    for decision in ("approve", "reject"):
        refused = decide(client, approval["id"], decision)
        assert (refused.status_code, refused.json()["errorCode"]) == (409, "POL90002")
        assert refused.json()["message"] == "Approval already approved"


@pytest.mark.parametrize("kind", HELD)
def test_26_a_rejected_order_returns_its_money(emulator: Emulator, client: Client, kind: str) -> None:
    set_rules(client, ASK)
    before = client.balances()
    order_id = client.order_id(client.create(**KINDS[kind]))
    approval_id = approvals(client)[0]["id"]
    assert decide(client, approval_id, "reject").json()["status"] == "REJECTED"
    assert client.status(order_id) == "CANCELLED"
    assert client.balances() == before
    assert decide(client, approval_id, "approve").json()["message"] == "Approval already rejected"
    assert client.request("GET", f"{client.organization}/policy/approvals/{approval_id}").json()["status"] == "REJECTED"


def test_26_pay_ins_are_never_held(client: Client) -> None:
    set_rules(client, ASK)
    assert client.create().json()["status"] == "PENDING"
    assert client.create(**PAYMENT_LINK).json()["status"] == "PENDING"
    assert approvals(client) == []


@pytest.mark.parametrize(
    ("rules", "held"),
    [
        ([ALLOW, ASK], False),
        ([ASK, ALLOW], True),
        ([{**ASK, "operation": "ONRAMP"}], False),
        ([{**ASK, "operation": "PAYOUT"}], True),
        ([{**ASK, "currencySymbol": "USD"}], False),
        ([{**ASK, "currencySymbol": "COP"}], True),
        ([{**ASK, "minAmount": 50000}], True),
        ([{**ASK, "minAmount": 50000.01}], False),
        ([{**ASK, "maxAmount": 50000}], True),
        ([{**ASK, "maxAmount": 49999}], False),
        ([{**ALLOW, "maxAmount": 49999}, ASK], True),
    ],
)
def test_26_the_first_rule_that_matches_decides(client: Client, rules: list[dict[str, Any]], held: bool) -> None:
    set_rules(client, *rules)
    assert client.create(**PAYOUT).json()["status"] == ("ON_HOLD" if held else "PENDING")


def test_26_a_held_order_can_be_answered_with_an_error(emulator: Emulator, client: Client) -> None:
    emulator.set("koywe", policy_hold_reply="error")
    set_rules(client, ASK)
    refused = client.create(**PAYOUT, externalId="pay-1")
    assert (refused.status_code, refused.json()["errorCode"]) == (403, "POL00007")
    assert refused.json()["message"] == "Approval is required for this operation"
    order = client.get("/orders/external/pay-1")
    assert order["status"] == "ON_HOLD"
    (approval,) = approvals(client)
    assert refused.json()["details"] == {"orderId": order["id"], "approvalId": approval["id"]}
    assert client.balances()[2] == 50000


def test_26_events_can_decide_too(emulator: Emulator, client: Client) -> None:
    set_rules(client, ASK)
    order_id = client.order_id(client.create(**BALANCE_TRANSFER))
    emulator.fire(order_id, "reject")
    assert approvals(client)[0]["status"] == "REJECTED"


def test_26_an_order_held_by_a_scenario_has_an_approval(client: Client) -> None:
    order_id = client.order_id(client.create(**PAYOUT, description="#emu:hold"))
    (approval,) = approvals(client)
    assert (approval["orderId"], approval["status"]) == (order_id, "PENDING")


def test_26_unknown_approvals_are_not_found(client: Client) -> None:
    path = f"{client.organization}/policy/approvals/apr_00000000-0000-4000-8000-000000000999"
    for method, more in (("GET", ""), ("POST", "/approve"), ("POST", "/reject")):
        refused = client.request(method, path + more)
        assert (refused.status_code, refused.json()["errorCode"]) == (404, "POL90001")
        assert refused.json()["message"] == "Approval not found"


def test_26_an_insufficient_balance_is_reported_before_anything_is_held(emulator: Emulator, client: Client) -> None:
    set_rules(client, ASK)
    assert client.create(**PAYOUT, amountIn=10**9).json()["errorCode"] == "INSUFFICIENT_BALANCE"
    assert approvals(client) == []


def make_deal(client: Client, order_type: str, headers: dict[str, str] | None = None) -> Any:
    """The answer to a deal of this type over 50000 COP or 100 USDC."""
    onramp = order_type == "ONRAMP"
    symbols = ("COP", "USDC") if onramp else ("USDC", "COP")
    quote = client.post("/quotes", {
        "orderType": order_type, "originCurrencySymbol": symbols[0], "destinationCurrencySymbol": symbols[1],
        "amountIn": 50000 if onramp else 100,
    })  # fmt: skip
    body = {"quoteId": quote["id"], "destinationAccountId": WALLET_USDC if onramp else BANK_CO}
    return client.request("POST", f"{client.merchant}/deals", body, headers=headers)


@pytest.mark.parametrize("order_type", ["ONRAMP", "OFFRAMP"])
def test_26_orders_of_deals_are_held_too(emulator: Emulator, client: Client, order_type: str) -> None:
    set_rules(client, ASK)
    before = client.balances()
    deal = make_deal(client, order_type).json()
    (order_id,) = deal["orders"]
    assert client.status(order_id) == "ON_HOLD"
    taken = 50000 if order_type == "ONRAMP" else 0
    assert client.balances() == (before[0] - taken, 0, taken)
    emulator.advance("1h")
    assert client.status(order_id) == "ON_HOLD"
    (approval,) = approvals(client)
    assert (approval["orderId"], approval["status"]) == (order_id, "PENDING")
    assert decide(client, approval["id"], "approve").status_code == 200
    emulator.advance("33s")
    assert client.get(f"/deals/{deal['id']}")["status"] == "COMPLETED"


def test_26_a_rejected_order_ends_its_deal(client: Client) -> None:
    set_rules(client, ASK)
    before = client.balances()
    deal = make_deal(client, "ONRAMP").json()
    decide(client, approvals(client)[0]["id"], "reject")
    assert client.balances() == before
    deal = client.get(f"/deals/{deal['id']}")
    assert (deal["status"], len(deal["orders"])) == ("FAILED", 1)


def test_26_the_policy_looks_at_the_amount_of_each_part_of_a_deal(emulator: Emulator, client: Client) -> None:
    set_rules(client, {**ASK, "operation": "ONRAMP", "minAmount": 20001})
    emulator.command("koywe", "set_balance", account=COP, amount=20000)
    deal = make_deal(client, "ONRAMP").json()
    emulator.command("koywe", "deposit", account=COP, amount=30000)
    first, second = client.get(f"/deals/{deal['id']}")["orders"]
    assert (client.status(first), client.status(second)) == ("PENDING", "ON_HOLD")
    assert [each["orderId"] for each in approvals(client)] == [second]


def test_26_a_deal_whose_order_is_held_can_be_answered_with_an_error(emulator: Emulator, client: Client) -> None:
    emulator.set("koywe", policy_hold_reply="error")
    set_rules(client, ASK)
    refused = make_deal(client, "ONRAMP")
    assert (refused.status_code, refused.json()["errorCode"]) == (403, "POL00007")
    (deal,) = client.get("/deals")
    (approval,) = approvals(client)
    assert refused.json()["details"] == {"orderId": deal["orders"][0], "approvalId": approval["id"]}


def test_26_the_order_of_a_deal_can_be_held_by_a_scenario(client: Client) -> None:
    deal = make_deal(client, "OFFRAMP", {SCENARIO: "hold"}).json()
    (approval,) = approvals(client)
    assert [approval["orderId"]] == deal["orders"]
    assert client.status(approval["orderId"]) == "ON_HOLD"

"""The two environments: what an order does there when nobody has chosen a scenario."""

from typing import Any

import pytest

from emulator.testing import Emulator
from tests.clients.koywe import Client
from tests.providers.koywe.samples import BALANCE_TRANSFER, KINDS, PAYMENT_LINK, PAYOUT, SCENARIO

SPEI: dict[str, Any] = {
    "originCurrencySymbol": "MXN",
    "destinationCurrencySymbol": "MXN",
    "amountIn": 100,
    "paymentMethods": [{"method": "SPEI"}],
}
CARD_MX: dict[str, Any] = {**SPEI, "paymentMethods": [{"method": "CARD_PAYMENT"}]}
KHIPU: dict[str, Any] = {
    "originCurrencySymbol": "CLP",
    "destinationCurrencySymbol": "CLP",
    "amountIn": 15000,
    "paymentMethods": [{"method": "KHIPU"}],
}
QRI: dict[str, Any] = {**KHIPU, "paymentMethods": [{"method": "QRI"}]}
PIX: dict[str, Any] = {
    "originCurrencySymbol": "BRL",
    "destinationCurrencySymbol": "BRL",
    "amountIn": 100,
    "paymentMethods": [{"method": "PIX_DYNAMIC"}],
}
NEQUI: dict[str, Any] = {"paymentMethods": [{"method": "NEQUI"}]}


@pytest.fixture
def sandboxed(emulator: Emulator, client: Client) -> Client:
    emulator.set("koywe", profile="sandbox")
    return client


def test_16_payouts_fail_in_the_sandbox_and_return_their_money(emulator: Emulator, sandboxed: Client) -> None:
    before = sandboxed.balances()
    order_id = sandboxed.order_id(sandboxed.create(**PAYOUT))
    assert sandboxed.balances() == (before[0] - 50000, 0, 50000)
    emulator.advance("1999ms")
    assert sandboxed.status(order_id) == "PENDING"
    emulator.advance("1ms")
    assert sandboxed.status(order_id) == "FAILED"
    assert sandboxed.balances() == before


def test_16_payouts_complete_in_production(emulator: Emulator, client: Client) -> None:
    order_id = client.order_id(client.create(**PAYOUT))
    emulator.advance("61s")
    assert client.status(order_id) == "COMPLETED"


@pytest.mark.parametrize(
    ("settings", "status"),
    [
        ({}, "PROCESSING"),
        ({"profile": "sandbox"}, "COMPLETED"),
        ({"profile": "sandbox", "balance_transfer_mode": "stepwise"}, "PROCESSING"),
        ({"balance_transfer_mode": "instant"}, "COMPLETED"),
    ],
)
def test_16_transfers_are_instant_or_stepwise(
    emulator: Emulator, client: Client, settings: dict[str, Any], status: str
) -> None:
    emulator.set("koywe", **settings)
    cop, usd = client.balances("COP")[0], client.balances("USD")[0]
    created = client.create(**BALANCE_TRANSFER, amountIn=400000)
    assert created.json()["status"] == status
    assert client.balances("COP") == (cop - 400000, 0, 0 if status == "COMPLETED" else 400000)
    emulator.advance("2s")
    assert client.status(client.order_id(created)) == "COMPLETED"
    assert client.balances("COP")[0] == cop - 400000
    assert float(client.balances("USD")[0] - usd) == 99.5


def test_16_a_held_instant_transfer_completes_when_approved(emulator: Emulator, client: Client) -> None:
    emulator.set("koywe", balance_transfer_mode="instant")
    before = client.balances("USD")
    created = client.create(**BALANCE_TRANSFER, description="#emu:hold", amountIn=400000)
    assert created.json()["status"] == "ON_HOLD"
    assert client.balances("USD") == before
    emulator.fire(client.order_id(created), "approve")
    assert client.status(client.order_id(created)) == "COMPLETED"
    assert float(client.balances("USD")[0] - before[0]) == 99.5
    assert client.balances("COP")[2] == 0


@pytest.mark.parametrize(("changes", "action_type"), [(KHIPU, "PAYMENT_LINK"), (SPEI, "BANK_DETAILS")])
def test_16_some_methods_are_paid_by_themselves(
    emulator: Emulator, sandboxed: Client, changes: dict[str, Any], action_type: str
) -> None:
    created = sandboxed.create(**changes)
    assert created.json()["providedActionType"] == action_type
    emulator.advance("3s")
    assert sandboxed.status(sandboxed.order_id(created)) == "COMPLETED"


def test_16_khipu_can_be_made_to_wait_for_its_payer(emulator: Emulator, sandboxed: Client) -> None:
    emulator.set("koywe", khipu_sandbox="interactive")
    order_id = sandboxed.order_id(sandboxed.create(**KHIPU))
    emulator.advance("1h")
    assert sandboxed.status(order_id) == "PENDING"
    emulator.set("koywe", profile="production")
    order_id = sandboxed.order_id(sandboxed.create(**KHIPU))
    emulator.advance("3s")
    assert sandboxed.status(order_id) == "COMPLETED"


@pytest.mark.parametrize("changes", [{}, NEQUI, PIX, CARD_MX, PAYMENT_LINK])
def test_16_other_methods_wait_for_the_pay_page(emulator: Emulator, sandboxed: Client, changes: dict[str, Any]) -> None:
    order_id = sandboxed.order_id(sandboxed.create(**changes))
    emulator.advance("1h")
    assert sandboxed.status(order_id) == "PENDING"
    sandboxed.request("POST", f"/pay/{order_id}", {"outcome": "succeed"})
    emulator.advance("1s")
    assert sandboxed.status(order_id) == "COMPLETED"


@pytest.mark.parametrize("kind", ["ONRAMP_FROM_BALANCE", "ONRAMP_BY_METHOD", "OFFRAMP"])
def test_16_crypto_orders_are_the_same_in_sandbox_and_production(
    emulator: Emulator, sandboxed: Client, kind: str
) -> None:
    order_id = sandboxed.order_id(sandboxed.create(**KINDS[kind]))
    emulator.advance("33s")
    assert sandboxed.status(order_id) == "COMPLETED"


@pytest.mark.parametrize("headers", [None, {SCENARIO: "happy"}])
def test_16_qri_is_broken_in_the_sandbox(
    emulator: Emulator, sandboxed: Client, headers: dict[str, str | None] | None
) -> None:
    refused = sandboxed.create(headers, **QRI)
    assert (refused.status_code, refused.json()["errorCode"]) == (400, "OR00007")
    emulator.set("koywe", profile="production")
    assert sandboxed.create(headers, **QRI).status_code == 201


@pytest.mark.parametrize(
    ("card", "status"),
    [("4242424242424242", "PAID"), ("4242 4242 4242 4242", "PAID"), ("4000000000000002", "FAILED"),
     ("4000000000009995", "FAILED")],
)  # fmt: skip
@pytest.mark.parametrize("profile", ["production", "sandbox"])
def test_16_three_test_cards_decide_the_outcome(
    emulator: Emulator, client: Client, profile: Any, card: str, status: str
) -> None:
    emulator.set("koywe", profile=profile)
    order_id = client.order_id(client.create(**CARD_MX))
    client.request("POST", f"/pay/{order_id}", {"cardNumber": card, "outcome": "abandon"})
    assert client.status(order_id) == status


@pytest.mark.parametrize(("scenario", "status"), [("happy", "COMPLETED"), ("manual", "PENDING"), ("fail", "FAILED")])
@pytest.mark.parametrize("changes", [PAYOUT, KHIPU, PAYMENT_LINK])
def test_16_a_chosen_scenario_takes_precedence(
    emulator: Emulator, sandboxed: Client, changes: dict[str, Any], scenario: str, status: str
) -> None:
    order_id = sandboxed.order_id(sandboxed.create({SCENARIO: scenario}, **changes))
    emulator.advance("2m")
    assert sandboxed.status(order_id) == status

"""Balances while orders move: nothing is lost, and what an order does not use is returned."""

from decimal import Context, Decimal
from typing import Any, cast

import pytest

from emulator.testing import ControlRefused, Emulator
from tests.clients.koywe import Client
from tests.providers.koywe.order_table import (
    engine,
    everywhere,
    make,
    rows,
)
from tests.providers.koywe.samples import BANK_CO, COP, KINDS, OFFRAMP, SCENARIO


def test_14_a_refund_is_refused_if_the_balance_is_too_small(emulator: Emulator, client: Client) -> None:
    order_id = make(emulator, client, "PAYIN", "REFUND_REQUESTED")
    emulator.command("koywe", "set_balance", account=COP, amount=49999.99)
    with pytest.raises(ControlRefused):
        emulator.fire(order_id, "refund")
    emulator.command("koywe", "set_balance", account=COP, amount=50000)
    emulator.fire(order_id, "refund")
    assert client.balances() == (0, 0, 0)


STEPS: dict[str, list[tuple[str, int, int, int]]] = {
    "PAYIN": [("start", 0, 50000, 0), ("confirm", 0, 50000, 0), ("settle", 50000, 0, 0),
              ("request_refund", 50000, 0, 0), ("refund", 0, 0, 0)],
    "PAYMENT_LINK": [("confirm", 0, 50000, 0), ("settle", 50000, 0, 0)],
    "PAYOUT": [("", -50000, 0, 50000), ("start", -50000, 0, 50000), ("settle", -50000, 0, 0), ("refund", 0, 0, 0)],
    "BALANCE_TRANSFER": [("", -50000, 0, 50000), ("settle", -50000, 0, 0)],
    "INTER_MERCHANT_TRANSFER": [("", -50000, 0, 50000), ("settle", -50000, 0, 0)],
    "ONRAMP_FROM_BALANCE": [("", -50000, 0, 50000), ("start", -50000, 0, 50000), ("settle", -50000, 0, 0)],
    "ONRAMP_BY_METHOD": [("", 0, 0, 0), ("confirm", 0, 0, 0), ("start", 0, 0, 0), ("settle", 0, 0, 0)],
    "OFFRAMP": [("", 0, 0, 0), ("confirm", 0, 0, 0), ("start", 0, 398000, 0), ("settle", 398000, 0, 0)],
}  # fmt: skip
"""Event -> what available, pending and reserved then are, more or less than before the order."""


@pytest.mark.parametrize("kind", STEPS)
def test_15_each_event_moves_its_balances(emulator: Emulator, client: Client, kind: str) -> None:
    available, _, _ = client.balances()
    changes = KINDS[kind] | ({"destinationCurrencySymbol": "COP"} if kind == "OFFRAMP" else {})
    order_id = client.order_id(client.create({SCENARIO: "manual"}, **changes))
    for event, more, pending, reserved in STEPS[kind]:
        if event:
            emulator.fire(order_id, cast(Any, event))
        assert client.balances() == (available + more, pending, reserved), event


@pytest.mark.parametrize(("kind", "status"), [each for each in everywhere() if each[1] in ("FAILED", "CANCELLED",
                                                                                          "EXPIRED")])  # fmt: skip
def test_15_orders_that_fail_or_are_cancelled_restore_balances(
    emulator: Emulator, client: Client, kind: str, status: str
) -> None:
    before = engine(client)
    for source, event in [each for each, target in rows(kind).items() if target == status]:
        order_id = make(emulator, client, kind, source)
        emulator.fire(order_id, cast(Any, event))
        assert engine(client) == before, (source, event)


def test_15_money_to_a_real_account_never_becomes_available(emulator: Emulator, client: Client) -> None:
    before = client.balances()
    order_id = client.order_id(client.create(destinationAccountId=BANK_CO))
    emulator.advance("2s")
    assert client.balances() == (before[0], 50000, 0)
    emulator.advance("1s")
    assert client.status(order_id) == "COMPLETED"
    assert client.balances() == before


def test_15_huge_amounts_add_up_exactly(emulator: Emulator, client: Client) -> None:
    before = client.balances()
    body = (
        '{"type":"PAYMENT_LINK","originCurrencySymbol":"COP","destinationCurrencySymbol":"COP",'
        '"amountIn":123456789012345678901234567890123456789.01}'
    )
    created = client.request("POST", f"{client.merchant}/orders", content=body.encode())
    order_id = client.order_id(created)
    emulator.advance("3s")
    amount = Decimal("123456789012345678901234567890123456789.01")
    assert Context(prec=60).subtract(client.balances()[0], before[0]) == amount
    emulator.fire(order_id, "request_refund")
    emulator.fire(order_id, "refund")
    assert client.balances() == before


def test_15_an_offramp_to_another_currency_does_not_change_this_balance(emulator: Emulator, client: Client) -> None:
    before = client.balances("COP")
    client.create(**OFFRAMP | {"destinationCurrencySymbol": "CLP"})
    emulator.advance("1m")
    assert client.balances("COP") == before
    assert client.balances("CLP") == (5000000 + 99500, 0, 0)


def test_15_amounts_beside_a_quote_are_not_checked(emulator: Emulator, client: Client) -> None:
    emulator.set("koywe", quote_exclusivity="lenient")
    wanted = {"orderType": "PAYIN", "originCurrencySymbol": "COP", "destinationCurrencySymbol": "USD", "amountIn": 4000}
    quote_id = client.post("/quotes", wanted)["id"]
    order = client.create(quoteId=quote_id, amountIn=1.2345).json()
    assert (order["amountIn"], order["destinationCurrencySymbol"]) == (4000, "USD")
    quote_id = client.post("/quotes", wanted)["id"]
    order = client.create(quoteId=quote_id, amountIn=-1, amountOut="9", originCurrencySymbol=5).json()
    assert (order["amountIn"], order["originCurrencySymbol"]) == (4000, "COP")
    assert client.create(quoteId=5, amountOut="9").json()["message"] == "quoteId must be a string"

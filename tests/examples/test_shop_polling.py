"""The shop of the examples polls, up to a deadline, and makes a round at night."""

from collections.abc import Mapping
from decimal import Decimal
from typing import Any

import pytest
from shop.orders import DEADLINE_MS

from emulator.testing import BackgroundServer
from tests.examples.stage import CUSTOMER, TELLING, WORTH, Stage, stage


def test_an_order_is_polled_less_and_less_often_and_not_after_the_deadline(at: Stage) -> None:
    at.emulator.set("baanx", order_expiry_seconds=1_000_000)
    if at.provider in TELLING:
        at.inject("drop")
    bought = at.shop.buy(CUSTOMER, at.provider, None if at.provider == "baanx" else Decimal("2000"))
    assert bought.state == "open"
    before = at.asked
    for _ in range(DEADLINE_MS // 20_000):
        at.wait("20s")
    assert 10 < at.asked - before < 40
    asked = at.asked
    at.wait("1d")
    at.wait("1d")
    assert (at.asked, at.shop.store.due_by(10**15)) == (asked, [])


@pytest.mark.parametrize(
    ("provider", "settings"),
    [("baanx", {"late_payment": "complete"}), ("basswallet", {"late_policy": "credit"})],
)
def test_a_late_payment_still_counts(server: BackgroundServer, provider: str, settings: Mapping[str, Any]) -> None:
    with stage(server, provider, settings=settings) as at:
        bought = at.buy()
        at.wait("61m")
        assert at.state(bought) == "closed"
        at.pay(bought.order_id)
        at.shop.reconcile()
        assert at.state(bought) == "paid"
        assert at.balance == WORTH[provider]


def test_a_change_without_a_webhook_is_found_at_night(server: BackgroundServer) -> None:
    with stage(server, "basswallet") as at:
        bought = at.buy()
        at.wait("2h")
        at.emulator.set("basswallet", late_policy="credit")
        at.inject("drop")
        at.pay(bought.order_id)
        at.wait("1d")
        assert at.balance == {}
        at.shop.reconcile()
        assert at.balance == WORTH["basswallet"]

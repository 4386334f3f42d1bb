"""The shop of the examples: what is bought, what it is worth, and what becomes of it."""

import json
from collections.abc import Mapping
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from fastapi.testclient import TestClient
from shop.app import from_environment
from shop.providers.gateway import Look, Progress
from shop.store import Store

from emulator.testing import BackgroundServer, Emulator
from tests.examples.stage import CUSTOMER, WORTH, Stage, stage
from tests.polling import eventually

# -- A purchase, from the customer's side


def test_a_purchase_is_paid_and_credited(at: Stage) -> None:
    customer = TestClient(at.app)
    wish = {"customer": CUSTOMER, "provider": at.provider}
    amount = {"basswallet": "25.50", "changelly": "150", "koywe": "50000"}.get(at.provider)
    made = customer.post("/purchases", json=wish | ({"amount": amount} if amount else {}))
    assert (made.status_code, made.json()["state"], made.json()["pay_at"] is None) == (201, "open", False)
    assert customer.get(f"/customers/{CUSTOMER}/balance").json() == {}
    at.pay(made.json()["order"])
    at.shop.poll()
    shown = customer.get(f"/purchases/{made.json()['id']}").json()
    [(currency, worth)] = WORTH[at.provider].items()
    assert (shown["state"], shown["value"]["currency"]) == ("paid", currency)
    assert Decimal(customer.get(f"/customers/{CUSTOMER}/balance").json()[currency]) == worth


@pytest.mark.parametrize(
    "wish",
    [{"provider": "nobody"}, {"customer": ""}, {"amount": 5}, {"amount": "1e3"}, {"amount": "-5"}],
)
def test_an_invalid_purchase_is_refused(server: BackgroundServer, wish: Mapping[str, Any]) -> None:
    with stage(server, "koywe") as at:
        customer = TestClient(at.app)
        assert customer.post("/purchases", json={"customer": "ada", "provider": "koywe", **wish}).status_code == 422
        assert customer.get("/purchases/nothing").status_code == 404
        assert at.asked == 0


def test_a_purchase_that_the_provider_refuses_is_not_retried(at: Stage) -> None:
    at.inject("status", status={"changelly": 400}.get(at.provider, 403))
    bought = at.buy()
    assert (at.state(bought), bought.order_id, at.slept) == ("refused", None, [])
    assert bought.refusal
    assert at.emulator.orders() == []
    at.wait("3h")
    assert at.emulator.orders() == []


@pytest.mark.parametrize("provider", ["changelly", "koywe"], indirect=True)
def test_an_amount_is_required_if_nothing_else_determines_it(at: Stage) -> None:
    assert (at.buy(None).state, at.asked) == ("refused", 0)


# -- Money


@pytest.mark.parametrize("amount", ["0.1", "25.10", "9007199254740993.25", "1234567890123456789.123456789012345678"])
def test_an_amount_keeps_all_its_digits(server: BackgroundServer, amount: str) -> None:
    with stage(server, "basswallet", settings={"enforce_min_amount": False}) as at:
        bought = at.buy(None)
        at.fire(bought.order_id, "pay", amount=amount)
        at.wait("2m")
        assert at.state(bought) == ("paid" if Decimal(amount) >= 1 else "open")
        assert at.balance == ({"USDT": Decimal(amount)} if Decimal(amount) >= 1 else {})


def test_an_amount_is_sent_with_the_digits_that_the_customer_wrote(server: BackgroundServer) -> None:
    with stage(server, "koywe") as at:
        at.buy("275000.10")
        [created] = [each for each in at.emulator.journal(kind="request") if each["endpoint"] == "create-order"]
        assert str(created["body"]["amountIn"]) == "275000.10"


# -- Money that goes back, and statuses that do


@pytest.mark.parametrize(
    ("provider", "settings", "events"),
    [
        ("baanx", {}, ("pay", "refund")),
        ("baanx", {"refund_style": "refunded"}, ("pay", "refund")),
        ("koywe", {}, ("confirm", "settle", "request_refund", "refund")),
    ],
)
def test_a_refunded_purchase_is_debited_once(
    server: BackgroundServer, provider: str, settings: Mapping[str, Any], events: tuple[str, ...]
) -> None:
    with stage(server, provider, settings=settings) as at:
        bought = at.buy()
        *paid, last = events
        at.fire(bought.order_id, *paid)
        at.wait("10s")
        assert at.balance == WORTH[provider]
        at.fire(bought.order_id, last)
        at.shop.reconcile()
        at.shop.reconcile()
        assert (at.state(bought), at.balance) == ("closed", {})
        [amount] = WORTH[provider].values()
        assert [entry.amount for entry in at.shop.store.entries(bought.id)] == [amount, -amount]


def test_a_refused_refund_debits_nothing(server: BackgroundServer) -> None:
    with stage(server, "koywe") as at:
        bought = at.buy()
        at.fire(bought.order_id, "confirm", "settle", "request_refund", "reject_refund")
        at.shop.reconcile()
        assert len(at.shop.store.entries(bought.id)) == 1


@pytest.mark.parametrize(
    ("provider", "settings", "events"),
    [
        ("baanx", {"use_pending": True}, ("payment_started", "fail")),
        ("basswallet", {}, ("pay", "fail")),
        ("changelly", {}, ("start", "refund", "fail")),
        ("koywe", {}, ("start", "hold", "reject")),
    ],
)
def test_an_unconfirmed_payment_is_not_credited(
    server: BackgroundServer, provider: str, settings: Mapping[str, Any], events: tuple[str, ...]
) -> None:
    with stage(server, provider, settings=settings) as at:
        bought = at.buy()
        for event in events:
            at.fire(bought.order_id, event)
            at.wait("5s")
        assert (at.state(bought), at.shop.store.entries(bought.id)) == ("closed", [])


@pytest.mark.parametrize(
    ("provider", "events"),
    [("changelly", ("start", "refund", "resume", "hold", "resume", "complete")),
     ("koywe", ("start", "hold", "release", "confirm"))],
)  # fmt: skip
def test_an_order_may_move_back_and_still_be_paid(
    server: BackgroundServer, provider: str, events: tuple[str, ...]
) -> None:
    with stage(server, provider) as at:
        bought = at.buy()
        for event in events:
            at.fire(bought.order_id, event)
            at.wait("5s")
        assert (at.state(bought), at.balance) == ("paid", WORTH[provider])


def test_an_underpayment_is_not_credited(server: BackgroundServer) -> None:
    with stage(server, "basswallet") as at:
        bought = at.buy()
        at.fire(bought.order_id, "pay", amount="25.49")
        at.wait("2m")
        assert (at.state(bought), at.purchase(bought).status, at.balance) == ("closed", "Underpaid", {})


# -- Test accounts


def test_an_order_of_a_test_account_looks_paid_but_is_not_credited(server: BackgroundServer, provider: str) -> None:
    with stage(server, provider, test_accounts=frozenset({provider})) as at:
        bought = at.buy()
        at.pay(bought.order_id)
        at.shop.poll()
        assert (at.state(bought), at.purchase(bought).progress, at.balance) == ("test", Progress.PAID, {})


# -- Several at once, and afterwards


def test_an_outdated_status_is_not_kept(server: BackgroundServer) -> None:
    with stage(server, "koywe") as at:
        bought = at.buy()
        gateway = at.shop.gateways["koywe"]
        really_read = gateway.read
        looks: list[Look] = []

        def read(order_id: str) -> Look:
            look = really_read(order_id)
            if not looks:  # while this answer is on its way, the order is paid, and somebody else looks at it
                looks.append(look)
                at.fire(order_id, "confirm")
                at.shop.refresh(bought)
            return look

        gateway.read = read  # type: ignore[method-assign]
        assert at.shop.refresh(bought).state == "paid"
        assert [look.progress for look in looks] == [Progress.OPEN]
        assert len(at.shop.store.entries(bought.id)) == 1


def test_an_order_that_is_being_placed_at_night_is_not_lost(at: Stage, monkeypatch: pytest.MonkeyPatch) -> None:
    gateway = at.shop.gateways[at.provider]
    really_create = gateway.create

    def create(reference: str, customer: str, amount: Decimal | None) -> Look:
        at.shop.reconcile()
        look = really_create(reference, customer, amount)
        at.shop.reconcile()
        return look

    monkeypatch.setattr(gateway, "create", create)
    bought = at.buy()
    assert (bought.state, len(at.emulator.orders())) == ("open", 1)
    at.pay(bought.order_id)
    at.shop.poll()
    assert at.balance == WORTH[at.provider]


def test_a_restarted_shop_goes_on_where_it_stopped(server: BackgroundServer, tmp_path: Path) -> None:
    with stage(server, "baanx") as at:
        at.shop.store = Store(str(tmp_path / "shop.db"))
        bought = at.buy()
        at.pay(bought.order_id)
        at.shop.store.close()
        at.shop.store = Store(str(tmp_path / "shop.db"))
        at.shop.poll()
        assert at.balance == WORTH["baanx"]
        at.shop.store.close()


def test_the_shop_runs_as_the_readme_says_and_checks_open_orders_at_the_start(
    emulator: Emulator, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    sandbox = emulator.call("GET", "")
    config = tmp_path / "ready.json"
    config.write_text(json.dumps({"urls": sandbox["urls"], "credentials": sandbox["credentials"]}), "utf-8")
    monkeypatch.setenv("SHOP_CONFIG", str(config))
    monkeypatch.setenv("SHOP_DATABASE", str(tmp_path / "shop.db"))
    emulator.choose(baanx="manual")
    with TestClient(from_environment()) as customer:
        bought = customer.post("/purchases", json={"customer": CUSTOMER, "provider": "baanx"}).json()
    assert bought["state"] == "open", bought
    emulator.fire(bought["order"], "pay")
    with TestClient(from_environment()) as customer:
        assert eventually(lambda: customer.get(f"/customers/{CUSTOMER}/balance").json()) == {"USD": "199"}


@pytest.mark.parametrize("provider", ["baanx", "koywe"], indirect=True)
def test_the_shop_signs_in_again_when_the_provider_asks_for_it(at: Stage) -> None:
    at.buy()
    at.emulator.advance("7h")  # longer than any token is valid
    before = at.asked
    at.shop.reconcile()
    assert at.asked - before == len(("refused", "signed in", "read"))

"""The method by which a payment link was paid, which the merchant sees only if the setting says so."""

from typing import Any

import httpx
import pytest

from emulator.testing import Emulator
from tests.clients.koywe import Client
from tests.providers.koywe.samples import SCENARIO

LINK: dict[str, Any] = {
    "type": "PAYMENT_LINK",
    "originCurrencySymbol": "CLP",
    "destinationCurrencySymbol": "CLP",
    "amountIn": 15000,
    "paymentMethods": [],
}
SENT = [{"method": "CARD_PAYMENT"}, {"method": "KHIPU"}]


def methods(client: Client, order_id: str) -> Any:
    return client.read(order_id).json()["paymentMethods"]


def paid_in_story(emulator: Emulator, order_id: str) -> list[str]:
    return [item["method"] for item in emulator.order(order_id)["story"] if item["kind"] == "paid"]


@pytest.mark.parametrize("method", ["KHIPU", "CARD_PAYMENT", "QRI"])
def test_39_the_payer_s_method_is_shown_from_the_payment_on(emulator: Emulator, client: Client, method: str) -> None:
    emulator.set("koywe", paid_method="shown")
    created = client.create({SCENARIO: "interactive"}, **LINK).json()
    page = created["providedAction"]
    httpx.post(page, data={"outcome": "abandon", "method": method})
    assert methods(client, created["id"]) == []
    httpx.post(page, data={"outcome": "succeed", "method": method})
    assert methods(client, created["id"]) == [{"method": method}]
    assert client.get("/orders")["orders"][0]["paymentMethods"] == [{"method": method}]
    assert paid_in_story(emulator, created["id"]) == [method]


def test_39_by_default_the_methods_stay_as_they_were_sent(emulator: Emulator, client: Client) -> None:
    created = client.create({SCENARIO: "interactive"}, **{**LINK, "paymentMethods": SENT}).json()
    httpx.post(created["providedAction"], data={"outcome": "succeed", "method": "KHIPU"})
    assert client.status(created["id"]) == "PAID"
    assert methods(client, created["id"]) == SENT
    assert paid_in_story(emulator, created["id"]) == ["KHIPU"], "the emulator's own story always names it"
    emulator.set("koywe", paid_method="shown")
    assert methods(client, created["id"]) == [{"method": "KHIPU"}]


@pytest.mark.parametrize(
    ("changes", "method"),
    [
        ({"paymentMethods": SENT}, "CARD_PAYMENT"),
        ({}, "KHIPU"),
        ({"amountIn": 2500000}, "KHIPU"),
        ({"originCurrencySymbol": "COP", "destinationCurrencySymbol": "COP", "amountIn": 1500}, "NEQUI"),
    ],
)
def test_39_without_a_choice_the_method_is_the_first_that_takes_the_amount(
    emulator: Emulator, client: Client, changes: dict[str, Any], method: str
) -> None:
    emulator.set("koywe", paid_method="shown")
    by_itself = client.order_id(client.create(**{**LINK, **changes}))
    emulator.advance("3s")
    by_event = client.order_id(client.create({SCENARIO: "manual"}, **{**LINK, **changes}))
    emulator.fire(by_event, "confirm")
    on_page = client.create({SCENARIO: "manual"}, **{**LINK, **changes}).json()
    httpx.post(on_page["providedAction"], data={"outcome": "succeed"})
    for order_id in (by_itself, by_event, on_page["id"]):
        assert methods(client, order_id) == [{"method": method}]
        assert paid_in_story(emulator, order_id) == [method]


def test_39_a_card_number_selects_the_card_method(emulator: Emulator, client: Client) -> None:
    emulator.set("koywe", paid_method="shown")
    created = client.create({SCENARIO: "manual"}, **LINK).json()
    httpx.post(created["providedAction"], data={"cardNumber": "4242424242424242"})
    assert methods(client, created["id"]) == [{"method": "CARD_PAYMENT"}]


def test_39_a_link_that_fails_and_a_payin_are_shown_as_they_were_sent(emulator: Emulator, client: Client) -> None:
    emulator.set("koywe", paid_method="shown")
    failed = client.create({SCENARIO: "manual"}, **LINK).json()
    httpx.post(failed["providedAction"], data={"outcome": "fail", "method": "KHIPU"})
    assert (client.status(failed["id"]), methods(client, failed["id"])) == ("FAILED", [])
    sent = [{"method": "PSE", "extra": "BANCOLOMBIA"}]
    payin = client.create({SCENARIO: "manual"}, paymentMethods=sent).json()
    httpx.post(payin["providedAction"], data={"outcome": "succeed"})
    assert (client.status(payin["id"]), methods(client, payin["id"])) == ("PAID", sent)
    assert paid_in_story(emulator, payin["id"]) == []


def test_39_a_link_in_a_currency_without_methods_has_none_when_it_is_paid(emulator: Emulator, client: Client) -> None:
    emulator.set("koywe", paid_method="shown")
    usd = {**LINK, "originCurrencySymbol": "USD", "destinationCurrencySymbol": "USD", "amountIn": 10}
    order_id = client.order_id(client.create(**usd))
    emulator.advance("3s")
    assert (client.status(order_id), methods(client, order_id)) == ("COMPLETED", [])

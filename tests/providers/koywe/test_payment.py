"""Payment methods, what a payer is given, and the page on which to pay."""

import base64
import re
from typing import Any

import httpx
import pytest

from emulator.providers.koywe.catalogue import CATALOGUE
from emulator.providers.koywe.ordering.actions import PLACEHOLDER, write_qr_code
from emulator.testing import Emulator
from tests.clients.koywe import Client
from tests.providers.koywe.samples import BALANCE_TRANSFER, ONRAMP, ONRAMP_BY_METHOD, PAYMENT_LINK, PAYOUT, SCENARIO

METHODS = {
    ("CO", "COP"): [("PSE", "PAYMENT_LINK", 2000, 20000000), ("NEQUI", "QR", 1000, 5000000)],
    ("CL", "CLP"): [("KHIPU", "PAYMENT_LINK", 1000, 5000000), ("CARD_PAYMENT", "PAYMENT_LINK", 1000, 2000000),
                    ("QRI", "QR", 1000, 1000000)],
    ("MX", "MXN"): [("SPEI", "BANK_DETAILS", 10, 500000), ("CARD_PAYMENT", "PAYMENT_LINK", 10, 100000)],
    ("BR", "BRL"): [("PIX_STATIC", "QR", 1, 50000), ("PIX_DYNAMIC", "QR", 1, 50000)],
    ("AR", "ARS"): [("KHIPU", "PAYMENT_LINK", 1000, 5000000)],
    ("PE", "PEN"): [("LIGO", "QR", 1, 20000)],
    ("BO", "BOB"): [("SIP_QR", "QR", 1, 20000)],
    ("US", "USD"): [],
    ("XX", "XXX"): [],
    ("CO", "CLP"): [],
}  # fmt: skip
MANUAL = {SCENARIO: "manual"}


def order_by(client: Client, currency: str, method: str, amount: int = 1500) -> Any:
    """A new PAYIN by a method."""
    return client.create(
        MANUAL, originCurrencySymbol=currency, destinationCurrencySymbol=currency, amountIn=amount,
        paymentMethods=[{"method": method}],
    ).json()  # fmt: skip


@pytest.mark.parametrize("pair", METHODS)
def test_19_each_country_has_its_methods(client: Client, pair: tuple[str, str]) -> None:
    query = {"countrySymbol": pair[0], "currencySymbol": pair[1]}
    shown = client.request("GET", "/api/v1/payment-method", params=query).json()["paymentMethods"]
    found = [(each["method"], each["responseType"], each["minAmount"], each["maxAmount"]) for each in shown]
    assert found == METHODS[pair]


def test_19_a_method_has_all_its_members(client: Client) -> None:
    shown = client.request("GET", "/api/v1/payment-method?countrySymbol=CL&currencySymbol=CLP")
    assert shown.content.startswith(
        b'{"paymentMethods":[{"method":"KHIPU","name":"Khipu","minAmount":1000,"maxAmount":5000000,'
        b'"responseType":"PAYMENT_LINK","requiredFields":{"contact":["email"]}},'
    )


@pytest.mark.parametrize(
    ("query", "text"),
    [
        ({}, "countrySymbol must be a string, currencySymbol must be a string"),
        ({"countrySymbol": "CL"}, "currencySymbol must be a string"),
    ],
)
def test_19_both_parameters_are_required(client: Client, query: dict[str, str], text: str) -> None:
    refused = client.request("GET", "/api/v1/payment-method", params=query)
    assert (refused.status_code, refused.json()["message"]) == (422, text)


@pytest.mark.parametrize(("currency", "method"), [("COP", "PSE"), ("CLP", "KHIPU"), ("MXN", "CARD_PAYMENT")])
def test_19_payment_links_lead_to_the_pay_page(client: Client, currency: str, method: str) -> None:
    order = order_by(client, currency, method, 2000)
    assert order["providedActionType"] == "PAYMENT_LINK"
    assert order["providedAction"] == f"{client.url}/pay/{order['id']}"
    assert httpx.get(order["providedAction"]).status_code == 200


@pytest.mark.parametrize(
    ("currency", "method"),
    [
        ("COP", "NEQUI"),
        ("CLP", "QRI"),
        ("BRL", "PIX_STATIC"),
        ("BRL", "PIX_DYNAMIC"),
        ("PEN", "LIGO"),
        ("BOB", "SIP_QR"),
    ],
)
def test_19_qr_codes_are_pictures_or_links(emulator: Emulator, client: Client, currency: str, method: str) -> None:
    order = order_by(client, currency, method)
    assert order["providedActionType"] == "QR"
    picture = base64.b64decode(order["providedAction"], validate=True)
    assert order["providedAction"] == PLACEHOLDER
    assert picture.startswith(b"\x89PNG\r\n\x1a\n")
    emulator.set("koywe", qr_form="url")
    link = f"{client.url}/pay/{order['id']}"
    assert client.read(order["id"]).json()["providedAction"] == link
    emulator.set("koywe", qr_form="drawn")
    assert client.read(order["id"]).json()["providedAction"] == write_qr_code(link)


def test_19_spei_gives_a_clabe(client: Client) -> None:
    order = order_by(client, "MXN", "SPEI")
    assert (order["providedAction"], order["providedActionType"]) == ("002010077777777771", "BANK_DETAILS")
    assert CATALOGUE.spei_clabe == order["providedAction"]


@pytest.mark.parametrize("changes", [PAYOUT, BALANCE_TRANSFER, ONRAMP])
def test_19_there_is_no_action_if_the_payer_has_nothing_to_do(client: Client, changes: dict[str, Any]) -> None:
    order = client.create(**changes).json()
    assert (order["providedAction"], order["providedActionType"]) == (None, None)


def test_19_the_action_stays_in_every_status(emulator: Emulator, client: Client) -> None:
    order = client.create().json()
    emulator.advance("3s")
    done = client.read(order["id"]).json()
    assert (done["status"], done["providedAction"]) == ("COMPLETED", order["providedAction"])


def pay(client: Client, order_id: str, **choice: str) -> httpx.Response:
    """What a browser gets for the form of the pay page."""
    return httpx.post(f"{client.url}/pay/{order_id}", data=choice, follow_redirects=False)


WORDS = {"PAID": "Pagado", "FAILED": "Rechazado"}
URLS = {"successUrl": "https://shop.example/ok?a=1", "failedUrl": "http://localhost:3000/ko"}


@pytest.mark.parametrize(
    ("outcome", "status", "location"),
    [("succeed", "PAID", URLS["successUrl"]), ("fail", "FAILED", URLS["failedUrl"])],
)
def test_19_paying_and_failing_return_to_the_shop(client: Client, outcome: str, status: str, location: str) -> None:
    for changes in ({}, PAYMENT_LINK, ONRAMP_BY_METHOD):
        order_id = client.order_id(client.create(MANUAL, **changes, **URLS))
        answer = pay(client, order_id, outcome=outcome)
        assert (answer.status_code, answer.headers["location"]) == (302, location)
        assert client.status(order_id) == status
        again = pay(client, order_id, outcome=outcome)
        assert again.status_code == 409
        assert WORDS[status] in again.text


def test_19_leaving_the_page_changes_nothing(client: Client) -> None:
    order_id = client.order_id(client.create(MANUAL, **URLS))
    assert pay(client, order_id, outcome="abandon").status_code == 200
    assert client.status(order_id) == "PENDING"


@pytest.mark.parametrize(("outcome", "status"), [("succeed", "PAID"), ("fail", "FAILED")])
def test_19_without_urls_there_is_a_plain_page(client: Client, outcome: str, status: str) -> None:
    order_id = client.order_id(client.create(MANUAL))
    answer = httpx.post(f"{client.url}/pay/{order_id}", json={"outcome": outcome})
    assert answer.status_code == 200
    assert WORDS[status] in answer.text
    assert client.status(order_id) == status


def test_19_a_url_beyond_ascii_is_escaped(client: Client) -> None:
    order_id = client.order_id(client.create(MANUAL, successUrl="https://shop.example/añ\x01o"))
    assert pay(client, order_id, outcome="succeed").headers["location"] == "https://shop.example/a%C3%B1%01o"


def test_19_the_page_shows_the_order_and_its_choices(client: Client) -> None:
    order_id = client.order_id(client.create(MANUAL, **PAYMENT_LINK, description="<b>Invoice</b>"))
    page = httpx.get(f"{client.url}/pay/{order_id}")
    assert page.headers["content-type"] == "text/html; charset=utf-8"
    assert order_id in page.text
    assert "&lt;b&gt;Invoice&lt;/b&gt;" in page.text
    assert re.findall(r'name="method" value="(\w+)"', page.text) == ["PSE", "NEQUI"]
    pay(client, order_id, outcome="succeed", method="NEQUI", cardNumber="")
    assert client.status(order_id) == "PAID"
    assert "Pagado" in httpx.get(f"{client.url}/pay/{order_id}").text


def test_19_an_order_that_is_being_processed_can_still_be_paid(emulator: Emulator, client: Client) -> None:
    order_id = client.order_id(client.create(MANUAL))
    emulator.fire(order_id, "start")
    assert pay(client, order_id, outcome="succeed").status_code == 200
    assert client.status(order_id) == "PAID"


@pytest.mark.parametrize(
    ("choice", "text"),
    [
        ({}, "outcome must be one of the following values: succeed, fail, abandon"),
        ({"outcome": "win"}, "outcome must be one of the following values: succeed, fail, abandon"),
        ({"outcome": "succeed", "method": "KHIPU"}, "method must be one of the following values: PSE"),
        ({"cardNumber": "4111111111111111"}, "cardNumber must be empty for this method"),
    ],
)
def test_19_bad_choices_are_refused(client: Client, choice: dict[str, str], text: str) -> None:
    order_id = client.order_id(client.create(MANUAL))
    answer = httpx.post(f"{client.url}/pay/{order_id}", json=choice)
    assert answer.status_code == 422
    assert answer.json()["message"].startswith(text)
    assert client.status(order_id) == "PENDING"


@pytest.mark.parametrize("content", [b"{", b"[]", b"\xff"])
def test_19_malformed_json_on_the_page_is_refused(client: Client, content: bytes) -> None:
    order_id = client.order_id(client.create(MANUAL))
    headers = {"Content-Type": "application/json"}
    answer = httpx.post(f"{client.url}/pay/{order_id}", content=content, headers=headers)
    assert (answer.status_code, answer.json()["errorCode"]) == (400, "COM90002")


def test_19_orders_without_a_payer_have_no_page(client: Client) -> None:
    order_id = client.order_id(client.create(**PAYOUT))
    for path in (order_id, "ord_nothing"):
        answer = httpx.get(f"{client.url}/pay/{path}", headers={"Accept": "application/json"})
        assert (answer.status_code, answer.json()["errorCode"]) == (404, "OR90001")


def test_19_a_draft_cannot_be_paid(client: Client) -> None:
    order_id = client.order_id(client.create({SCENARIO: "draft"}))
    assert pay(client, order_id, outcome="succeed").status_code == 409
    assert client.status(order_id) == "DRAFT"


def test_19_the_page_works_behind_a_mount(emulator: Emulator, client: Client) -> None:
    front = emulator.control_url.removesuffix("/_emulator") + "/koywe"
    headers = {"Authorization": f"Bearer {client.sign_in().json()['token']}"}
    body = {"type": "PAYMENT_LINK", "originCurrencySymbol": "COP", "destinationCurrencySymbol": "COP", "amountIn": 1}
    order = httpx.post(f"{front}{client.merchant}/orders", json=body, headers=headers).json()
    assert order["providedAction"] == f"{front}/pay/{order['id']}"
    assert httpx.get(order["providedAction"]).status_code == 200

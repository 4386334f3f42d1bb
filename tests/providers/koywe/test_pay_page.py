"""The pay page over HTTP: amounts, languages, fields, and refusals that stay on the page."""

import re
from html import unescape
from typing import Any

import httpx
import pytest

from emulator.testing import Emulator
from tests.clients.koywe import Client
from tests.providers.koywe.samples import SCENARIO

MANUAL = {SCENARIO: "manual"}
CARD = "CARD_PAYMENT"
AMOUNTS = [
    ("COP", 1250000.5, "1.250.000,50 COP"), ("CLP", 15000, "15.000 CLP"), ("BRL", 1234.5, "1.234,50 BRL"),
    ("ARS", 15000, "15.000,00 ARS"), ("BOB", 1234.5, "1.234,50 BOB"), ("MXN", 1234.5, "1,234.50 MXN"),
    ("PEN", 1234.5, "1,234.50 PEN"), ("USD", 1234.5, "1,234.50 USD"),
]  # fmt: skip
LANGUAGES = {"COP": "es", "CLP": "es", "MXN": "es", "BRL": "pt", "USD": "en"}
LABELS = {
    "es": ("Pagar", "Comercio", "Monto", "Vence"),
    "pt": ("Pagar", "Loja", "Valor", "Vence em"),
    "en": ("Pay", "Shop", "Amount", "Due"),
}
STATUSES = {
    "es": {"PAID": "Pagado", "EXPIRED": "Vencido", "FAILED": "Rechazado"},
    "pt": {"PAID": "Pago", "EXPIRED": "Expirado", "FAILED": "Recusado"},
    "en": {"PAID": "Paid", "EXPIRED": "Expired", "FAILED": "Declined"},
}


def start(client: Client, currency: str = "COP", amount: Any = 50000, *methods: str, **changes: Any) -> str:
    """The URL of the page of a new link that can be paid by these methods."""
    made = client.create(
        MANUAL, type="PAYMENT_LINK", originCurrencySymbol=currency, destinationCurrencySymbol=currency,
        amountIn=amount, paymentMethods=[{"method": method} for method in methods], **changes,
    )  # fmt: skip
    return f"{client.url}/pay/{client.order_id(made)}"


def text_of(page: httpx.Response) -> str:
    """What a person reads."""
    body = re.sub(r"<(style|script)[^>]*>.*?</\1>", "", page.text, flags=re.DOTALL)
    return " ".join(unescape(re.sub(r"<[^>]*>", " ", body)).split())


def language_of(page: httpx.Response) -> str:
    """What the page says its language is."""
    found = re.search(r'<html lang="([^"]*)"', page.text)
    assert found is not None
    return found[1]


def problem_of(page: httpx.Response) -> str:
    """The sentence beside the field."""
    found = re.search(r'<p id="error" class="problem" role="alert">.*?<span>(.*?)</span>', page.text, re.DOTALL)
    assert found is not None, page.text
    return unescape(found[1])


@pytest.mark.parametrize(("currency", "amount", "shown"), AMOUNTS)
def test_37_the_amount_is_formatted_for_each_currency(client: Client, currency: str, amount: Any, shown: str) -> None:
    assert shown in text_of(httpx.get(start(client, currency, amount)))


@pytest.mark.parametrize(("currency", "language"), LANGUAGES.items())
def test_37_the_language_follows_the_currency_the_setting_and_the_query(
    emulator: Emulator, client: Client, currency: str, language: str
) -> None:
    url = start(client, currency, 15000, dueDate="2026-03-31")
    page = httpx.get(url)
    assert language_of(page) == language
    assert all(label in text_of(page) for label in LABELS[language])
    emulator.set("koywe", pay_page_language="pt")
    assert language_of(httpx.get(url)) == "pt"
    for asked in LABELS:
        assert language_of(httpx.get(f"{url}?lang={asked}")) == asked
    assert language_of(httpx.get(f"{url}?lang=fr")) == "pt"


@pytest.mark.parametrize("language", STATUSES)
@pytest.mark.parametrize("status", ["PAID", "EXPIRED", "FAILED"])
def test_37_the_status_is_shown_in_the_language(emulator: Emulator, client: Client, language: str, status: Any) -> None:
    url = start(client)
    assert "PENDING" not in httpx.get(url).text
    emulator.move(url.rpartition("/")[2], status, force=True)
    page = httpx.get(f"{url}?lang={language}")
    assert STATUSES[language][status] in text_of(page)
    assert status not in page.text
    assert 'name="outcome"' not in page.text


def test_37_the_page_shows_shop_description_method_and_due_date(client: Client) -> None:
    url = start(client, "CLP", 15000, "KHIPU", description="Factura 77", dueDate="2026-03-31")
    shown = text_of(httpx.get(url))
    for fact in ("Emulator Store", "Factura 77", "Khipu", "31 de marzo de 2026"):
        assert fact in shown
    assert 'name="method"' not in httpx.get(url).text


def test_37_only_cards_ask_for_a_number_and_list_the_three_test_cards(client: Client) -> None:
    cards = ("4242424242424242", "4000000000000002", "4000000000009995")
    fixed = httpx.get(start(client, "CLP", 15000, CARD))
    assert 'name="cardNumber"' in fixed.text
    assert all(card in text_of(fixed) for card in cards)
    url = start(client, "CLP", 15000, "KHIPU", CARD)
    assert "cardNumber" not in re.sub(r"<script.*", "", httpx.get(url).text, flags=re.DOTALL)
    chosen = httpx.get(f"{url}?method={CARD}")
    assert 'name="cardNumber"' in chosen.text
    assert re.findall(r'value="(\w+)"[^>]* checked', chosen.text) == [CARD]


def test_37_a_link_offers_the_methods_whose_limits_allow_the_amount(client: Client) -> None:
    page = httpx.get(start(client, "COP", 1500))
    assert re.findall(r'name="method" value="(\w+)"', page.text) == ["NEQUI"]
    assert "1.000,00 – 5.000.000,00 COP" in text_of(page)


def test_37_if_no_method_takes_the_amount_the_page_says_so(client: Client) -> None:
    url = start(client, "COP", 500)
    page = httpx.get(url)
    assert "Ningún medio de pago acepta este monto." in text_of(page)
    assert "2.000,00 a 20.000.000,00 COP" in text_of(page)
    assert 'value="succeed"' not in page.text
    refused = httpx.post(url, data={"outcome": "succeed"})
    assert refused.status_code == 400
    assert httpx.post(url, json={"outcome": "succeed"}).json()["errorCode"] == "PMP90002"


@pytest.mark.parametrize(
    ("currency", "amount", "code", "text"),
    [
        ("COP", 1500, "PMP90002", "El monto es menor que el mínimo de PSE: 2.000,00 COP."),
        ("BRL", 60000, "PMP90003", "O valor é maior que o máximo de Pix estático: 50.000,00 BRL."),
    ],
)
def test_37_limits_are_checked_at_payment(client: Client, currency: str, amount: int, code: str, text: str) -> None:
    url = start(client, currency, amount)
    method = "PSE" if currency == "COP" else "PIX_STATIC"
    page = httpx.post(url, data={"outcome": "succeed", "method": method})
    assert (page.status_code, page.headers["content-type"]) == (400, "text/html; charset=utf-8")
    if code == "PMP90002":
        assert problem_of(page) == text
    told = httpx.post(url, json={"outcome": "succeed", "method": method})
    assert (told.status_code, told.json()["errorCode"]) == (400, code)
    assert client.status(url.rpartition("/")[2]) == "PENDING"


@pytest.mark.parametrize(
    ("sent", "text"),
    [
        ({"cardNumber": "4111 1111"}, "Esta tarjeta no existe aquí. Usa una de las tarjetas de prueba."),
        ({"method": "KHIPU", "cardNumber": "4242424242424242"}, "Este medio de pago no usa tarjeta."),
        ({"method": "PSE", "outcome": "succeed"}, "Esta orden no se puede pagar con ese medio."),
        ({}, "No se entendió la respuesta."),
        ({"outcome": "win"}, "No se entendió la respuesta."),
    ],
)
def test_37_after_a_refusal_the_page_is_shown_again(client: Client, sent: dict[str, str], text: str) -> None:
    url = start(client, "CLP", 15000, "KHIPU", CARD)
    page = httpx.post(f"{url}?method={CARD}", data=sent)
    assert (page.status_code, page.headers["content-type"]) == (422, "text/html; charset=utf-8")
    assert problem_of(page).startswith(text)
    assert client.status(url.rpartition("/")[2]) == "PENDING"
    if sent.get("cardNumber") == "4111 1111":
        assert 'value="4111 1111"' in page.text
    for answer in (
        httpx.post(url, json=sent),
        httpx.post(url, data=sent, headers={"Accept": "application/json"}),
    ):
        assert (answer.status_code, answer.json()["errorCode"]) == (422, "COM90003")


def test_37_a_card_number_decides_if_one_is_sent(client: Client) -> None:
    for card, status in (("4242 4242 4242 4242", "PAID"), ("4000000000009995", "FAILED")):
        url = start(client, "CLP", 15000, "KHIPU", CARD)
        httpx.post(url, data={"cardNumber": card, "outcome": "succeed"})
        assert client.status(url.rpartition("/")[2]) == status


def test_37_an_unknown_order_is_a_page_in_the_browser_s_language(client: Client) -> None:
    url = f"{client.url}/pay/ord_nothing"
    for accepted, language, text in (
        ("pt-BR,pt;q=0.9", "pt", "Não encontramos este pagamento"),
        ("de, en;q=0.5", "en", "We cannot find this payment"),
        ("de", "es", "No encontramos este pago"),
    ):
        headers = {"Accept-Language": accepted, "Accept": "text/html,*/*"}
        for answer in (httpx.get(url, headers=headers), httpx.post(url, headers=headers, data={"outcome": "succeed"})):
            assert (answer.status_code, language_of(answer)) == (404, language)
            assert text in text_of(answer)
            assert "OR90001" not in answer.text
    told = httpx.get(url, headers={"Accept": "application/json"})
    assert (told.status_code, told.json()["errorCode"]) == (404, "OR90001")


def test_37_the_page_loads_nothing_from_elsewhere_and_is_not_cached(client: Client) -> None:
    page = httpx.get(start(client, "COP", 50000, "NEQUI"))
    assert page.headers["cache-control"] == "no-store"
    assert '<link rel="icon" href="data:image/svg+xml,' in page.text
    linked = re.findall(r'(?:src|href|action)="([^"]*)"', page.text)
    assert {each for each in linked if not each.startswith(("data:", "/pay/"))} == set()


def test_37_the_strip_for_testers_fires_events_on_the_page_s_own_path(emulator: Emulator, client: Client) -> None:
    url = start(client)
    assert f'<form method="post" action="{url.removeprefix(client.url)}">' in httpx.get(url).text
    assert httpx.post(url, data={"event": "expire"}).status_code == 303
    order_id = url.rpartition("/")[2]
    assert client.status(order_id) == "EXPIRED"
    again = httpx.post(url, data={"event": "expire"})
    assert again.status_code == 409
    assert "expire cannot happen to an order that is EXPIRED" in again.text
    assert "There is no button" in httpx.post(url, data={"event": "confirm!"}).text


def test_37_the_strip_can_be_switched_off(emulator: Emulator, client: Client) -> None:
    emulator.set("koywe", tester_strip=False)
    url = start(client)
    assert "<aside" not in httpx.get(url).text
    assert httpx.post(url, data={"event": "expire"}).status_code == 422
    assert client.status(url.rpartition("/")[2]) == "PENDING"


def test_38_a_page_opened_too_late_says_how_to_get_one_that_waits(emulator: Emulator, client: Client) -> None:
    unopened, opened = start(client), start(client)
    assert 'class="emulator-note"' not in httpx.get(opened).text
    for url in (unopened, opened):
        emulator.move(url.rpartition("/")[2], "COMPLETED", force=True)
    note = httpx.get(unopened).text
    for way in ('class="emulator-note"', "make demo", "#emu:interactive", "X-Emulator-Scenario: interactive"):
        assert way in note
    assert 'class="emulator-note"' not in httpx.get(opened).text

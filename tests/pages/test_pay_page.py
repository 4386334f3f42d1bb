"""The pay page of Koywe as a payer sees it in a browser."""

import re
from collections.abc import Iterator
from typing import Any

import pytest
from playwright.sync_api import Page, expect

from emulator.testing import Emulator
from tests.clients.koywe import Client
from tests.pages.qr_codes import read_picture, read_qr_code
from tests.receivers import Receiver

QR_ORDER = {"paymentMethods": [{"method": "NEQUI"}]}
LINK_ORDER = {"type": "PAYMENT_LINK", "paymentMethods": []}
CARD_ORDER = {
    "originCurrencySymbol": "CLP", "destinationCurrencySymbol": "CLP", "paymentMethods": [{"method": "CARD_PAYMENT"}],
}  # fmt: skip


@pytest.fixture
def client(emulator: Emulator) -> Iterator[Client]:
    """A merchant whose payers decide on the page."""
    emulator.choose(koywe="interactive")
    with Client(emulator) as merchant:
        yield merchant


def create(client: Client, **changes: Any) -> Any:
    """A new order, as the answer shows it."""
    created = client.create(**changes)
    assert created.status_code == 201, created.text
    return created.json()


def visit(page: Page, client: Client, **changes: Any) -> str:
    """Opens the page of a new order and gives its id."""
    order = create(client, **changes)
    page.goto(f"{client.url}/pay/{order['id']}")
    return str(order["id"])


def test_a_payer_pays(emulator: Emulator, client: Client, page: Page) -> None:
    order_id = visit(page, client, description="Invoice 77")
    expect(page).to_have_title("Pagar · Pendiente de pago · Emulator Store")
    expect(page.get_by_role("heading")).to_have_text("Emulator Store")
    for fact in (order_id, "Pendiente de pago", "Invoice 77", "PSE"):
        expect(page.get_by_role("main").get_by_text(fact, exact=True).first).to_be_visible()
    page.get_by_role("button", name="Pagar 50.000,00 COP").click()
    expect(page.locator("#state")).to_have_text("Pagado")
    assert client.status(order_id) == "PAID"
    emulator.advance("1s")
    assert client.status(order_id) == "COMPLETED"
    expect(page.locator("#state")).to_have_text("Pagado y acreditado")


def test_a_tester_can_make_a_payment_fail(client: Client, page: Page) -> None:
    order_id = visit(page, client)
    page.get_by_role("complementary").get_by_role("button", name="Fail").click()
    expect(page.locator("#state")).to_have_text("Rechazado")
    assert client.status(order_id) == "FAILED"


def test_a_payer_can_leave_and_pay_later(client: Client, page: Page) -> None:
    order_id = visit(page, client)
    page.get_by_role("button", name="Cancelar y volver").click()
    expect(page.get_by_role("heading", level=2)).to_have_text("No se pagó nada")
    assert client.status(order_id) == "PENDING"
    page.get_by_role("link", name="Volver al pago").click()
    page.get_by_role("button", name="Pagar").click()
    expect(page.locator("#state")).to_have_text("Pagado")


@pytest.mark.parametrize(
    ("card", "status"),
    [("4242 4242 4242 4242", "PAID"), ("4000000000000002", "FAILED"), ("4000-0000-0000-9995", "FAILED")],
)
def test_the_test_card_decides_the_outcome(client: Client, page: Page, card: str, status: str) -> None:
    order_id = visit(page, client, **CARD_ORDER)
    page.get_by_label("Número de tarjeta").fill(card)
    page.get_by_role("button", name="Pagar").click()
    expect(page.locator("#state")).to_have_text("Pagado" if status == "PAID" else "Rechazado")
    assert client.status(order_id) == status


def test_an_unknown_card_is_refused_beside_the_field(client: Client, page: Page) -> None:
    order_id = visit(page, client, **CARD_ORDER)
    page.get_by_label("Número de tarjeta").fill("4111 1111")
    page.keyboard.press("Enter")
    expect(page.get_by_role("alert")).to_contain_text("Esta tarjeta no existe aquí.")
    expect(page.get_by_label("Número de tarjeta")).to_have_value("4111 1111")
    expect(page.get_by_label("Número de tarjeta")).to_be_focused()
    assert client.status(order_id) == "PENDING"


@pytest.mark.parametrize(("button", "back"), [("Pagar", "ok"), ("Fail", "ko")])
def test_the_payer_returns_to_the_merchant(client: Client, page: Page, shop: Receiver, button: str, back: str) -> None:
    visit(page, client, successUrl=f"{shop.url}?end=ok&a=b", failedUrl=f"{shop.url}?end=ko&a=b")
    page.get_by_role("button", name=button).click()
    page.wait_for_url(f"{shop.url}?end={back}&a=b")


def test_an_order_can_be_paid_only_once(client: Client, page: Page) -> None:
    order_id = visit(page, client)
    page.get_by_role("button", name="Pagar").click()
    expect(page.locator("#state")).to_have_text("Pagado")
    page.goto(f"{client.url}/pay/{order_id}")
    expect(page.locator("#state")).to_have_text("Pagado")
    expect(page.get_by_role("main").get_by_role("button")).to_have_count(0)


def test_the_payer_of_a_link_chooses_a_method(client: Client, page: Page) -> None:
    order_id = visit(page, client, **LINK_ORDER)
    page.get_by_label("NEQUI").check()
    expect(page.get_by_role("img", name="Código QR de este pago")).to_be_visible()
    page.get_by_role("button", name="Pagar").click()
    expect(page.locator("#state")).to_have_text("Pagado")
    assert client.status(order_id) == "PAID"


def test_the_payer_can_choose_the_language(client: Client, page: Page) -> None:
    visit(page, client, **LINK_ORDER)
    page.get_by_role("link", name="English").click()
    expect(page.get_by_role("button", name="Pay 50.000,00 COP")).to_be_visible()
    expect(page.locator("html")).to_have_attribute("lang", "en")


def test_the_page_shows_by_itself_that_the_time_is_over(emulator: Emulator, client: Client, page: Page) -> None:
    order_id = visit(page, client)
    expect(page.locator("#countdown")).to_contain_text(re.compile(r"^2[34]:"))
    emulator.fire(order_id, "expire")
    expect(page.locator("#state")).to_have_text("Vencido")
    expect(page.locator("#said")).to_have_text("Vencido")
    expect(page.get_by_role("main").get_by_role("button")).to_have_count(0)


def test_the_merchant_s_text_cannot_run_as_a_script(client: Client, page: Page) -> None:
    text = "<script>alert(1)</script><img src=x onerror=alert(2)>"
    visit(page, client, description=text)
    expect(page.get_by_text(text, exact=True)).to_be_visible()
    expect(page.locator("main script, main img")).to_have_count(0)


def test_the_qr_code_on_the_page_leads_to_the_page(client: Client, page: Page) -> None:
    visit(page, client, **QR_ORDER)
    assert read_picture(page, page.locator("#qr")) == page.url
    expect(page.locator("#copy-code-value")).to_have_text(page.url)
    expect(page.locator("#copy-code")).to_have_attribute("data-copy", page.url)


def test_the_qr_code_in_the_answer_leads_to_the_page(emulator: Emulator, client: Client, page: Page) -> None:
    emulator.set("koywe", qr_form="drawn")
    order = create(client, **QR_ORDER)
    assert order["providedActionType"] == "QR"
    page.goto(read_qr_code(page, f"data:image/png;base64,{order['providedAction']}"))
    expect(page.get_by_role("main").get_by_text(order["id"], exact=True)).to_be_visible()

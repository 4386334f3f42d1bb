"""The pay page of Koywe as a payer sees it in a browser."""

from collections.abc import Iterator
from typing import Any

import pytest
import zxingcpp
from playwright.sync_api import Page, expect

from emulator.testing import Emulator
from tests.clients.koywe import Client
from tests.receivers import Receiver

QR_ORDER = {"paymentMethods": [{"method": "NEQUI"}]}
LINK_ORDER = {"type": "PAYMENT_LINK", "paymentMethods": []}
PIXELS = """
async (source) => {
  const image = new Image();
  image.src = source;
  await image.decode();
  const canvas = new OffscreenCanvas(image.width, image.height);
  const context = canvas.getContext("2d");
  context.drawImage(image, 0, 0);
  const red = context.getImageData(0, 0, image.width, image.height).data.filter((_, at) => at % 4 === 0);
  return [image.width, image.height, Array.from(red, (value) => (value < 128 ? 0 : 1)).join("")];
}
"""
"""Width, height and the pixels of a picture as the browser shows it: 0 is dark, 1 is light."""


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


def read_qr_code(page: Page, source: str) -> str:
    """What a telephone reads from the picture at a URL."""
    width, height, pixels = page.evaluate(PIXELS, source)
    picture = memoryview(bytes(255 * int(pixel) for pixel in pixels)).cast("B", shape=(height, width))
    [code] = zxingcpp.read_barcodes(picture)
    assert code.format == zxingcpp.BarcodeFormat.QRCode
    return str(code.text)


def test_a_payer_pays(emulator: Emulator, client: Client, page: Page) -> None:
    order_id = visit(page, client, description="Invoice 77")
    expect(page).to_have_title("Pay this order")
    for fact in (order_id, "PENDING", "50000 COP", "Invoice 77"):
        expect(page.get_by_text(fact, exact=True)).to_be_visible()
    page.get_by_role("button", name="Pay").click()
    expect(page.get_by_role("heading")).to_have_text("The payment has succeeded.")
    assert client.status(order_id) == "PAID"
    emulator.advance("1s")
    assert client.status(order_id) == "COMPLETED"


def test_a_payment_fails(client: Client, page: Page) -> None:
    order_id = visit(page, client)
    page.get_by_role("button", name="Fail").click()
    expect(page.get_by_role("heading")).to_have_text("The payment has failed.")
    assert client.status(order_id) == "FAILED"


def test_a_payer_leaves_and_pays_later(client: Client, page: Page) -> None:
    order_id = visit(page, client)
    page.get_by_role("button", name="Leave").click()
    expect(page.get_by_role("heading")).to_have_text("Nothing was paid")
    assert client.status(order_id) == "PENDING"
    page.goto(f"{client.url}/pay/{order_id}")
    page.get_by_role("button", name="Pay").click()
    expect(page.get_by_role("heading")).to_have_text("The payment has succeeded.")


@pytest.mark.parametrize(
    ("card", "status"),
    [("4242 4242 4242 4242", "PAID"), ("4000000000000002", "FAILED"), ("4000-0000-0000-9995", "FAILED")],
)
def test_the_test_card_decides(client: Client, page: Page, card: str, status: str) -> None:
    order_id = visit(page, client)
    page.get_by_label("Test card").fill(card)
    page.get_by_role("button", name="Pay").click()
    expect(page.get_by_text(status, exact=True)).to_be_visible()
    assert client.status(order_id) == status


@pytest.mark.parametrize(("button", "back"), [("Pay", "ok"), ("Fail", "ko")])
def test_the_payer_comes_back_to_the_merchant(
    client: Client, page: Page, shop: Receiver, button: str, back: str
) -> None:
    visit(page, client, successUrl=f"{shop.url}?end=ok&a=b", failedUrl=f"{shop.url}?end=ko&a=b")
    page.get_by_role("button", name=button).click()
    page.wait_for_url(f"{shop.url}?end={back}&a=b")


def test_an_order_is_paid_once(client: Client, page: Page) -> None:
    order_id = visit(page, client)
    page.get_by_role("button", name="Pay").click()
    expect(page.get_by_role("heading")).to_have_text("The payment has succeeded.")
    page.goto(f"{client.url}/pay/{order_id}")
    expect(page.get_by_role("heading")).to_have_text("This order is PAID")
    expect(page.get_by_role("button")).to_have_count(0)


def test_the_payer_of_a_link_chooses_a_method(client: Client, page: Page) -> None:
    order_id = visit(page, client, **LINK_ORDER)
    page.get_by_label("Method").select_option("NEQUI")
    page.get_by_role("button", name="Pay").click()
    expect(page.get_by_text("PAID", exact=True)).to_be_visible()
    assert client.status(order_id) == "PAID"


def test_what_the_merchant_says_can_not_run_as_a_script(client: Client, page: Page) -> None:
    text = "<script>alert(1)</script><img src=x onerror=alert(2)>"
    visit(page, client, description=text)
    expect(page.get_by_text(text, exact=True)).to_be_visible()
    expect(page.locator("script, img")).to_have_count(0)


def test_the_qr_code_on_the_page_leads_to_the_page(client: Client, page: Page) -> None:
    visit(page, client, **QR_ORDER)
    source = page.get_by_role("img").get_attribute("src")
    assert source
    assert read_qr_code(page, source) == page.url


def test_the_qr_code_in_the_answer_leads_to_the_page(emulator: Emulator, client: Client, page: Page) -> None:
    emulator.set("koywe", qr_form="drawn")
    order = create(client, **QR_ORDER)
    assert order["providedActionType"] == "QR"
    page.goto(read_qr_code(page, f"data:image/png;base64,{order['providedAction']}"))
    expect(page.get_by_text(order["id"], exact=True)).to_be_visible()

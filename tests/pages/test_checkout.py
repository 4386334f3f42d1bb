"""The checkout page of Changelly as a buyer sees it in a browser."""

from collections.abc import Iterator
from typing import Any

import pytest
from playwright.sync_api import Page, expect

from emulator.testing import Emulator
from tests.clients.changelly import Client
from tests.receivers import Receiver

BUTTONS = {"complete": "Pay 150 USD", "failed": "Fail", "expired": "Expire"}
STATES = {"complete": "Complete", "failed": "Failed", "expired": "Expired"}


@pytest.fixture
def client(emulator: Emulator) -> Iterator[Client]:
    """A partner whose buyers decide on the page."""
    emulator.choose(changelly="manual")
    with Client(emulator) as partner:
        yield partner


def visit(page: Page, client: Client, **changes: Any) -> str:
    """Opens the page of a new purchase and gives its id."""
    created = client.create(**changes)
    page.goto(created.json()["redirectUrl"])
    return client.order_id(created)


@pytest.mark.parametrize("status", BUTTONS)
def test_a_buyer_decides_how_the_purchase_ends(client: Client, page: Page, status: str) -> None:
    order_id = visit(page, client)
    expect(page).to_have_title("Buy ETH with MoonPay")
    for fact in ("150 USD", "0x8cfbd31371e9bec8c82ae101e25bd9394c03a227", order_id, "Waiting for your payment"):
        expect(page.get_by_role("main")).to_contain_text(fact)
    page.get_by_role("button", name=BUTTONS[status]).click()
    expect(page.locator("#state")).to_have_text(STATES[status])
    assert client.status(order_id) == status


def test_leaving_the_page_changes_nothing(emulator: Emulator, client: Client, page: Page) -> None:
    order_id = visit(page, client)
    page.goto("about:blank")
    assert client.status(order_id) == "created"
    assert "checkout page" not in str(emulator.order(order_id)["story"])


@pytest.mark.parametrize(
    ("provider", "status", "added"),
    [
        ("moonpay", "complete", "&transactionId={}&transactionStatus=complete"),
        ("moonpay", "failed", "&transactionId={}&transactionStatus=failed"),
        ("moonpay", "expired", "&transactionId={}&transactionStatus=expired"),
        ("transak", "complete", "&orderId={}&status=complete"),
        ("banxa", "failed", ""),
    ],
)
def test_the_buyer_returns_to_the_partner(
    client: Client, page: Page, shop: Receiver, provider: str, status: str, added: str
) -> None:
    urls = {"complete": f"{shop.url}?good=1", "failed": f"{shop.url}?good=0"}
    wanted = {"returnSuccessUrl": urls["complete"], "returnFailedUrl": urls["failed"]}
    order_id = visit(page, client, providerCode=provider, **wanted)
    page.get_by_role("button", name=BUTTONS[status]).click()
    page.wait_for_url(urls.get(status, urls["failed"]) + added.format(order_id))
    assert client.status(order_id) == status


def test_one_provider_only_links_back(client: Client, page: Page, shop: Receiver) -> None:
    order_id = visit(page, client, providerCode="wert", returnSuccessUrl=shop.url)
    page.get_by_role("button", name="Pay 150 USD").click()
    page.get_by_role("link", name="Back").click()
    page.wait_for_url(shop.url)
    assert client.status(order_id) == "complete"


def test_the_partner_s_text_cannot_run_as_a_script(client: Client, page: Page) -> None:
    evil = 'https://shop.example/"><script>alert(1)</script>'
    visit(page, client, providerCode="wert", returnSuccessUrl=evil)
    page.get_by_role("button", name="Pay 150 USD").click()
    expect(page.get_by_role("link", name="Back")).to_have_attribute("href", evil)
    expect(page.locator("main script")).to_have_count(0)


def test_the_page_updates_by_itself(emulator: Emulator, client: Client, page: Page) -> None:
    order_id = visit(page, client)
    page.get_by_role("button", name="Payment seen").click()
    expect(page.locator("#state")).to_have_text("Payment seen, being processed")
    emulator.fire(order_id, "hold")
    expect(page.locator("#state")).to_have_text("Under review")
    expect(page.get_by_role("button", name="Go on")).to_be_visible()
    emulator.fire(order_id, "complete")
    expect(page.locator("#state")).to_have_text("Complete")
    expect(page.get_by_role("button")).to_have_count(0)


def test_a_sale_is_shown_as_a_sale(client: Client, page: Page) -> None:
    sold = client.sell()
    page.goto(sold.json()["redirectUrl"])
    expect(page).to_have_title("Sell ETH with MoonPay")
    expect(page.get_by_role("main")).to_contain_text("0,5")
    page.get_by_role("button", name="Pay 0,5 ETH").click()
    expect(page.locator("#state")).to_have_text("Complete")
    assert sold.json()["orderId"] in page.content()

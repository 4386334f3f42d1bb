"""The payment page of BassWallet as a payer sees it in a browser."""

from collections.abc import Iterator
from typing import Any

import pytest
from playwright.sync_api import Page, Route, expect

from emulator.testing import Emulator
from tests.clients.basswallet import Client
from tests.receivers import Receiver

WORDS = {
    "en-US": {
        "title": "Payment",
        "pay": "Pay (sandbox)",
        "return": "Back to merchant",
        "Pending": "Awaiting payment",
        "AwaitingConfirmation": "Confirming",
        "Success": "Success",
        "Expired": "Expired",
    },
    "zh-CN": {
        "title": "支付",
        "pay": "支付（沙盒）",
        "return": "返回商户",
        "Pending": "待支付",
        "AwaitingConfirmation": "待确认",
        "Success": "成功",
        "Expired": "订单过期",
    },
}


@pytest.fixture
def client(emulator: Emulator) -> Iterator[Client]:
    """A merchant whose payers pay on the page, not by themselves."""
    emulator.choose(basswallet="manual")
    with Client(emulator) as merchant:
        yield merchant


def visit(page: Page, client: Client, **wanted: Any) -> str:
    """Opens the page of a new order and gives its id."""
    created = client.data(client.create(**wanted))
    page.goto(created["redirectUrl"])
    return str(created["id"])


def expect_status(page: Page, status: str, language: str = "en-US") -> None:
    """The page shows a status, for programs and in words; it may take until the page has reloaded itself."""
    expect(page.locator(f"#payin[data-status={status}]")).to_be_visible()
    expect(page.locator("#payin")).to_contain_text(WORDS[language][status])


def hasten(route: Route) -> None:
    """Lets the page look again after one second rather than three."""
    answer = route.fetch()
    text = answer.text()
    assert 'content="3"' in text
    route.fulfill(response=answer, body=text.replace('content="3"', 'content="1"'))


@pytest.mark.parametrize("language", WORDS)
def test_a_payer_pays_and_sees_the_payment_confirmed(
    emulator: Emulator, client: Client, page: Page, language: str
) -> None:
    words = WORDS[language]
    order_id = visit(page, client, amount="25.50", displayInfo="Gold plan 金牌", displayLanguage=language)
    expect(page).to_have_title(words["title"])
    expect(page.locator("html")).to_have_attribute("lang", language)
    expect(page.locator("#display-info")).to_have_text("Gold plan 金牌")
    expect_status(page, "Pending", language)
    expect(page.get_by_role("textbox")).to_have_value("25.50")
    page.get_by_role("button", name=words["pay"]).click()
    expect(page.get_by_role("button")).to_have_count(0)
    emulator.advance("3s")
    page.reload()
    expect_status(page, "AwaitingConfirmation", language)
    emulator.advance("1m")
    page.reload()
    expect_status(page, "Success", language)
    assert client.status(order_id) == "Success"


def test_the_payer_of_a_variable_order_chooses_the_sum(emulator: Emulator, client: Client, page: Page) -> None:
    order_id = visit(page, client)
    page.get_by_role("textbox").fill("12.34")
    page.get_by_role("textbox").press("Enter")
    expect(page.get_by_role("button")).to_have_count(0)
    emulator.advance("2m")
    assert str(client.data(client.read(order_id))["amountActual"]) == "12.34"


def test_who_types_a_sum_is_not_interrupted(client: Client, page: Page) -> None:
    page.route("**/payin/*", hasten)
    visit(page, client)
    page.get_by_role("textbox").fill("12.3")
    page.wait_for_timeout(1300)  # the page would have looked again by now
    expect(page.get_by_role("textbox")).to_be_focused()
    expect(page.get_by_role("textbox")).to_have_value("12.3")


def test_the_page_says_when_it_is_too_late(emulator: Emulator, client: Client, page: Page) -> None:
    visit(page, client, expiryMinutes="1")
    emulator.advance("1m")
    page.reload()
    expect_status(page, "Expired")
    expect(page.get_by_role("button")).to_have_count(0)


def test_the_merchants_words_can_not_run_as_a_script(client: Client, page: Page) -> None:
    text = "<script>alert(1)</script><img src=x onerror=\"alert('2')\">"
    visit(page, client, displayInfo=text, returnUrl="https://shop.example/\"><script>alert(3)</script>'")
    expect(page.locator("#display-info")).to_have_text(text)
    expect(page.locator("script, img")).to_have_count(0)


def test_the_link_leads_back_to_the_merchant(client: Client, page: Page, shop: Receiver) -> None:
    back = f"{shop.url}?order=1&from=page"
    visit(page, client, returnUrl=back)
    page.get_by_role("link", name="Back to merchant").click()
    page.wait_for_url(back)
    assert shop.wait(1)[0].path == "/hook?order=1&from=page"


def test_the_page_leads_back_by_itself_when_the_payment_is_confirmed(
    emulator: Emulator, client: Client, page: Page, shop: Receiver
) -> None:
    visit(page, client, returnUrl=shop.url, autoReturn="true")
    page.get_by_role("button", name="Pay").click()
    expect(page.get_by_role("button")).to_have_count(0)
    emulator.advance("2m")  # the page looks again every three seconds, by itself
    page.wait_for_url(shop.url)

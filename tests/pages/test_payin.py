"""The payment page of BassWallet as a payer sees it in a browser."""

import re
from collections.abc import Iterator
from typing import Any, Literal

import pytest
from playwright.sync_api import Browser, Page, expect

from emulator.testing import Emulator
from tests.clients.basswallet import Client
from tests.pages.qr_codes import read_picture
from tests.receivers import Receiver

SCHEMES: tuple[Literal["light", "dark"], ...] = ("light", "dark")
WORDS = {
    "en-US": {
        "title": "Payment",
        "pay": "Pay (sandbox)",
        "return": "Back to merchant",
        "seen": "Payment seen, 0 of 20 confirmations",
        "Pending": "Awaiting payment",
        "AwaitingConfirmation": "Confirming",
        "Success": "Success",
        "Expired": "Expired",
    },
    "zh-CN": {
        "title": "支付",
        "pay": "支付（沙盒）",
        "return": "返回商户",
        "seen": "已收到付款，0/20 个确认",
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
    expect(page.locator("#state")).to_have_text(WORDS[language][status])


@pytest.mark.parametrize("language", WORDS)
def test_a_payer_pays_and_sees_the_payment_confirmed(
    emulator: Emulator, client: Client, page: Page, language: str
) -> None:
    words = WORDS[language]
    order_id = visit(page, client, amount="25.50", displayInfo="Gold plan 金牌", displayLanguage=language)
    expect(page).to_have_title(f"{words['title']} · {words['Pending']}")
    expect(page.locator("html")).to_have_attribute("lang", language)
    expect(page.locator("#display-info")).to_have_text("Gold plan 金牌")
    expect_status(page, "Pending", language)
    expect(page.get_by_role("textbox")).to_have_value("25.50")
    page.get_by_role("button", name=words["pay"]).click()
    expect(page.locator("#payment-seen")).to_have_text(words["seen"])
    expect(page.get_by_role("main").get_by_role("button")).to_have_count(0)
    emulator.advance("3s")
    expect_status(page, "AwaitingConfirmation", language)
    emulator.advance("1m")
    expect_status(page, "Success", language)
    expect(page.locator("#said")).to_have_text(words["Success"])
    assert client.status(order_id) == "Success"


def test_the_payer_of_a_variable_order_chooses_the_amount(emulator: Emulator, client: Client, page: Page) -> None:
    order_id = visit(page, client)
    page.get_by_role("textbox").fill("12.34")
    page.get_by_role("textbox").press("Enter")
    expect(page.locator("#payment-seen")).to_be_visible()
    emulator.advance("2m")
    assert str(client.data(client.read(order_id))["amountActual"]) == "12.34"


def test_typing_an_amount_is_not_interrupted(emulator: Emulator, client: Client, page: Page) -> None:
    emulator.set("basswallet", underpaid_policy="sum")
    order_id = visit(page, client, amount="99.99")
    page.get_by_role("textbox").fill("12.3")
    emulator.fire(order_id, "pay", amount="60")
    expect(page.locator("#received")).to_have_text("60 USDT")  # the page has looked again
    expect(page.get_by_role("textbox")).to_be_focused()
    expect(page.get_by_role("textbox")).to_have_value("12.3")


def test_without_scripts_the_page_is_reloaded(emulator: Emulator, client: Client, browser: Browser) -> None:
    context = browser.new_context(java_script_enabled=False)
    page = context.new_page()
    order_id = visit(page, client, amount="25.50")
    expect(page.get_by_role("button", name="Copy")).to_have_count(0)
    expect(page.locator("#deadline")).to_have_text("Jan 5, 2026 13:00 UTC")
    page.get_by_role("button", name="Pay (sandbox)").click()
    expect(page.locator("#payment-seen")).to_be_visible()
    emulator.advance("2m")
    expect(page.locator("#payin[data-status=Success]")).to_be_visible()
    assert client.status(order_id) == "Success"
    context.close()


def test_a_phone_can_scan_the_address(client: Client, page: Page) -> None:
    created = client.data(client.create(amount="25.50"))
    for scheme in SCHEMES:
        page.emulate_media(color_scheme=scheme)
        page.goto(created["redirectUrl"])
        assert read_picture(page, page.locator("#qr")) == created["address"]


def test_address_and_amount_can_be_copied(client: Client, page: Page) -> None:
    page.context.grant_permissions(["clipboard-read", "clipboard-write"])
    created = client.data(client.create(amount="25.50"))
    page.goto(created["redirectUrl"])
    for button, text in (("#copy-address", created["address"]), ("#copy-amount", "25.50")):
        page.locator(button).focus()
        page.keyboard.press("Enter")
        expect(page.locator(button)).to_have_text("Copied")
        expect(page.locator(button)).to_be_focused()
        assert page.evaluate("navigator.clipboard.readText()") == text
    expect(page.locator("#copy-amount")).to_have_text("Copy")


def test_the_deadline_is_shown_in_the_payer_s_time_zone(client: Client, browser: Browser) -> None:
    context = browser.new_context(timezone_id="America/Santiago", locale="de-DE")
    page = context.new_page()
    visit(page, client, amount="25.50")
    expect(page.locator("#deadline")).to_have_text(re.compile(r"Jan 5, 10:00.AM GMT-3"))
    context.close()


def test_the_time_left_stands_still_if_the_clock_does(client: Client, page: Page) -> None:
    visit(page, client, amount="25.50")
    with page.expect_response("**/payin/*"):
        pass
    expect(page.locator("#countdown")).to_have_text("1:00:00")
    with page.expect_response("**/payin/*"):
        pass
    expect(page.locator("#countdown")).to_have_text("1:00:00")


def test_the_page_says_if_the_emulator_cannot_be_reached(client: Client, page: Page) -> None:
    visit(page, client, amount="25.50")
    page.route("**/payin/*", lambda route: route.fulfill(status=503))
    expect(page.locator("#lost")).to_have_text("No connection. Trying again.")
    page.unroute("**/payin/*")
    expect(page.locator("#lost")).to_have_text("")


def test_a_bad_amount_is_refused_beside_the_field(client: Client, page: Page) -> None:
    order_id = visit(page, client, amount="25.50")
    page.get_by_role("textbox").fill("12,5")
    page.get_by_role("button", name="Pay (sandbox)").click()
    expect(page.get_by_role("alert")).to_have_text("Amount is not valid")
    expect(page.get_by_role("textbox")).to_have_value("12,5")
    page.get_by_role("textbox").fill("12.5")
    page.get_by_role("button", name="Pay (sandbox)").click()
    expect(page.locator("#payment-seen")).to_be_visible()
    assert client.status(order_id) == "Pending"


@pytest.mark.parametrize(("button", "status"), [("Succeed", "Success"), ("Fail", "Failed"), ("Expire", "Expired")])
def test_testers_can_move_the_order(client: Client, page: Page, button: str, status: str) -> None:
    visit(page, client, amount="25.50")
    page.get_by_role("complementary").get_by_role("button", name=button).click()
    expect(page.locator(f"#payin[data-status={status}]")).to_be_visible()


def test_the_page_says_when_it_is_too_late(emulator: Emulator, client: Client, page: Page) -> None:
    visit(page, client, expiryMinutes="1")
    emulator.advance("1m")
    expect_status(page, "Expired")
    expect(page.get_by_role("main").get_by_role("button")).to_have_count(0)


def test_the_merchant_s_text_cannot_run_as_a_script(client: Client, page: Page) -> None:
    text = "<script>alert(1)</script><img src=x onerror=\"alert('2')\">"
    visit(page, client, displayInfo=text, returnUrl="https://shop.example/\"><script>alert(3)</script>'")
    expect(page.locator("#display-info")).to_have_text(text)
    expect(page.locator("main script, main img")).to_have_count(0)


def test_the_link_leads_back_to_the_merchant(client: Client, page: Page, shop: Receiver) -> None:
    back = f"{shop.url}?order=1&from=page"
    visit(page, client, returnUrl=back)
    page.get_by_role("link", name="Back to merchant").click()
    page.wait_for_url(back)
    assert shop.wait(1)[0].path == "/hook?order=1&from=page"


def test_the_page_returns_by_itself_when_the_payment_is_confirmed(
    emulator: Emulator, client: Client, page: Page, shop: Receiver
) -> None:
    visit(page, client, returnUrl=shop.url, autoReturn="true")
    page.get_by_role("button", name="Pay (sandbox)").click()
    expect(page.locator("#payment-seen")).to_be_visible()
    emulator.advance("2m")  # the page looks again every three seconds, by itself
    page.wait_for_url(shop.url)

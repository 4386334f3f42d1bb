"""The hosted page over HTTP: what it shows of payments, deadline and address, and what it says about bad amounts."""

import re
from typing import Any

import httpx
import pytest

from emulator.testing import Emulator
from tests.clients.basswallet import FORM_TYPE, Client
from tests.providers.basswallet.test_payin import UNKNOWN, Page, path_of

REFRESHES = "meta refresh"


def look(client: Client, order_id: str) -> Page:
    return Page(client.page(order_id))


def refreshes(page: Page) -> bool:
    return REFRESHES in page.elements


@pytest.mark.parametrize(
    ("amount", "paid", "typed"), [("99.99", None, "99.99"), ("99.990", "60", "39.99"), (None, None, "1")]
)
def test_24_the_form_is_prefilled_with_the_missing_amount(
    emulator: Emulator, client: Client, amount: str | None, paid: str | None, typed: str
) -> None:
    emulator.set("basswallet", underpaid_policy="sum")
    order_id = client.start(amount=amount)
    if paid:
        emulator.fire(order_id, "pay", amount=paid)
    page = look(client, order_id)
    assert page.elements["sum"]["value"] == typed
    assert page.elements["payin"].get("data-missing") == (typed if amount else None)
    client.pay_on_page(order_id)
    received = look(client, order_id).elements["payin"]["data-received"]
    assert received == ("99.99" if amount else "1")


@pytest.mark.parametrize(
    ("status", "setting", "open_until_ms"),
    [
        ("Underpaid", {"underpaid_policy": "final"}, 0),
        ("Underpaid", {"underpaid_policy": "topup"}, 3_600_000),
        ("Underpaid", {"underpaid_policy": "sum"}, 3_600_000),
        ("Expired", {"late_policy": "ignore"}, 0),
        ("Expired", {"late_policy": "credit"}, None),
        ("Success", {"underpaid_policy": "sum"}, 0),
    ],
)
def test_24_the_page_refreshes_as_long_as_anything_can_change(
    emulator: Emulator, client: Client, status: Any, setting: dict[str, Any], open_until_ms: int | None
) -> None:
    emulator.set("basswallet", **setting)
    order_id = client.start(amount="25.50")
    emulator.move(order_id, status, force=True)
    page = look(client, order_id)
    assert refreshes(page) == page.pays == (open_until_ms != 0)
    assert ("qr" in page.elements) == ("countdown" in page.elements) == page.pays
    emulator.advance("2h")
    later = look(client, order_id)
    assert refreshes(later) == later.pays == (open_until_ms is None)


def test_24_the_page_refreshes_while_a_payment_is_outstanding(emulator: Emulator, client: Client) -> None:
    emulator.set("basswallet", underpaid_policy="topup")
    order_id = client.start(amount="99.99", expiryMinutes="2")
    emulator.fire(order_id, "pay", amount="50")
    emulator.advance("1m")
    assert client.status(order_id) == "Underpaid"
    emulator.advance("59s")
    emulator.fire(order_id, "pay", amount="49.99")
    emulator.advance("1s")
    page = look(client, order_id)
    assert refreshes(page)
    assert not page.pays
    assert "payment-seen" in page.elements


@pytest.mark.parametrize(
    ("language", "text"),
    [("en-US", "Payment seen, {} of 64 confirmations"), ("zh-CN", "已收到付款，{}/64 个确认")],
)
def test_25_a_payment_is_seen_before_the_status_moves(
    emulator: Emulator, client: Client, language: str, text: str
) -> None:
    order_id = client.start(chainName="Ethereum", amount="99.99", displayLanguage=language)
    assert "payment-seen" not in look(client, order_id).elements
    emulator.fire(order_id, "pay", txHash="0x" + "ab" * 32)
    page = look(client, order_id)
    assert page.elements["payin"]["data-status"] == "Pending"
    assert page.elements["payment-seen"]["role"] == "status"
    assert text.format(0) in page.text
    assert page.elements["payin"]["data-confirmations"] == "0"
    assert page.elements["payin"]["data-confirmations-needed"] == "64"
    assert page.texts["received"].strip() == "99.99 USDT"
    assert page.texts["tx-hash"].strip() == "0x" + "ab" * 32
    emulator.advance("25s")
    page = look(client, order_id)
    assert text.format(2) in page.text
    assert page.elements["payin"]["data-status"] == "AwaitingConfirmation"


@pytest.mark.parametrize(("paid", "status"), [("50", "Underpaid"), ("120", "Success")])
def test_25_the_amount_received_is_shown_at_the_end(emulator: Emulator, client: Client, paid: str, status: str) -> None:
    order_id = client.start(amount="99.99")
    emulator.fire(order_id, "pay", amount=paid)
    emulator.advance("1m")
    page = look(client, order_id)
    assert page.elements["payin"]["data-status"] == status
    assert page.texts["received"].strip() == f"{paid} USDT"
    assert page.elements["payin"]["data-received"] == paid
    assert page.elements["payin"]["data-missing"] == ("49.99" if paid == "50" else "0")
    assert "tx-hash" in page.elements
    assert "payment-seen" not in page.elements


@pytest.mark.parametrize(
    ("language", "reason"),
    [("en-US", "Below the minimum, not credited"), ("zh-CN", "低于最低金额，未入账")],
)
def test_25_a_payment_that_is_not_credited_leaves_a_notice(
    emulator: Emulator, client: Client, language: str, reason: str
) -> None:
    order_id = client.start(displayLanguage=language)
    emulator.fire(order_id, "pay", amount="0.5")
    page = look(client, order_id)
    assert page.elements["notice"]["role"] == "status"
    assert f"0.5 USDT: {reason}" in page.text
    emulator.fire(order_id, "pay", amount="0.25")
    assert f"0.25 USDT: {reason}" in look(client, order_id).text
    assert "0.5 USDT" not in look(client, order_id).text


def test_22_the_page_lists_each_payment(emulator: Emulator, client: Client) -> None:
    emulator.set("basswallet", underpaid_policy="sum")
    order_id = client.start(amount="99.99")
    emulator.fire(order_id, "pay", amount="50", txHash="aa" * 32)
    emulator.advance("10s")
    emulator.fire(order_id, "pay", amount="10.50", txHash="bb" * 32)
    text = client.page(order_id).text
    assert '<ol id="payments"' in text
    found = re.findall(
        r'<li class="payment" data-amount="(.*?)" data-tx-hash="(.*?)" data-confirmations="(.*?)">', text
    )
    assert found == [("50", "aa" * 32, "3"), ("10.5", "bb" * 32, "0")]
    shown = Page(client.page(order_id)).elements["payin"]
    assert (shown["data-received"], shown["data-missing"]) == ("60.5", "39.49")


@pytest.mark.parametrize(("language", "left", "copy"), [("en-US", "Time left", "Copy"), ("zh-CN", "剩余时间", "复制")])
def test_26_the_page_shows_address_and_deadline(
    emulator: Emulator, client: Client, language: str, left: str, copy: str
) -> None:
    created = client.data(client.create(amount="25.50", displayLanguage=language, expiryMinutes="90"))
    page = look(client, created["id"])
    assert page.elements["qr"]["data-content"] == created["address"]
    assert page.elements["copy-address"]["data-copy"] == created["address"]
    assert page.elements["copy-amount"]["data-copy"] == "25.50"
    assert page.texts["copy-address"].strip() == copy
    assert page.elements["deadline"]["datetime"] == "2026-01-05T13:30:00.000Z"
    assert page.texts["deadline"].strip().endswith("UTC")
    assert left in page.text
    assert (page.elements["countdown"]["data-left-ms"], page.texts["countdown"].strip()) == ("5400000", "1:30:00")
    emulator.advance("31m")
    page = look(client, created["id"])
    assert (page.elements["countdown"]["data-left-ms"], page.texts["countdown"].strip()) == ("3540000", "59:00")


def test_26_a_variable_order_has_no_amount_to_copy(client: Client) -> None:
    page = look(client, client.start())
    assert "copy-amount" not in page.elements
    assert "copy-address" in page.elements


@pytest.mark.parametrize("typed", ["12,5", "nine", "0", "-1", "1e3", '"><b>'])
@pytest.mark.parametrize(("language", "text"), [("en-US", "Amount is not valid"), ("zh-CN", "金额无效")])
def test_27_a_bad_amount_stays_on_the_page(client: Client, typed: str, language: str, text: str) -> None:
    order_id = client.start(amount="25.50", displayLanguage=language)
    answer = httpx.post(f"{client.data(client.read(order_id))['redirectUrl']}/pay", data={"amount": typed})
    page = Page(answer)
    assert answer.status_code == 400
    assert page.elements["error"]["role"] == "alert"
    assert text in page.text
    assert page.elements["sum"]["value"] == typed
    assert page.elements["sum"]["aria-invalid"] == "true"
    assert page.elements["html"]["lang"] == language
    assert not refreshes(page)
    assert client.status(order_id) == "Pending"


@pytest.mark.parametrize(
    ("accepted", "language", "text"),
    [("zh-CN,zh;q=0.9,en;q=0.5", "zh-CN", "订单不存在"), ("en,zh;q=0.5", "en-US", "Order not found"),
     ("de", "en-US", "Order not found"), ("", "en-US", "Order not found")],
)  # fmt: skip
def test_27_an_unknown_order_is_a_page_in_the_browser_s_language(
    client: Client, accepted: str, language: str, text: str
) -> None:
    answer = client.send("GET", UNKNOWN, headers={"Accept-Language": accepted})
    page = Page(answer)
    assert answer.status_code == 404
    assert page.elements["not-found"]["class"] == "alone"
    assert (page.elements["html"]["lang"], text in page.text) == (language, True)
    assert answer.headers["cache-control"] == "no-store"


def test_28_nothing_is_loaded_from_elsewhere_and_long_words_wrap(client: Client) -> None:
    order_id = client.start(amount="25.50", displayInfo="x" * 256, returnUrl="https://shop.example/")
    text = client.page(order_id).text
    assert "overflow-wrap: anywhere" in text
    path = path_of(client, order_id)
    linked = set(re.findall(r'(?:src|href|action|data-look-at)="([^"]*)"', text))
    assert {each for each in linked if not each.startswith("data:")} == {path, f"{path}/pay", "https://shop.example/"}


def steer(client: Client, order_id: str, **button: Any) -> httpx.Response:
    return client.send("POST", path_of(client, order_id), httpx.Request("POST", "http://x", data=button).content,
                       {"Content-Type": FORM_TYPE})  # fmt: skip


@pytest.mark.parametrize(
    ("buttons", "status"),
    [
        ([{"outcome": "succeed"}], "Success"), ([{"outcome": "fail"}], "Failed"), ([{"event": "expire"}], "Expired"),
        ([{"event": "cancel"}], "Cancelled"), ([{"outcome": "half"}], "Pending"),
        ([{"outcome": "half"}, {"event": "confirm"}], "AwaitingConfirmation"),
        ([{"outcome": "half"}, {"outcome": "succeed"}], "Underpaid"),
        ([{"outcome": "half"}, {"outcome": "fail"}], "Failed"),
    ],
)  # fmt: skip
def test_24_testers_move_the_order_with_the_strip(client: Client, buttons: list[dict[str, str]], status: str) -> None:
    order_id = client.start(amount="99.99")
    for button in buttons:
        answer = steer(client, order_id, **button)
        assert (answer.status_code, answer.headers["location"]) == (303, path_of(client, order_id))
    assert client.status(order_id) == status


@pytest.mark.parametrize(
    ("button", "text"),
    [
        ({"event": "expire"}, "expire cannot happen to an order that is Success"),
        ({"outcome": "fail"}, "cannot happen to an order that is Success"),
        ({"outcome": "win"}, "There is no button"),
        ({"event": "pay"}, "There is no button"),
        ({}, "There is no button"),
    ],
)
def test_24_the_strip_says_what_it_cannot_do(emulator: Emulator, client: Client, button: Any, text: str) -> None:
    order_id = client.start(amount="99.99")
    emulator.move(order_id, "Success", force=True)
    answer = steer(client, order_id, **button)
    assert answer.status_code == 409
    assert text in Page(answer).text
    assert client.status(order_id) == "Success"


def test_24_the_strip_offers_only_what_is_possible(client: Client) -> None:
    order_id = client.start(amount="99.99")
    button = '<button name="outcome" value="succeed">'
    assert button in client.page(order_id).text
    steer(client, order_id, outcome="half")
    assert button not in client.page(order_id).text
    assert '<button name="event" value="confirm">' in client.page(order_id).text


def test_24_the_strip_can_be_switched_off(emulator: Emulator, client: Client) -> None:
    emulator.set("basswallet", tester_strip=False)
    order_id = client.start(amount="99.99")
    assert "aside" not in client.page(order_id).text.partition("<body")[2].partition("<script")[0]
    assert steer(client, order_id, outcome="succeed").status_code == 404
    assert client.status(order_id) == "Pending"

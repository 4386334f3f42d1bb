"""The gateway's page over HTTP: what it shows, and what its buttons do."""

import re

import httpx
import pytest

from emulator.testing import Emulator
from tests.clients.baanx import Client


def open_page(emulator: Emulator, client: Client) -> tuple[str, str]:
    """A new order, and where it is paid."""
    order_id = client.start()
    return order_id, str(emulator.order(order_id)["page"])


def test_the_page_shows_what_to_send_where_to_and_by_when(emulator: Emulator, client: Client) -> None:
    order_id, url = open_page(emulator, client)
    answer = httpx.get(url)
    order = client.read(order_id).json()
    assert answer.headers["cache-control"] == "no-store"
    address = re.search(r'id="qr" class="qr" data-content="(\w+)"', answer.text)
    assert address is not None
    for text in (order_id, f'data-copy="{address[1]}"', 'data-status="STARTED"', "Awaiting payment",
                 '<time id="deadline" datetime="2026-01-05T13:00:00.000Z"', 'data-left-ms="3600000"'):  # fmt: skip
        assert text in answer.text
    assert order["status"] == "STARTED"


def test_the_page_asks_for_the_missing_amount(emulator: Emulator, client: Client) -> None:
    emulator.set("baanx", underpaid="keep_open")
    order_id, url = open_page(emulator, client)
    [amount] = re.findall(r'id="copy-amount" data-copy="([0-9.]+)"', httpx.get(url).text)
    emulator.fire(order_id, "pay", amount="1")
    page = httpx.get(url).text
    [missing] = re.findall(r'id="copy-amount" data-copy="([0-9.]+)"', page)
    assert float(missing) == float(amount) - 1
    assert '<dd id="received">1 ' in page


@pytest.mark.parametrize(
    ("button", "status"),
    [({"outcome": "pay"}, "COMPLETED"), ({"outcome": "fail"}, "FAILED"), ({"event": "expire"}, "EXPIRED"),
     ({"event": "payment_started"}, "STARTED"), ({"event": "refund"}, "FAILED")],
)  # fmt: skip
def test_each_button_does_what_it_says(emulator: Emulator, client: Client, button: dict[str, str], status: str) -> None:
    order_id, url = open_page(emulator, client)
    answer = httpx.post(url, data=button)
    assert (answer.status_code, answer.headers["location"]) == (303, httpx.URL(url).path)
    assert client.read(order_id).json()["status"] == status
    if button == {"event": "payment_started"}:
        assert "Payment seen, being confirmed" in httpx.get(url).text
        return
    again = httpx.post(url, data={"event": "expire"})
    assert again.status_code == 409
    assert "expire cannot happen" in again.text


def test_the_strip_can_be_switched_off(emulator: Emulator, client: Client) -> None:
    emulator.set("baanx", tester_strip=False)
    order_id, url = open_page(emulator, client)
    assert "<aside" not in httpx.get(url).text
    refused = httpx.post(url, data={"event": "expire"})
    assert (refused.status_code, refused.json()) == (422, {"message": "outcome must be one of: pay, fail"})
    assert client.read(order_id).json()["status"] == "STARTED"


def test_an_unknown_order_is_answered_with_a_page_for_people_and_json_for_programs(
    client: Client, emulator: Emulator
) -> None:
    url = f"{emulator.baanx.url}/pay/nothing"
    page = httpx.get(url)
    assert (page.status_code, page.headers["content-type"]) == (404, "text/html; charset=utf-8")
    assert "We cannot find this order" in page.text
    told = httpx.get(url, headers={"Accept": "application/json"})
    assert (told.status_code, told.json()) == (404, {"message": "Not found"})

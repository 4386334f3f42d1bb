"""Whoever opens a pay page takes over the order."""

import httpx
import pytest

from emulator.testing import Emulator
from tests.clients.koywe import Client

LONG = "1h"


def _open(emulator: Emulator, client: Client, method: str = "GET") -> tuple[str, str]:
    order = client.order_id(client.create())
    page = str(emulator.order(order)["page"])
    assert httpx.request(method, page).status_code == 200
    return order, page


def test_38_opening_the_page_stops_the_happy_scenario_and_a_payment_completes_the_order(
    emulator: Emulator, client: Client
) -> None:
    order, page = _open(emulator, client)
    emulator.advance(LONG)
    assert emulator.order(order)["status"] == "PENDING"
    assert "page-opened" in [item["kind"] for item in emulator.order(order)["story"]]
    assert httpx.post(page, data={"outcome": "succeed"}).status_code == 200
    assert emulator.order(order)["status"] == "PAID"
    emulator.advance("1s")
    assert emulator.order(order)["status"] == "COMPLETED"


def test_38_a_head_request_for_the_page_stops_nothing(emulator: Emulator, client: Client) -> None:
    order, _ = _open(emulator, client, "HEAD")
    emulator.advance(LONG)
    assert emulator.order(order)["status"] == "COMPLETED"


@pytest.mark.parametrize(("word", "status"), [("on", "PENDING"), ("off", "COMPLETED")])
def test_38_by_setting_the_scenario_goes_on_after_the_page_is_opened(
    emulator: Emulator, client: Client, word: str, status: str
) -> None:
    emulator.set("koywe", pay_page_takes_over=word)
    order, _ = _open(emulator, client)
    emulator.advance(LONG)
    assert emulator.order(order)["status"] == status


def test_38_an_order_still_expires_after_the_page_is_opened(emulator: Emulator, client: Client) -> None:
    order, _ = _open(emulator, client)
    emulator.advance("1d")
    assert emulator.order(order)["status"] == "EXPIRED"


def test_38_by_setting_payers_get_time_before_the_scenario_pays(emulator: Emulator, client: Client) -> None:
    emulator.set("koywe", payer_wait_s=600)
    order = client.order_id(client.create())
    emulator.advance("600s")
    assert emulator.order(order)["status"] == "PENDING"
    emulator.advance("3s")
    assert emulator.order(order)["status"] == "COMPLETED"

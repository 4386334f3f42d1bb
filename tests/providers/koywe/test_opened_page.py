"""Who opens a pay page takes the order over."""

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


def test_38_opening_the_page_stops_happy_and_paying_goes_on_and_settles(emulator: Emulator, client: Client) -> None:
    order, page = _open(emulator, client)
    emulator.advance(LONG)
    assert emulator.order(order)["status"] == "PENDING"
    assert "page-opened" in [item["kind"] for item in emulator.order(order)["story"]]
    assert httpx.post(page, data={"outcome": "succeed"}).status_code == 200
    assert emulator.order(order)["status"] == "PAID"
    emulator.advance("1s")
    assert emulator.order(order)["status"] == "COMPLETED"


def test_38_asking_for_the_head_of_the_page_stops_nothing(emulator: Emulator, client: Client) -> None:
    order, _ = _open(emulator, client, "HEAD")
    emulator.advance(LONG)
    assert emulator.order(order)["status"] == "COMPLETED"


@pytest.mark.parametrize(("word", "status"), [("on", "PENDING"), ("off", "COMPLETED")])
def test_38_the_setting_lets_the_steps_run_on(emulator: Emulator, client: Client, word: str, status: str) -> None:
    emulator.set("koywe", pay_page_takes_over=word)
    order, _ = _open(emulator, client)
    emulator.advance(LONG)
    assert emulator.order(order)["status"] == status


def test_38_the_time_to_pay_ends_all_the_same(emulator: Emulator, client: Client) -> None:
    order, _ = _open(emulator, client)
    emulator.advance("1d")
    assert emulator.order(order)["status"] == "EXPIRED"


def test_38_payers_get_time_if_it_is_set(emulator: Emulator, client: Client) -> None:
    emulator.set("koywe", payer_wait_s=600)
    order = client.order_id(client.create())
    emulator.advance("600s")
    assert emulator.order(order)["status"] == "PENDING"
    emulator.advance("3s")
    assert emulator.order(order)["status"] == "COMPLETED"

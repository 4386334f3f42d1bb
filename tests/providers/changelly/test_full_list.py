"""The list of orders without a query, which is the full list. Over HTTP."""

from typing import Any

import pytest

from emulator.testing import Emulator
from tests.clients.changelly import Client


@pytest.fixture
def many(client: Client, emulator: Emulator) -> list[str]:
    """Ids of 35 orders, newest first."""
    emulator.choose(changelly="manual")
    return [client.order_id(client.create(externalUserId="u")) for _ in range(35)][::-1]


def page(client: Client, query: str = "") -> Any:
    response = client.request("GET", f"/v1/orders{query}")
    assert response.status_code == 200, response.text
    return response.json()


def shown(body: Any) -> tuple[int, int, int, int]:
    return len(body["orders"]), body["limit"], body["offset"], body["total"]


@pytest.mark.parametrize("query", ["", "?", "?whatever=1", "?page=2&status2=x"])
def test_35_without_a_documented_parameter_all_orders_are_listed(client: Client, many: list[str], query: str) -> None:
    body = page(client, query)
    assert shown(body) == (35, 35, 0, 35)
    assert [order["orderId"] for order in body["orders"]] == many


@pytest.mark.parametrize("query", ["?offset=0", "?limit=30", "?externalUserId=u", "?startDate=2020-01-01&whatever=1"])
def test_35_with_a_parameter_a_page_has_30_orders(client: Client, many: list[str], query: str) -> None:
    assert shown(page(client, query)) == (30, 30, 0, 35)


@pytest.mark.usefixtures("many")
def test_35_a_page_may_still_have_100_orders(client: Client) -> None:
    assert shown(page(client, "?limit=100")) == (35, 100, 0, 35)


def test_35_an_empty_list_has_a_limit_of_one(client: Client, other: Client) -> None:
    client.create()
    assert shown(page(other)) == (0, 1, 0, 0)


@pytest.mark.usefixtures("many")
def test_35_by_setting_a_list_without_a_query_is_paged(client: Client, emulator: Emulator) -> None:
    emulator.set("changelly", fullList=False)
    assert shown(page(client)) == (30, 30, 0, 35)

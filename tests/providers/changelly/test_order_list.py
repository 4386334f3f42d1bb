"""The list of orders, over HTTP."""

from typing import Any

import httpx
import pytest

from emulator.testing import Emulator
from tests.clients.changelly import ETH, Client
from tests.providers.changelly.answers import causes

BUY_KEYS = [
    "redirectUrl",
    "orderId",
    "status",
    "type",
    "externalUserId",
    "externalOrderId",
    "providerCode",
    "currencyFrom",
    "currencyTo",
    "amountFrom",
    "country",
    "state",
    "ip",
    "walletAddress",
    "walletExtraId",
    "paymentMethod",
    "userAgent",
    "metadata",
    "returnSuccessUrl",
    "returnFailedUrl",
    "payinAmount",
    "payoutAmount",
    "payinCurrency",
    "payoutCurrency",
    "transactionHash",
    "createdAt",
    "updatedAt",
]
SELL_KEYS = ["refundAddress" if key == "walletAddress" else key for key in BUY_KEYS if key != "walletExtraId"]


@pytest.fixture
def order_ids(client: Client, emulator: Emulator) -> list[str]:
    """Five orders, a second apart, oldest first: a b c with users u v u, then two sales."""
    emulator.choose(changelly="manual")
    found = []
    for external_id, user in (("a", "u"), ("b", "v"), ("c", "u")):
        found.append(client.order_id(client.create(externalOrderId=external_id, externalUserId=user)))
        emulator.advance("1s")
    for external_id in ("d", "a"):
        found.append(client.order_id(client.sell(externalOrderId=external_id, externalUserId="w")))
        emulator.advance("1s")
    client.patch(found[1], status="pending")
    client.patch(found[2], status="hold")
    return found


def listed(response: httpx.Response) -> list[str]:
    assert response.status_code == 200, response.text
    body = response.json()
    assert list(body) == ["orders", "limit", "offset", "total"]
    return [order["orderId"] for order in body["orders"]]


def test_16_purchases_and_sales_are_listed_together_newest_first(client: Client, order_ids: list[str]) -> None:
    response = client.request("GET", "/v1/orders")
    body = response.json()
    assert listed(response) == order_ids[::-1]
    assert (body["limit"], body["offset"], body["total"]) == (5, 0, 5)
    assert [order["type"] for order in body["orders"]] == ["sell", "sell", "buy", "buy", "buy"]
    assert list(body["orders"][0]) == SELL_KEYS
    assert list(body["orders"][-1]) == BUY_KEYS


def test_16_a_new_order_is_listed_with_everything_known_about_it(client: Client, emulator: Emulator) -> None:
    created = client.create(externalOrderId="x", returnFailedUrl="https://shop.example/sorry", userAgent="").json()
    order = client.order(created["orderId"])
    assert {name: order[name] for name in created} == created
    assert order["createdAt"] == order["updatedAt"] == emulator.now.removesuffix("Z")
    assert (order["status"], order["type"], order["walletAddress"]) == ("created", "buy", ETH)
    assert (order["payinCurrency"], order["payoutCurrency"]) == ("USD", "ETH")
    assert [name for name in BUY_KEYS if order[name] is None] == [
        "state",
        "ip",
        "walletExtraId",
        "paymentMethod",
        "userAgent",
        "metadata",
        "returnSuccessUrl",
        "payinAmount",
        "payoutAmount",
        "transactionHash",
    ]


@pytest.mark.parametrize(
    "form",
    [
        "{name}[0]={0}&{name}[1]={1}",
        "{name}={0}&{name}={1}",
        "{name}[]={0}&{name}[]={1}",
        "{name}%5B0%5D={0}&{name}%5b%5d={1}",
        "{name}={1}&{name}[7]={0}",
    ],
)
@pytest.mark.parametrize(
    ("name", "values", "places"),
    [
        ("externalOrderId", ("b", "c"), [2, 1]),
        ("externalOrderId", ("a", "b"), [4, 1, 0]),
        ("externalUserId", ("v", "w"), [4, 3, 1]),
        ("status", ("pending", "hold"), [2, 1]),
        ("orderId", (0, 3), [3, 0]),
    ],
)
def test_16_lists_of_values_are_read_in_every_spelling(
    client: Client, order_ids: list[str], form: str, name: str, values: tuple[Any, Any], places: list[int]
) -> None:
    texts = [order_ids[value] if isinstance(value, int) else value for value in values]
    query = form.format(*texts, name=name)
    assert listed(client.request("GET", f"/v1/orders?{query}")) == [order_ids[place] for place in places]


@pytest.mark.parametrize(
    ("query", "places"),
    [
        ("externalUserId=u", [2, 0]),
        ("externalUserId=u&status=hold", [2]),
        ("externalUserId=u&externalOrderId=a", [0]),
        ("externalUserId=nobody", []),
        ("status=complete", []),
        ("orderId=nothing", []),
        ("orderId=", []),
        ("unknown=1&status=created", [4, 3, 0]),
        ("startDate=2026-01-05T12:00:01Z", [4, 3, 2, 1]),
        ("startDate=2026-01-05T12:00:01.001Z", [4, 3, 2]),
        ("startDate=2026-01-05T12:00:01&endDate=2026-01-05T12:00:02.000Z", [2, 1]),
        ("startDate=2026-01-05", [4, 3, 2, 1, 0]),
        ("endDate=2026-01-05", []),
        ("startDate=2026-01-05T14:00:03%2B02:00", [4, 3]),
        ("endDate=2026-01-05T12:00:00.000Z&externalOrderId=a", [0]),
    ],
)
def test_16_filters_select_orders(client: Client, order_ids: list[str], query: str, places: list[int]) -> None:
    response = client.request("GET", f"/v1/orders?{query}")
    assert listed(response) == [order_ids[place] for place in places]
    assert response.json()["total"] == len(places)


@pytest.mark.parametrize(
    ("query", "name"),
    [
        ("limit=0", "limit"),
        ("limit=101", "limit"),
        ("limit=x", "limit"),
        ("limit=1.5", "limit"),
        ("limit=10&limit=20", "limit"),
        ("offset=-1", "offset"),
        ("offset=1e1", "offset"),
        ("status=completed", "status"),
        ("status=pending&status=finished", "status"),
        ("startDate=yesterday", "startDate"),
        ("startDate=2026-02-30", "startDate"),
        ("endDate=2026-01-05T25:00:00Z", "endDate"),
        ("endDate=", "endDate"),
    ],
)
def test_16_bad_parameters_are_refused(client: Client, query: str, name: str) -> None:
    assert causes(client.request("GET", f"/v1/orders?{query}")) == [name]


def test_16_all_bad_parameters_are_named_in_table_order(client: Client) -> None:
    assert causes(client.request("GET", "/v1/orders?limit=x&endDate=x&status=x")) == ["endDate", "status", "limit"]


@pytest.mark.parametrize("filters", ["", "&startDate=2026-01-01"])
def test_16_pages_show_the_total_of_all_orders(client: Client, order_ids: list[str], filters: str) -> None:
    pages = [client.request("GET", f"/v1/orders?limit=2&offset={offset}{filters}") for offset in (0, 2, 4, 6)]
    newest = order_ids[::-1]
    assert [listed(page) for page in pages] == [newest[:2], newest[2:4], newest[4:], []]
    for page, offset in zip(pages, (0, 2, 4, 6), strict=True):
        assert {name: page.json()[name] for name in ("limit", "offset", "total")} == {
            "limit": 2,
            "offset": offset,
            "total": 5,
        }


def test_16_orders_of_the_same_instant_are_listed_in_order_of_creation(client: Client) -> None:
    made = [client.order_id(client.create(externalOrderId=str(place % 2), externalUserId="u")) for place in range(6)]
    assert listed(client.request("GET", "/v1/orders")) == made[::-1]
    assert listed(client.request("GET", "/v1/orders?externalOrderId=1&externalOrderId=0")) == made[::-1]
    shuffled = "&".join(f"orderId={made[place]}" for place in (3, 0, 5, 1))
    assert listed(client.request("GET", f"/v1/orders?{shuffled}")) == [made[place] for place in (5, 3, 1, 0)]


def test_16_a_partner_sees_only_its_own_orders(client: Client, other: Client, emulator: Emulator) -> None:
    mine, theirs = client.start(externalOrderId="a"), other.start(externalOrderId="a")
    for query in ("", "?externalOrderId=a", f"?orderId={mine}&orderId={theirs}", "?externalUserId=122hd"):
        assert listed(client.request("GET", f"/v1/orders{query}")) == [mine]
        assert listed(other.request("GET", f"/v1/orders{query}")) == [theirs]
    assert len(emulator.orders()) == 2


def test_16_polling_counts_as_reading(client: Client) -> None:
    order_id = client.start("completed-on-third-poll")
    assert [client.status(order_id) for _ in range(4)] == ["created", "pending", "complete", "complete"]

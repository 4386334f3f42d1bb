"""Reading one order, lists, the report, cancelling and asking for refunds."""

from typing import Any

import pytest

from emulator.testing import Emulator
from tests.clients.koywe import Client
from tests.providers.koywe.samples import (
    BALANCE_TRANSFER,
    BANK_CO,
    CLP,
    COP,
    OFFRAMP,
    ONRAMP,
    PAYMENT_LINK,
    PAYOUT,
    SCENARIO,
    WALLET_USDC,
)

MANUAL = {SCENARIO: "manual"}


def ids(body: Any) -> list[str]:
    return [order["id"] for order in body["orders"]]


@pytest.fixture
def orders(emulator: Emulator, client: Client) -> list[str]:
    """Ids of six orders, one a day."""
    made: list[str] = []
    for changes in (
        {"amountIn": 3000},
        {**PAYMENT_LINK, "originCurrencySymbol": "CLP", "destinationCurrencySymbol": "CLP", "amountIn": 15000},
        {**PAYOUT, "amountIn": 1000},
        {**ONRAMP, "amountIn": 400000},
        {**OFFRAMP, "destinationCurrencySymbol": "CLP"},
        {"amountIn": 20000},
    ):
        if made:
            emulator.advance("1d")
        made.append(client.order_id(client.create(MANUAL, **changes)))
    return made


def test_13_an_unknown_order_is_not_found(client: Client) -> None:
    for order_id in ("ord_00000000-0000-4000-8000-000000000999", "x", "external"):
        refused = client.request("GET", f"{client.merchant}/orders/{order_id}")
        assert (refused.status_code, refused.json()["errorCode"]) == (404, "OR90001")
        assert refused.json()["message"] == "Order not found"


def test_13_the_list_is_newest_first(client: Client, orders: list[str]) -> None:
    body = client.get("/orders")
    assert list(body) == ["pagination", "orders"]
    assert body["pagination"] == {"pageNumber": 1, "pageSize": 10, "totalCount": 6, "totalPages": 1}
    assert ids(body) == orders[::-1]
    assert body["orders"][0] == client.get(f"/orders/{orders[-1]}")


@pytest.mark.parametrize(
    ("query", "expected"),
    [
        ({"status": "EXPIRED"}, [4, 0]),
        ({"status": "DRAFT"}, []),
        ({"type": "PAYIN"}, [5, 0]),
        ({"type": "ONRAMP"}, [3]),
        ({"type": "PAYIN", "status": "PENDING"}, [5]),
        ({"startDate": "2026-01-08"}, [5, 4, 3]),
        ({"endDate": "2026-01-06"}, [1, 0]),
        ({"startDate": "2026-01-06T12:00:00.000Z", "endDate": "2026-01-07T12:00:00Z"}, [2, 1]),
        ({"startDate": "2026-01-06T12:00:00.001Z", "endDate": "2026-01-07T11:59:59.999Z"}, []),
        ({"currencyId": "cur_00000000-0000-4000-8000-000000000411"}, [4, 3]),
        ({"currencyId": "cur_00000000-0000-4000-8000-000000000402"}, [4, 1]),
        ({"currencyId": "cur_nothing"}, []),
        ({"originAccountId": COP}, [3, 2]),
        ({"destinationAccountId": COP}, [5, 0]),
        ({"destinationAccountId": WALLET_USDC}, [3]),
        ({"destinationAccountId": BANK_CO, "originAccountId": COP}, [2]),
        ({"accountId": COP}, [5, 3, 2, 0]),
        ({"accountId": CLP}, [4, 1]),
        ({"sort": "createdAt:asc"}, [0, 1, 2, 3, 4, 5]),
        ({"sort": "amountIn:asc"}, [4, 2, 0, 1, 5, 3]),
        ({"sort": "amountIn:desc"}, [3, 5, 1, 0, 2, 4]),
        ({"sort": "amountOut:asc"}, [3, 2, 0, 1, 5, 4]),
        ({"sort": "type:asc"}, [4, 3, 0, 5, 1, 2]),
        ({"sort": "type:desc"}, [2, 1, 5, 0, 3, 4]),
        ({"sort": "status:asc"}, [0, 4, 1, 2, 3, 5]),
        ({"pageSize": "4"}, [5, 4, 3, 2]),
        ({"pageSize": "4", "pageNumber": "2"}, [1, 0]),
        ({"pageSize": "4", "pageNumber": "3"}, []),
    ],
)
def test_13_the_list_can_be_filtered_sorted_and_paged(
    client: Client, orders: list[str], query: dict[str, str], expected: list[int]
) -> None:
    body = client.get("/orders", **query)
    assert [orders.index(each) for each in ids(body)] == expected
    size = int(query.get("pageSize", 10))
    total = 6 if "pageSize" in query else len(expected)
    assert body["pagination"] == {
        "pageNumber": int(query.get("pageNumber", 1)), "pageSize": size, "totalCount": total,
        "totalPages": -(-total // size),
    }  # fmt: skip


@pytest.mark.parametrize(
    ("query", "text"),
    [
        ({"status": "NEW"}, "status must be one of the following values: DRAFT, PENDING, "),
        ({"type": "payin"}, "type must be one of the following values: PAYIN, "),
        ({"startDate": "x"}, "startDate must be a valid ISO 8601 date string"),
        ({"endDate": "2026-02-30"}, "endDate must be a valid ISO 8601 date string"),
        ({"pageSize": "0"}, "pageSize must be a number conforming to the specified constraints"),
        ({"pageSize": "101"}, "pageSize must be a number conforming to the specified constraints"),
        ({"pageNumber": "-1"}, "pageNumber must be a number conforming to the specified constraints"),
        ({"sort": "id:asc"}, "sort must be one of the following values: "),
        ({"accountId": COP, "originAccountId": COP},
         "accountId cannot be combined with originAccountId or destinationAccountId"),
        ({"accountId": COP, "destinationAccountId": COP},
         "accountId cannot be combined with originAccountId or destinationAccountId"),
    ],
)  # fmt: skip
def test_13_bad_queries_are_refused(client: Client, query: dict[str, str], text: str) -> None:
    refused = client.request("GET", f"{client.merchant}/orders", params=query)
    assert (refused.status_code, refused.json()["errorCode"]) == (422, "COM90003")
    assert refused.json()["message"].startswith(text)


def test_36_orders_of_the_same_instant_are_newest_first_unless_sorted_ascending(client: Client) -> None:
    made = [client.order_id(client.create()) for _ in range(5)]
    assert ids(client.get("/orders")) == made[::-1]
    pages = [ids(client.get("/orders", pageSize=2, pageNumber=number)) for number in (1, 2, 3)]
    assert [each for page in pages for each in page] == made[::-1]
    for field in ("createdAt", "amountIn", "amountOut", "type", "status"):
        assert ids(client.get("/orders", sort=f"{field}:desc")) == made[::-1], field
        assert ids(client.get("/orders", sort=f"{field}:asc")) == made, field


@pytest.mark.parametrize("scenario", ["manual", "draft"])
def test_13_pending_and_draft_orders_can_be_cancelled(client: Client, scenario: str) -> None:
    order_id = client.order_id(client.create({SCENARIO: scenario}))
    path = f"{client.merchant}/orders/{order_id}/cancel"
    cancelled = client.request("POST", path)
    assert (cancelled.status_code, cancelled.json()["status"]) == (200, "CANCELLED")
    refused = client.request("POST", path)
    assert (refused.status_code, refused.json()["errorCode"]) == (409, "OR90006")
    assert refused.json()["message"] == "Order with status CANCELLED cannot be cancelled"


def test_13_a_cancelled_payout_returns_its_money(client: Client) -> None:
    before = client.balances()
    order_id = client.order_id(client.create(**PAYOUT))
    assert client.post(f"/orders/{order_id}/cancel")["status"] == "CANCELLED"
    assert client.balances() == before


def test_13_a_refund_can_be_asked_for(emulator: Emulator, client: Client) -> None:
    order_id = client.order_id(client.create())
    path = f"{client.merchant}/orders/{order_id}/refund"
    refused = client.request("POST", path)
    assert (refused.status_code, refused.json()["errorCode"]) == (409, "OR90006")
    assert refused.json()["message"] == "Order with status PENDING cannot be refunded"
    emulator.advance("3s")
    assert client.request("POST", path).json()["status"] == "REFUND_REQUESTED"
    transfer = client.order_id(client.create(**BALANCE_TRANSFER))
    assert client.request("POST", f"{client.merchant}/orders/{transfer}/refund").status_code == 409


def test_13_extension_paths_can_be_switched_off(emulator: Emulator, client: Client) -> None:
    emulator.set("koywe", extension_paths="off")
    order_id = client.order_id(client.create())
    for event in ("cancel", "refund"):
        path = f"{client.merchant}/orders/{order_id}/{event}"
        refused = client.request("POST", path)
        assert (refused.status_code, refused.json()["errorCode"]) == (404, "COM90001")
        assert refused.json()["message"] == f"Cannot POST {path}"
    assert client.status(order_id) == "PENDING"


def test_13_reads_count_for_scenarios(emulator: Emulator, client: Client) -> None:
    steps = [{"reads": 2, "do": "start"}]
    document = {"version": 1, "provider": "koywe", "about": "Starts when it is read.", "timeline": {"PAYIN": steps}}
    emulator.scenario("koywe", "by-reads", document)
    order_id = client.order_id(client.create({SCENARIO: "by-reads"}))
    assert [client.status(order_id) for _ in range(3)][1:] == ["PROCESSING", "PROCESSING"]

"""Lists while the clock stands still: what was created last comes first, wherever a list is newest first."""

from collections.abc import Callable
from typing import Any

import pytest

from emulator.testing import Emulator
from tests.clients import basswallet, changelly, koywe

COUNT = 7
DAY = {"from": "2026-01-05", "to": "2026-01-05"}


def _basswallet_history(emulator: Emulator) -> tuple[list[str], list[str]]:
    with basswallet.Client(emulator) as client:
        made = [client.start() for _ in range(COUNT)]
        return made, [order["id"] for order in client.data(client.history())]


def _changelly_orders(emulator: Emulator, **filters: str) -> tuple[list[str], list[str]]:
    with changelly.Client(emulator) as client:
        made = [client.start(externalUserId="u") for _ in range(COUNT)]
        wanted = "&".join(f"{name}={value}" for name, value in filters.items())
        answer = client.request("GET", f"/v1/orders?{wanted}" if wanted else "/v1/orders")
        return made, [order["orderId"] for order in answer.json()["orders"]]


def _changelly_by_ids(emulator: Emulator) -> tuple[list[str], list[str]]:
    with changelly.Client(emulator) as client:
        made = [client.start() for _ in range(COUNT)]
        shuffled = [*made[3:], *made[:3]]
        answer = client.request("GET", f"/v1/orders?{'&'.join(f'orderId={each}' for each in shuffled)}")
        return made, [order["orderId"] for order in answer.json()["orders"]]


def _koywe_orders(emulator: Emulator, **query: Any) -> tuple[list[str], list[str]]:
    with koywe.Client(emulator) as client:
        made = [client.order_id(client.create({"X-Emulator-Scenario": "manual"})) for _ in range(COUNT)]
        return made, [order["id"] for order in client.get("/orders", **query)["orders"]]


def _koywe_pages(emulator: Emulator) -> tuple[list[str], list[str]]:
    with koywe.Client(emulator) as client:
        made = [client.order_id(client.create({"X-Emulator-Scenario": "manual"})) for _ in range(COUNT)]
        pages = [client.get("/orders", pageSize=3, pageNumber=number)["orders"] for number in (1, 2, 3)]
        return made, [order["id"] for page in pages for order in page]


def _koywe_report(emulator: Emulator) -> tuple[list[str], list[str]]:
    with koywe.Client(emulator) as client:
        made = [client.order_id(client.create({"X-Emulator-Scenario": "manual"})) for _ in range(COUNT)]
        account = client.get(f"/orders/{made[0]}")["destinationAccountId"]
        return made, [order["id"] for order in client.get(f"/accounts/{account}/reports/orders", **DAY)["orders"]]


def _koywe_contacts(emulator: Emulator) -> tuple[list[str], list[str]]:
    with koywe.Client(emulator) as client:
        body = {"firstName": "A", "countrySymbol": "CL", "businessType": "PERSON", "type": "PERSON"}
        made = [client.post("/contacts", body)["id"] for _ in range(COUNT)]
        return made, [contact["id"] for contact in client.get("/contacts", pageSize=COUNT)["contacts"]]


LISTS: dict[str, Callable[[Emulator], tuple[list[str], list[str]]]] = {
    "basswallet history": _basswallet_history,
    "changelly orders": _changelly_orders,
    "changelly orders of a user": lambda emulator: _changelly_orders(emulator, externalUserId="u"),
    "changelly orders by status": lambda emulator: _changelly_orders(emulator, status="created"),
    "changelly orders by ids": _changelly_by_ids,
    "koywe orders": _koywe_orders,
    "koywe orders by equal amounts": lambda emulator: _koywe_orders(emulator, sort="amountIn:desc"),
    "koywe orders by status": lambda emulator: _koywe_orders(emulator, sort="status:desc"),
    "koywe pages": _koywe_pages,
    "koywe report": _koywe_report,
    "koywe contacts": _koywe_contacts,
}


@pytest.mark.parametrize("name", LISTS)
def test_of_things_created_at_the_same_instant_the_last_comes_first(emulator: Emulator, name: str) -> None:
    made, listed = LISTS[name](emulator)
    assert len(set(made)) == COUNT
    assert listed == made[::-1]


@pytest.mark.parametrize("sort", ["createdAt:asc", "amountIn:asc", "type:asc"])
def test_an_ascending_sort_starts_with_the_first(emulator: Emulator, sort: str) -> None:
    made, listed = _koywe_orders(emulator, sort=sort)
    assert listed == made


def test_the_order_of_lists_survives_a_snapshot(emulator: Emulator) -> None:
    made, listed = _koywe_orders(emulator)
    emulator.call("PUT", "snapshot", emulator.call("GET", "snapshot"))
    with koywe.Client(emulator) as client:
        assert [order["id"] for order in client.get("/orders")["orders"]] == listed == made[::-1]


def test_events_of_the_same_instant_are_listed_last_first(emulator: Emulator) -> None:
    with koywe.Client(emulator) as client:
        made = [client.order_id(client.create({"X-Emulator-Scenario": "manual"})) for _ in range(COUNT)]
        url = f"{client.organization}/webhook-events?type=order.created"
        answer = client.request("GET", url)
        assert [event["resourceId"] for event in answer.json()["events"]] == made[::-1], answer.text

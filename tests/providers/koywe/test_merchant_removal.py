"""A merchant with orders that have not ended is kept."""

from typing import Any, cast

import pytest

from emulator.testing import Emulator
from tests.clients.koywe import Client
from tests.providers.koywe.samples import PAYOUT, SCENARIO

WAYS = {
    "DRAFT": [],
    "PENDING": [],
    "PROCESSING": ["start"],
    "PAID": ["confirm"],
    "ON_HOLD": ["start", "hold"],
    "REFUND_REQUESTED": ["confirm", "settle", "request_refund"],
}
"""Status that is no end -> events that lead there."""


def remove(client: Client, code: str = "") -> None:
    """Removes the merchant, or is refused with this code."""
    answer = client.request("DELETE", client.merchant, headers={"X-Emulator-Explain": "1"})
    if code:
        assert (answer.status_code, answer.json()["errorCode"]) == (409, code)
        assert answer.json()["message"] == "Merchant has open orders"
        assert "end it first" in answer.headers["x-emulator-reason"]
        assert client.request("GET", client.merchant).status_code == 200
    else:
        assert answer.status_code == 204
        assert client.request("GET", client.merchant).json()["errorCode"] == "MC90001"


def test_41_a_merchant_can_be_deleted_once_its_last_order_has_ended(emulator: Emulator, client: Client) -> None:
    first = client.order_id(client.create({SCENARIO: "manual"}))
    second = client.order_id(client.create({SCENARIO: "manual"}, **PAYOUT))
    remove(client, "MC90005")
    client.request("POST", f"{client.merchant}/orders/{first}/cancel")
    remove(client, "MC90005")
    emulator.fire(second, "fail")
    remove(client)


@pytest.mark.parametrize("status", WAYS)
def test_41_a_merchant_with_an_open_order_cannot_be_deleted(emulator: Emulator, client: Client, status: str) -> None:
    order_id = client.order_id(client.create({SCENARIO: "draft" if status == "DRAFT" else "manual"}))
    for event in WAYS[status]:
        emulator.fire(order_id, cast(Any, event))
    assert client.status(order_id) == status
    remove(client, "MC90005")


@pytest.mark.parametrize("ending", ["fail", "cancel", "expire", "refund", "happy"])
def test_41_a_merchant_whose_orders_have_ended_can_be_deleted(emulator: Emulator, client: Client, ending: str) -> None:
    client.create({SCENARIO: ending})
    emulator.advance("1d")
    remove(client)


def test_41_open_orders_are_checked_last(emulator: Emulator, client: Client) -> None:
    client.create({SCENARIO: "manual"})
    with Client(emulator, api_key=f"readonly-{emulator.name}") as reader:
        assert reader.request("DELETE", reader.merchant).json()["errorCode"] == "PER90001"
    client.organization_id = "org_other"
    assert client.request("DELETE", client.merchant).json()["errorCode"] == "MC00015"

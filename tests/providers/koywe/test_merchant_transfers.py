"""Transfers of a merchant to another one of its organization."""

from decimal import Decimal
from typing import Any

import pytest

from emulator.testing import Emulator
from tests.clients.koywe import Client
from tests.providers.koywe.samples import (
    BALANCE_TRANSFER,
    BANK_CO,
    COP,
    INTER_MERCHANT_TRANSFER,
    ORDER_MEMBERS,
    SCENARIO,
    UNKNOWN_ACCOUNT,
)

ALL_TYPES = "PAYIN, PAYOUT, ONRAMP, OFFRAMP, BALANCE_TRANSFER, PAYMENT_LINK, INTER_MERCHANT_TRANSFER"
START = Decimal(10_000_000)


@pytest.fixture
def other(emulator: Emulator, client: Client) -> Any:
    """A client of another merchant of the same organization."""
    with Client(emulator, merchant_id=client.make_merchant()) as made:
        yield made


def transfer(client: Client, other: Client, **changes: Any) -> Any:
    return client.create(**INTER_MERCHANT_TRANSFER, **{"destinationMerchantId": other.merchant_id, **changes})


@pytest.mark.parametrize(
    ("settings", "first"),
    [
        ({}, "PROCESSING"),
        ({"profile": "sandbox"}, "COMPLETED"),
        ({"balance_transfer_mode": "instant"}, "COMPLETED"),
        ({"profile": "sandbox", "balance_transfer_mode": "stepwise"}, "PROCESSING"),
    ],
)
def test_32_money_goes_from_one_merchant_to_another(
    emulator: Emulator, client: Client, other: Client, settings: dict[str, Any], first: str
) -> None:
    emulator.set("koywe", **settings)
    created = transfer(client, other, amountIn=120000, externalId="imt-1", destinationAccountId=UNKNOWN_ACCOUNT)
    order = created.json()
    assert (created.status_code, order["status"]) == (201, first)
    assert (order["amountIn"], order["amountOut"], order["originAccountId"]) == (120000, 120000, COP)
    assert (order["destinationAccountId"], order["providedAction"]) == (other.read_account("COP"), None)
    reserved = 120000 if first == "PROCESSING" else 0
    assert client.balances() == (START - 120000, 0, reserved)
    assert other.balances() == (120000 - reserved, 0, 0)
    emulator.advance("2s")
    assert client.status(order["id"]) == "COMPLETED"
    assert (client.balances(), other.balances()) == ((START - 120000, 0, 0), (120000, 0, 0))
    assert other.read(order["id"]).status_code == 404
    assert other.get("/orders")["orders"] == []


def test_32_only_a_merchant_transfer_names_the_other_merchant(client: Client, other: Client) -> None:
    position = ORDER_MEMBERS.index("destinationAccountId") + 1
    members = [*ORDER_MEMBERS[:position], "destinationMerchantId", *ORDER_MEMBERS[position:]]
    order = transfer(client, other).json()
    assert list(order) == members
    assert order["destinationMerchantId"] == other.merchant_id
    assert client.read(order["id"]).json() == order
    payin = client.create(destinationMerchantId="mrc_nobody")
    assert (payin.status_code, list(payin.json())) == (201, ORDER_MEMBERS)


@pytest.mark.parametrize(
    ("changes", "expected"),
    [
        ({"destinationCurrencySymbol": "CLP"},
         (400, "IMT90001", "Origin and destination currencies must be the same for INTER_MERCHANT_TRANSFER orders")),
        ({"destinationMerchantId": None},
         (400, "IMT90002", "destinationMerchantId is required for INTER_MERCHANT_TRANSFER orders")),
        ({"destinationMerchantId": "mrc_nobody"}, (404, "MC90001", "Merchant not found")),
        ({"destinationMerchantId": 5}, (422, "COM90003", "destinationMerchantId must be a string")),
        ({"destinationMerchantId": None, "destinationCurrencySymbol": "CLP"},
         (400, "IMT90001", "Origin and destination currencies must be the same for INTER_MERCHANT_TRANSFER orders")),
        ({"originCurrencySymbol": "USDC", "destinationCurrencySymbol": "USDC"},
         (400, "CU90002", "originCurrencySymbol must be a fiat currency for INTER_MERCHANT_TRANSFER")),
        ({"amountIn": 10000000.01},
         (400, "INSUFFICIENT_BALANCE", "Insufficient balance for balance transfer")),
    ],
)  # fmt: skip
def test_32_an_impossible_transfer_is_refused(
    client: Client, other: Client, changes: dict[str, Any], expected: tuple[int, str, str]
) -> None:
    refused = transfer(client, other, **changes)
    body = refused.json()
    assert (refused.status_code, body["errorCode"], body["message"]) == expected
    assert client.balances() == (START, 0, 0)


def test_32_a_merchant_cannot_transfer_to_itself(client: Client) -> None:
    refused = transfer(client, client)
    assert (refused.status_code, refused.json()["errorCode"]) == (400, "IMT90003")
    assert refused.json()["message"] == "Destination merchant must be another merchant"


def test_32_by_setting_the_type_is_unknown_as_in_the_older_reference(
    emulator: Emulator, client: Client, other: Client
) -> None:
    wrong = client.create(type="TRANSFER").json()["message"]
    assert wrong == f"type must be one of the following values: {ALL_TYPES}"
    order_id = client.order_id(transfer(client, other))
    emulator.set("koywe", inter_merchant_transfer="off")
    refused = transfer(client, other)
    six = ALL_TYPES.removesuffix(", INTER_MERCHANT_TRANSFER")
    assert (refused.status_code, refused.json()["errorCode"]) == (422, "COM90003")
    assert refused.json()["message"] == f"type must be one of the following values: {six}"
    assert client.create().status_code == 201
    assert client.status(order_id) == "PROCESSING"


def test_32_the_policy_holds_a_transfer_and_lets_it_pass_if_no_rule_matches(
    emulator: Emulator, client: Client, other: Client
) -> None:
    path = f"{client.organization}/policy"
    client.request("POST", path, {"active": True})
    assert transfer(client, other).json()["status"] == "PROCESSING"
    assert client.create(**BALANCE_TRANSFER).json()["errorCode"] == "POL00002"
    rule = {"operation": "INTER_MERCHANT_TRANSFER", "action": "REQUIRE_APPROVAL"}
    assert client.request("POST", f"{path}/rules", rule).json()["operation"] == "INTER_MERCHANT_TRANSFER"
    emulator.advance("2s")
    before = client.balances()
    held = transfer(client, other).json()
    assert held["status"] == "ON_HOLD"
    assert client.balances() == (before[0] - 50000, 0, 50000)
    (approval,) = client.request("GET", f"{path}/approvals").json()
    assert client.request("POST", f"{path}/approvals/{approval['id']}/reject").json()["status"] == "REJECTED"
    assert (client.status(held["id"]), client.balances()) == ("CANCELLED", before)
    assert other.balances() == (50000, 0, 0)


def test_32_a_failed_transfer_returns_the_money(emulator: Emulator, client: Client, other: Client) -> None:
    order_id = client.order_id(transfer(client, other))
    emulator.fire(order_id, "fail")
    assert client.status(order_id) == "FAILED"
    assert (client.balances(), other.balances()) == ((START, 0, 0), (0, 0, 0))


def test_32_a_merchant_cannot_be_deleted_while_money_is_on_its_way_to_it(
    emulator: Emulator, client: Client, other: Client
) -> None:
    transfer(client, other)
    refused = client.request("DELETE", other.merchant)
    assert (refused.status_code, refused.json()["errorCode"]) == (409, "MC90005")
    emulator.advance("2s")
    assert client.request("DELETE", other.merchant).status_code == 204


def test_32_a_deal_of_the_receiving_merchant_uses_the_money(emulator: Emulator, client: Client, other: Client) -> None:
    wanted = {"orderType": "ONRAMP", "originCurrencySymbol": "COP", "destinationCurrencySymbol": "USDC"}
    wallet = {"kind": "CRYPTO", "currencySymbol": "USDC", "network": "POLYGON", "address": f"0x{'a1' * 20}"}
    quote_id = other.post("/quotes", {**wanted, "amountIn": 400000})["id"]
    account_id = other.post("/accounts", wallet)["id"]
    deal = other.post("/deals", {"quoteId": quote_id, "destinationAccountId": account_id})
    assert (deal["orders"], deal["status"]) == ([], "OPEN")
    transfer(client, other, amountIn=100000)
    emulator.advance("2s")
    deal = other.get(f"/deals/{deal['id']}")
    assert (deal["paidAmountIn"], deal["status"]) == (100000, "PARTIALLY_PAID")


def test_32_transfers_can_be_filtered_by_type_and_follow_scenarios(
    emulator: Emulator, client: Client, other: Client
) -> None:
    order_id = client.order_id(client.create(
        {SCENARIO: "manual"}, **INTER_MERCHANT_TRANSFER, destinationMerchantId=other.merchant_id))  # fmt: skip
    client.create(destinationAccountId=BANK_CO)
    emulator.advance("1h")
    assert client.status(order_id) == "PROCESSING"
    assert [each["id"] for each in client.get("/orders", type="INTER_MERCHANT_TRANSFER")["orders"]] == [order_id]
    assert client.create(type="INTER_MERCHANT_TRANSFER", destinationMerchantId=other.merchant_id,
                         quoteId="qte_x", amountIn=None, originCurrencySymbol=None,
                         destinationCurrencySymbol=None).json()["errorCode"] == "QE90001"  # fmt: skip

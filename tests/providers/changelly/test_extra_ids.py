"""Memos and tags: which coins need one, which may have one, and that it is never empty. Over HTTP."""

from typing import Any

import pytest

from emulator.testing import Emulator
from tests.clients.changelly import ETH, Client
from tests.providers.changelly.answers import causes

XRP = "rPdvC6ccq8hCdPKSPJkPmyZ4Mi1oG2FFkT"
TON = "EQ" + "aB1_-" * 9 + "z"
NEEDY: dict[str, dict[str, Any]] = {
    "XRP": {"providerCode": "moonpay", "currencyTo": "XRP", "walletAddress": XRP},
    "XLM": {"providerCode": "banxa", "currencyTo": "XLM", "walletAddress": "G" + "A2" * 27 + "A"},
    "EOS": {"providerCode": "banxa", "currencyTo": "EOS", "walletAddress": "sandboxacct1"},
    "BNB": {"providerCode": "transak", "currencyTo": "BNB", "walletAddress": ETH},
}
ALL: dict[str, dict[str, Any]] = {
    **NEEDY,
    "TON": {"providerCode": "moonpay", "currencyTo": "TON", "walletAddress": TON},
    "ETH": {"providerCode": "moonpay", "currencyTo": "ETH", "walletAddress": ETH},
}


def judge(client: Client, order: dict[str, Any], **more: Any) -> Any:
    """The verdict on the wallet of an order."""
    asked = {"currency": order["currencyTo"], "walletAddress": order["walletAddress"], **more}
    return client.request("POST", "/v1/validate-address", asked)


@pytest.mark.parametrize("order", NEEDY.values(), ids=NEEDY)
def test_34_four_coins_require_an_extra_id(client: Client, order: dict[str, Any]) -> None:
    assert causes(client.create(**order)) == ["walletExtraId"]
    assert causes(client.request("POST", "/v1/orders", {**client_body(order), "walletExtraId": None})) == [
        "walletExtraId"
    ]
    for absent in ({}, {"walletExtraId": None}, {"extraId": None}):
        assert judge(client, order, **absent).json() == {"result": False, "cause": "walletExtraId"}
    assert client.create(**order, walletExtraId="7").json()["walletExtraId"] == "7"
    assert judge(client, order, walletExtraId="7").json() == {"result": True, "cause": None}


def client_body(order: dict[str, Any]) -> dict[str, Any]:
    return {"externalUserId": "u", "currencyFrom": "USD", "amountFrom": "150", "country": "EE", **order}


@pytest.mark.parametrize("required", [True, False])
@pytest.mark.parametrize("order", ALL.values(), ids=ALL)
def test_34_empty_text_is_not_an_extra_id_for_any_coin(
    client: Client, emulator: Emulator, order: dict[str, Any], required: bool
) -> None:
    emulator.set("changelly", requireExtraId=required)
    assert causes(client.create(**order, walletExtraId="")) == ["walletExtraId"]
    for name in ("walletExtraId", "extraId"):
        assert causes(judge(client, order, **{name: ""})) == ["walletExtraId"]


def test_34_toncoin_may_have_a_memo(client: Client) -> None:
    order = ALL["TON"]
    for extra in ({}, {"walletExtraId": None}, {"walletExtraId": "x" * 123}):
        assert client.request("POST", "/v1/orders", {**client_body(order), **extra}).status_code == 201
        assert judge(client, order, **extra).json() == {"result": True, "cause": None}
    assert causes(client.create(**order, walletExtraId="x" * 124)) == ["walletExtraId"]
    assert judge(client, order, walletExtraId="x" * 124).json() == {"result": False, "cause": "walletExtraId"}


@pytest.mark.parametrize("order", NEEDY.values(), ids=NEEDY)
def test_34_by_setting_an_extra_id_may_be_left_out(client: Client, emulator: Emulator, order: dict[str, Any]) -> None:
    emulator.set("changelly", requireExtraId=False)
    assert client.create(**order).json()["walletExtraId"] is None
    assert judge(client, order).json() == {"result": True, "cause": None}


def test_34_a_missing_extra_id_is_reported_only_if_the_coin_is_known(client: Client) -> None:
    """What is wrong beside it is named, too; offers and sales need none, and PATCH may take it away."""
    assert causes(client.create(currencyTo="XRP", walletAddress=None)) == ["walletAddress", "walletExtraId"]
    assert client.offers(currencyTo="XRP").status_code == 200
    assert client.sell(currencyFrom="XRP", amountFrom="100", refundAddress=XRP).status_code == 201
    order_id = client.start(**NEEDY["XRP"], walletExtraId="7")
    assert client.patch(order_id, walletExtraId=None).json()["walletExtraId"] is None

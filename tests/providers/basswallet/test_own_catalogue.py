"""Custom catalogues: other tokens, other chains, and how they are shown."""

from typing import Any

import pytest

from emulator.providers.basswallet.settings import SETTINGS
from emulator.testing import ControlRefused, Emulator
from tests.clients.basswallet import Client, refused

POLYGON = {
    "chainId": 137,
    "chainName": "Polygon",
    "tokenId": 137001,
    "contractId": "0xc2132D05D31c914a87C6611C10748AEb04B58e8F",
    "tokenType": "ERC-20",
    "decimals": 6,
    "displayDecimal": 2,
    "blockConfirmNum": 40,
    "minDepositAmount": "0.5",
    "minWithdrawAmount": "1",
    "fee": "0.2",
    "depositEnable": True,
    "withdrawEnable": True,
}
SHAPE = {"addressForm": "evm", "blockIntervalMs": 2000}


def listed(token: str, *pairs: dict[str, Any]) -> dict[str, Any]:
    """An entry of the setting `catalogue`."""
    return {"tokenName": token, "fullName": f"{token} of ours", "chainList": list(pairs)}


def paid_at(emulator: Emulator, order_id: str) -> list[str]:
    """Seconds after which a payment made now changes the order."""
    emulator.fire(order_id, "pay")
    moved = [each for each in emulator.advance(until="idle") if each["kind"] == "transition"]
    return [f"{each['at'][14:19]} {each['status']}" for each in moved]


def test_33_another_chain_of_a_known_token_is_appended_and_can_be_paid_on(emulator: Emulator, client: Client) -> None:
    emulator.set("basswallet", catalogue=[listed("USDT", {**POLYGON, **SHAPE})])
    (token,) = client.data(client.tokens(tokenName="USDT"))
    assert [pair["chainName"] for pair in token["chainList"]] == ["Ethereum", "Tron", "Bsc", "Polygon"]
    assert token["chainList"][-1] == POLYGON
    order_id = client.start(chainName="Polygon", amount="0.5")
    shown = client.data(client.read(order_id))
    assert (shown["chainName"], shown["address"][:2], len(shown["address"])) == ("Polygon", "0x", 42)
    assert paid_at(emulator, order_id) == ["00:02 AwaitingConfirmation", "01:20 Success"]
    assert client.data(client.read(order_id))["txHash"].startswith("0x")
    assert len(client.data(client.tokens())) == 8


def test_33_a_new_token_with_its_own_type_comes_last(emulator: Emulator, client: Client) -> None:
    pair = {**POLYGON, "chainName": "Solana main", "tokenType": "SPL", "contractId": ""}
    emulator.set("basswallet", catalogue=[listed("SOL", {**pair, "addressForm": "bitcoin"})])
    tokens = client.data(client.tokens())
    assert (tokens[-1]["tokenName"], tokens[-1]["chainList"][0]["tokenType"]) == ("SOL", "SPL")
    order_id = client.start(tokenName="SOL", chainName="Solana main")
    assert client.data(client.read(order_id))["address"].startswith("1")
    assert paid_at(emulator, order_id) == ["00:03 AwaitingConfirmation", "02:00 Success"]
    emulator.set("basswallet", block_interval_ms={"Solana main": 1000})
    assert paid_at(emulator, client.start(tokenName="SOL", chainName="Solana main"))[0] == "02:01 AwaitingConfirmation"


def test_33_a_pair_with_the_same_names_is_replaced_in_place(emulator: Emulator, client: Client) -> None:
    (usdt,) = client.data(client.tokens(tokenName="USDT"))
    changed = {**usdt["chainList"][1], "minDepositAmount": "7", "chainId": 1103, "tokenId": 1}
    emulator.set("basswallet", catalogue=[listed("USDT", changed)])
    tokens = client.data(client.tokens())
    assert [pair["chainName"] for pair in tokens[0]["chainList"]] == ["Ethereum", "Tron", "Bsc"]
    assert tokens[0]["chainList"] == [usdt["chainList"][0], changed, usdt["chainList"][2]]
    assert refused(client.create(amount="6.99")) == (400, "PARAM_ERROR")
    assert client.data(client.create())["minAmount"] == "7"
    assert client.data(client.create(chainName="Bsc"))["minAmount"] == "1"


def test_33_a_known_chain_can_be_redefined(emulator: Emulator, client: Client) -> None:
    (usdt,) = client.data(client.tokens(tokenName="USDT"))
    pair = {**usdt["chainList"][1], "blockIntervalMs": 500, "addressForm": "evm"}
    emulator.set("basswallet", catalogue=[listed("USDT", pair)])
    order_id = client.start(tokenName="TRX")
    assert client.data(client.read(order_id))["address"].startswith("0x")
    assert paid_at(emulator, order_id) == ["00:00 AwaitingConfirmation", "00:10 Success"]


def test_33_with_replace_only_the_given_pairs_remain(emulator: Emulator, client: Client) -> None:
    emulator.set("basswallet", catalogue=[listed("USDT", POLYGON)], catalogue_mode="replace")
    assert client.data(client.tokens()) == [listed("USDT", POLYGON)]
    assert refused(client.create()) == (400, "PARAM_ERROR")
    assert client.create(chainName="Polygon").status_code == 200


def test_33_custom_pairs_can_be_suspended_and_custom_chains_run_out_of_addresses(
    emulator: Emulator, client: Client
) -> None:
    emulator.set("basswallet", catalogue=[listed("USDT", POLYGON)], suspend={"USDT/Polygon": True})
    assert refused(client.create(chainName="Polygon")) == (400, "PARAM_ERROR")
    emulator.set("basswallet", suspend={}, no_addresses=["Polygon"])
    assert refused(client.create(chainName="Polygon")) == (400, "ADDRESS_UNAVAILABLE")
    with pytest.raises(ControlRefused, match="no_addresses: /0: use one of"):
        emulator.set("basswallet", catalogue=None)
    emulator.set("basswallet", catalogue=None, no_addresses=[])
    assert refused(client.create(chainName="Polygon")) == (400, "PARAM_ERROR")


def test_33_an_order_on_a_removed_chain_can_still_be_read_and_paid(emulator: Emulator, client: Client) -> None:
    emulator.set("basswallet", catalogue=[listed("USDT", {**POLYGON, **SHAPE})])
    order_id = client.start(chainName="Polygon", amount="1")
    emulator.set("basswallet", catalogue=None)
    emulator.fire(order_id, "pay")
    emulator.advance("3s")
    assert client.outcome(order_id) == ("Success", "1")


def test_33_a_refusal_names_the_place(emulator: Emulator) -> None:
    for pair, words in (
        ({**POLYGON, "tokenType": ""}, r"/0/chainList/0/tokenType"),
        ({**POLYGON, "chainName": "a=b"}, r"/0/chainList/0/chainName"),
        ({**POLYGON, "fee": 1}, r"/0/chainList/0/fee"),
    ):
        with pytest.raises(ControlRefused, match=words) as caught:
            emulator.set("basswallet", catalogue=[listed("USDT", pair)])
        assert len(str(caught.value)) < 300


def test_33_the_documented_entry_is_accepted(emulator: Emulator, client: Client) -> None:
    (example,) = SETTINGS["catalogue"].schema["examples"]
    emulator.set("basswallet", catalogue=example)
    order_id = client.start(chainName="Polygon", amount="0.5")
    assert paid_at(emulator, order_id) == ["00:02 AwaitingConfirmation", "01:20 Success"]

"""What a withdrawal may be, and which rule refuses it."""

from collections.abc import Iterator
from typing import Any

import pytest

from emulator.testing import BackgroundServer, Emulator
from tests.clients.basswallet import OUTSIDE, Client, refused

ETHEREUM = "0x" + "12" * 20


@pytest.fixture
def merchant(emulator: Emulator) -> Iterator[Client]:
    """A merchant whose withdrawals follow `happy`."""
    with Client(emulator) as made:
        yield made


RULES: list[tuple[Any, tuple[int, str]]] = [
    ({"tokenName": None}, (400, "PARAM_ERROR")),
    ({"chainName": ""}, (400, "PARAM_ERROR")),
    ({"tokenName": "DOGE"}, (400, "PARAM_ERROR")),
    ({"chainName": "Bitcoin"}, (400, "PARAM_ERROR")),
    ({"toAddress": None}, (400, "PARAM_ERROR")),
    ({"toAddress": OUTSIDE[:-1] + "x"}, (400, "PARAM_ERROR")),
    ({"toAddress": ETHEREUM}, (400, "PARAM_ERROR")),
    ({"amount": None}, (400, "PARAM_ERROR")),
    ({"amount": "0"}, (400, "PARAM_ERROR")),
    ({"amount": "1e2"}, (400, "PARAM_ERROR")),
    ({"amount": "-5"}, (400, "PARAM_ERROR")),
    ({"amount": "5.001"}, (400, "AMOUNT_PRECISION_TOO_SMALL")),
    ({"amount": "0.99"}, (400, "PARAM_ERROR")),
    ({"businessId": "Order_1"}, (400, "PARAM_ERROR")),
    ({"businessId": "a" * 33}, (400, "PARAM_ERROR")),
    ({"tag": "x" * 257}, (400, "PARAM_ERROR")),
    ({"callbackUrl": "shop.example"}, (400, "CALLBACK_URL_ERROR")),
    ({"callbackUrl": "https://a/\nb"}, (400, "CALLBACK_URL_ERROR")),
    ({"callbackUrl": "https://a/" + "x" * 2039}, (400, "CALLBACK_URL_ERROR")),
    *(({"confirmFirst": value}, (400, "PARAM_ERROR")) for value in ("0", "-1", "x", "1.5")),
    *(({"confirmNeeded": value}, (400, "PARAM_ERROR")) for value in ("0", "1", "x")),
    ({"confirmFirst": "5", "confirmNeeded": "5"}, (400, "PARAM_ERROR")),
    ({"amount": "1000"}, (403, "NOT_SUFFICIENT_FUNDS")),
    ({"amount": "997.01"}, (403, "NOT_SUFFICIENT_FUNDS")),
    ({"tokenName": "USDT", "chainName": "Ethereum", "toAddress": ETHEREUM, "amount": "4.99"}, (400, "PARAM_ERROR")),
    ({"tokenName": "USDC", "chainName": "Ethereum", "toAddress": ETHEREUM}, (403, "NOT_SUFFICIENT_FUNDS")),
]


@pytest.mark.parametrize(("changed", "answer"), RULES)
def test_37_each_broken_rule_has_its_own_error_and_no_money_is_taken(
    emulator: Emulator, merchant: Client, changed: dict[str, str | None], answer: tuple[int, str]
) -> None:
    assert refused(merchant.withdraw(None, **changed)) == answer
    assert (emulator.orders(), merchant.balance()) == ([], ("1000", "0.00"))


@pytest.mark.parametrize(
    "changed",
    [{"amount": "996.99"}, {"amount": "1"}, {"tag": "x" * 256, "fee": "anything"}, {"businessId": "a" * 32},
     {"confirmFirst": "1", "confirmNeeded": "2"}, {"confirmFirst": "20"}, {"confirmNeeded": ""}],
)  # fmt: skip
def test_37_a_withdrawal_within_the_rules_is_accepted(merchant: Client, changed: dict[str, str]) -> None:
    assert merchant.withdraw(None, **changed).status_code == 200


def test_37_the_first_broken_rule_decides(emulator: Emulator, merchant: Client) -> None:
    merchant.create(businessId="Used")
    (usdt,) = merchant.data(merchant.tokens(tokenName="USDT"))
    usdt["chainList"] = [{**usdt["chainList"][2], "withdrawEnable": False, "swa": "no", "suspendWithdrawDesc": "no"}]
    emulator.set("basswallet", catalogue=[usdt])
    inside = merchant.data(merchant.create())["address"]
    wrong: dict[str, str | None] = {
        "tokenName": None, "chainName": "Bsc", "toAddress": "nowhere", "amount": "x", "businessId": "_",
        "tag": "x" * 257, "callbackUrl": "x", "confirmFirst": "0",
    }  # fmt: skip
    steps: list[tuple[dict[str, str | None], str, str]] = [
        ({}, "PARAM_ERROR", "tokenName"),
        ({"tokenName": "DOGE"}, "PARAM_ERROR", "there is no"),
        ({"tokenName": "USDT"}, "NON_WITHDRAWAL", "withdrawals of"),
        ({"chainName": "Tron"}, "PARAM_ERROR", "toAddress"),
        ({"toAddress": inside}, "INSIDE_ADDRESS", "toAddress"),
        ({"toAddress": OUTSIDE}, "PARAM_ERROR", "amount"),
        ({"amount": "0.001"}, "AMOUNT_PRECISION_TOO_SMALL", "amount"),
        ({"amount": "0.5"}, "PARAM_ERROR", "amount"),
        ({"amount": "5000"}, "PARAM_ERROR", "businessId"),
        ({"businessId": "Used"}, "PARAM_ERROR", "tag"),
        ({"tag": ""}, "CALLBACK_URL_ERROR", "callbackUrl"),
        ({"callbackUrl": ""}, "PARAM_ERROR", "confirmFirst"),
        ({"confirmFirst": "3", "confirmNeeded": "2"}, "PARAM_ERROR", "confirmNeeded"),
        ({"confirmNeeded": "4"}, "BUSINESS_ID_EXISTENCE", "order"),
        ({"businessId": "New"}, "NOT_SUFFICIENT_FUNDS", "5015.01"),
    ]
    for mended, error, begins in steps:
        wrong |= mended
        answer = merchant.withdraw({"X-Emulator-Explain": "1"}, **wrong)
        assert (refused(answer)[1], answer.headers["x-emulator-reason"][: len(begins)]) == (error, begins)


def test_37_addresses_of_the_sandbox_itself_are_refused(
    emulator_server: BackgroundServer, emulator: Emulator, merchant: Client, other: Client
) -> None:
    mine = merchant.data(merchant.create())["address"]
    theirs = other.data(other.create())["address"]
    (deposit,) = merchant.data(merchant.addresses())["address"]
    for address in (mine, theirs, deposit):
        assert refused(merchant.withdraw(toAddress=address)) == (400, "INSIDE_ADDRESS")
    ethereum = merchant.data(merchant.create(chainName="Ethereum"))["address"]
    for address in (ethereum, "0x" + ethereum[2:].upper()):
        assert refused(merchant.withdraw(chainName="Ethereum", toAddress=address)) == (400, "INSIDE_ADDRESS")
    with emulator_server.sandbox() as elsewhere, Client(elsewhere) as stranger:
        assert stranger.withdraw(toAddress=mine).status_code == 200


def test_37_a_business_id_is_unique_among_payments_and_withdrawals(merchant: Client, other: Client) -> None:
    merchant.create(businessId="One")
    assert refused(merchant.withdraw(businessId="One")) == (403, "BUSINESS_ID_EXISTENCE")
    assert merchant.withdraw(businessId="Two").status_code == 200
    assert refused(merchant.create(businessId="Two")) == (403, "BUSINESS_ID_EXISTENCE")
    assert other.create(businessId="Two").status_code == 200


@pytest.mark.parametrize("error", ["INSIDE_ADDRESS", "NON_WITHDRAWAL", "NOT_SUFFICIENT_FUNDS", "TRADE_ERROR"])
def test_37_a_scenario_can_refuse_a_withdrawal(emulator: Emulator, merchant: Client, error: str) -> None:
    scenario = f"refused-{error.lower().replace('_', '-')}"
    assert refused(merchant.withdraw({"X-Emulator-Scenario": scenario}))[1] == error
    assert refused(merchant.withdraw({"X-Emulator-Scenario": scenario}, amount="x"))[1] == "PARAM_ERROR"
    assert (emulator.orders(), merchant.balance()) == ([], ("1000", "0.00"))

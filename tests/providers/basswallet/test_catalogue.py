"""The tables of values: tokens, chains, rates, errors and keys."""

import re
from decimal import Decimal

import msgspec
import pytest

from emulator.providers.basswallet.catalogue import (
    CATALOGUE,
    find_access_key,
    find_callback_key,
    find_sandbox_of_access_key,
    list_access_keys,
    list_callback_keys,
)
from emulator.providers.basswallet.chain.tokens import CatalogueError

PAIRS = """
USDT Ethereum 102 102003 0xdAC17F958D2ee523a2206206994597C13D831ec7 ERC-20 6 2 64 5 0.11
USDT Tron 103 103002 TR7NHqjeKQxGTCi8q8ZY4pL8otSzgjLj6t TRC-20 6 2 20 1 0.01
USDT Bsc 104 104003 0x55d398326f99059fF775485246999027B3197955 BEP-20 18 2 20 1 0.1
USDC Ethereum 102 102004 0xA0b86991c6218b36c1d19D4a2e9Eb0cE3606eB48 ERC-20 6 2 64 5 0.11
ETH Ethereum 102 102002 - Base 18 6 64 0.0001 0.00001
TRX Tron 103 103001 - Base 6 2 20 8 1
TUSD Ethereum 102 102005 0x0000000000085d4780B73119b644AE5ecd22b376 ERC-20 18 2 64 5 0.11
TUSD Tron 103 103003 TUpMhErZL2fhh4sVNULAbNKLokS4GjC1F4 TRC-20 18 2 20 1 1
USDD Ethereum 102 102006 0x0C10bF8FcB7Bf5412187A595ab97a3609160b5c6 ERC-20 18 2 64 5 0.11
USDD Tron 103 103005 TPYmHEhy5n8TCEfYGqW2rPxsghSfzghPDn TRC-20 18 2 20 1 1
BNB Bsc 104 104002 - Base 18 6 20 0.001 0.0005
BTC Bitcoin 101 101001 - Base 8 8 2 0.0001 0.0001
"""


def test_the_catalogue_has_exactly_these_pairs_in_this_order() -> None:
    rows = [
        f"{token.token_name} {pair.chain_name} {pair.chain_id} {pair.token_id} {pair.contract_id or '-'} "
        f"{pair.token_type} {pair.decimals} {pair.display_decimal} {pair.block_confirm_num} "
        f"{pair.min_deposit_amount} {pair.fee}"
        for token in CATALOGUE.tokens
        for pair in token.chain_list
    ]
    assert rows == PAIRS.split("\n")[1:-1]
    assert all(pair.min_withdraw_amount == pair.min_deposit_amount for pair in CATALOGUE.pairs.values())


def test_tokens_have_their_full_names() -> None:
    assert {token.token_name: token.full_name for token in CATALOGUE.tokens} == {
        "USDT": "Tether USD",
        "USDC": "USD Coin",
        "ETH": "Ethereum",
        "TRX": "Tron",
        "TUSD": "TrueUSD",
        "USDD": "Decentralized USD",
        "BNB": "BNB",
        "BTC": "Bitcoin",
    }


def test_a_token_is_written_as_on_the_wire() -> None:
    token = CATALOGUE.tokens[0]
    assert msgspec.json.encode(msgspec.structs.replace(token, chain_list=token.chain_list[1:2])) == (
        b'{"tokenName":"USDT","fullName":"Tether USD","chainList":[{"chainId":103,"chainName":"Tron","tokenId":103002,'
        b'"contractId":"TR7NHqjeKQxGTCi8q8ZY4pL8otSzgjLj6t","tokenType":"TRC-20","decimals":6,"displayDecimal":2,'
        b'"blockConfirmNum":20,"minDepositAmount":"1","minWithdrawAmount":"1","fee":"0.01","depositEnable":true,'
        b'"withdrawEnable":true}]}'
    )


def test_only_the_suspended_pair_says_why() -> None:
    suspended = {names for names, pair in CATALOGUE.pairs.items() if not pair.deposit_enable}
    assert suspended == {("TUSD", "Tron")}
    pair = CATALOGUE.find_pair("TUSD", "Tron")
    assert pair is not None
    assert pair.sda == pair.suspend_deposit_desc == "Deposit suspended"
    assert msgspec.json.encode(pair).endswith(
        b'"depositEnable":false,"withdrawEnable":true,'
        b'"sda":"Deposit suspended","suspendDepositDesc":"Deposit suspended"}'
    )


def test_lookups_are_case_sensitive() -> None:
    assert CATALOGUE.find_pair("USDT", "Tron")
    assert CATALOGUE.find_pair("usdt", "Tron") is None
    assert CATALOGUE.find_pair("USDT", "TRON") is None
    assert CATALOGUE.find_pair("ETH", "Tron") is None
    assert CATALOGUE.find_usd_rate("usdt") == 1
    assert CATALOGUE.find_usd_rate("btc") == 1


@pytest.mark.parametrize(
    ("name", "chain_id", "form", "prefix", "block_interval_ms", "base_height"),
    [
        ("Bitcoin", 101, "bitcoin", "", 600_000, 875_000),
        ("Ethereum", 102, "evm", "0x", 12_000, 21_000_000),
        ("Tron", 103, "tron", "", 3_000, 51_000_000),
        ("Bsc", 104, "evm", "0x", 3_000, 45_000_000),
    ],
)
def test_chains_have_their_address_forms_and_block_times(
    name: str, chain_id: int, form: str, prefix: str, block_interval_ms: int, base_height: int
) -> None:
    chain = CATALOGUE.chains[name]
    assert (chain.chain_id, chain.address_form, chain.transaction_prefix) == (chain_id, form, prefix)
    assert (chain.block_interval_ms, chain.base_height) == (block_interval_ms, base_height)


def test_every_token_has_a_rate() -> None:
    rates = {
        "USDT": "1",
        "USDC": "1",
        "TUSD": "1",
        "USDD": "1",
        "ETH": "3000",
        "BTC": "60000",
        "BNB": "600",
        "TRX": "0.25",
    }
    assert {token: str(rate) for token, rate in CATALOGUE.usd_rates.items()} == rates
    assert rates.keys() == {token.token_name for token in CATALOGUE.tokens}


ERRORS = """
400 PARAM_ERROR Parameter error
400 TIME_OUT Invalid timestamp
400 AMOUNT_PRECISION_TOO_SMALL Too many decimals
400 CALLBACK_URL_ERROR Wrong callback address
400 ADDRESS_UNAVAILABLE Address unavailable
400 INSIDE_ADDRESS Internal address
401 UNAUTHORIZED_ACCESS Unknown access key
401 IP_NOT_IN_WHITELIST IP not allowed
401 SIGN_ERROR Wrong signature
403 NO_AUTH No permission
403 BUSINESS_ID_EXISTENCE Duplicate businessId
403 TRADE_ERROR Transaction error
403 NOT_SUFFICIENT_FUNDS Insufficient balance
404 NOT_FOUND Not found
405 METHOD_NOT_ALLOWED Method not allowed
429 FREQUENCY_LIMITED Too many requests
450 NON_WITHDRAWAL Cannot withdraw
500 SYSTEM_ERROR System error, try later
"""


def test_the_error_table_has_exactly_these_rows() -> None:
    assert [f"{row.code} {row.symbol} {row.text}" for row in CATALOGUE.errors.values()] == ERRORS.split("\n")[1:-1]
    assumed = {row.symbol for row in CATALOGUE.errors.values() if row.source == "assumed"}
    assert assumed == {"NOT_FOUND", "METHOD_NOT_ALLOWED"}
    assert CATALOGUE.errors["SIGN_ERROR"].code == 401


def test_deposits_of_a_pair_can_be_switched_off_and_on() -> None:
    suspended = CATALOGUE.with_deposit("USDT", "Tron", enabled=False)
    pair = suspended.find_pair("USDT", "Tron")
    assert pair is not None
    assert (pair.deposit_enable, pair.sda, pair.suspend_deposit_desc) == (
        False,
        "Deposit suspended",
        "Deposit suspended",
    )
    assert suspended.with_deposit("USDT", "Tron", enabled=True) == CATALOGUE
    assert CATALOGUE.with_deposit("USDT", "Bitcoin", enabled=False) == CATALOGUE
    opened = CATALOGUE.with_deposit("TUSD", "Tron", enabled=True).find_pair("TUSD", "Tron")
    assert opened is not None
    assert opened.sda is msgspec.UNSET


TRON_USDT = msgspec.to_builtins(CATALOGUE.tokens[0].chain_list[1])


def token(**changes: object) -> dict[str, object]:
    return {"tokenName": "USDT", "fullName": "Tether USD", "chainList": [{**TRON_USDT, **changes}]}


def test_an_answer_of_the_token_list_can_be_used_as_the_catalogue() -> None:
    assert CATALOGUE.with_tokens(msgspec.to_builtins(CATALOGUE.tokens)) == CATALOGUE
    changed = CATALOGUE.with_tokens([token(minDepositAmount="0.01", tokenId="103002")], merged=False)
    pair = changed.find_pair("USDT", "Tron")
    assert pair is not None
    assert pair.min_deposit_amount == "0.01"
    assert changed.find_pair("BTC", "Bitcoin") is None


@pytest.mark.parametrize(
    ("document", "reason"),
    [
        ({}, "not a list (tokens are a list as the token-list call answers it)"),
        ([{"tokenName": "USDT"}], "/0/fullName: missing"),
        ([token(minDepositAmount=1)], "/0/chainList/0/minDepositAmount: not a string"),
        ([token(minDepositAmount="1e3")], "/0/chainList/0/minDepositAmount: does not match "),
        ([token(fee="1\n")], "/0/chainList/0/fee: does not match "),
        ([token(tokenType="S" * 17)], "/0/chainList/0/tokenType: does not match "),
        ([token(chainName="a&b")], "/0/chainList/0/chainName: does not match "),
        ([token(addressForm="solana")], "/0/chainList/0/addressForm: does not fit"),
        ([token(blockIntervalMs=0)], "/0/chainList/0/blockIntervalMs: below 1"),
        ([token(colour="red")], "/0/chainList/0: unknown: colour"),
        ([{**token(), "chainList": [TRON_USDT, TRON_USDT]}], "/0/chainList/1/chainName: an earlier entry has it"),
        ([token(), token()], "/1/tokenName: an earlier entry has it"),
        (
            [token(addressForm="evm"), {**token(addressForm="tron"), "tokenName": "X"}],
            "/1/chainList/0/addressForm: an earlier entry of this chain has another",
        ),
    ],
)
def test_an_unusable_catalogue_is_refused_with_the_reason(document: object, reason: str) -> None:
    with pytest.raises(CatalogueError, match=re.escape(reason)):
        CATALOGUE.with_tokens(document)


def test_rates_can_be_changed_one_by_one() -> None:
    changed = CATALOGUE.with_usd_rates({"USDT": "0.9998"})
    assert changed.find_usd_rate("USDT") == Decimal("0.9998")
    assert changed.find_usd_rate("BTC") == Decimal(60000)
    assert CATALOGUE.find_usd_rate("USDT") == Decimal(1)


@pytest.mark.parametrize(
    ("document", "words"),
    [
        *(({"USDT": rate}, "/USDT: write US dollars for one unit as decimal text") for rate in (1, "-1", "NaN")),
        ({"USDT": "0"}, "/USDT: the rate must be above 0"),
        ([], "rates are US dollars as decimal text by tokenName: "),
        (None, "rates are US dollars as decimal text by tokenName: "),
    ],
)
def test_a_rate_that_is_not_decimal_text_is_refused(document: object, words: str) -> None:
    with pytest.raises(CatalogueError, match=words):
        CATALOGUE.with_usd_rates(document)


ALL = frozenset({"payment", "query", "history", "common", "withdraw", "balance", "address"})


def test_the_keys_of_a_sandbox_are_derived_from_its_name() -> None:
    keys = [(k.access_key, k.secret_key, k.account, k.permissions, k.ip_list) for k in list_access_keys("team-7")]
    assert keys == [
        ("access-team-7", "secret-team-7", 1, ALL, ()),
        ("noauth-team-7", "secret-noauth-team-7", 1, frozenset(), ()),
        ("ip-team-7", "secret-ip-team-7", 1, ALL, ("192.0.2.1",)),
        ("other-team-7", "secret-other-team-7", 2, ALL, ()),
    ]
    callbacks = [(key.account, key.access_key, key.secret_key) for key in list_callback_keys("team-7")]
    assert callbacks == [(1, "callback-access-team-7", "callback-secret-team-7")]


def test_the_second_account_has_no_callback_key() -> None:
    assert find_callback_key("default", 1) is not None
    assert find_callback_key("default", 2) is None


@pytest.mark.parametrize("sandbox", ["default", "0", "a" * 40, "access-x", "ip-ip-", "noauth-default"])
def test_every_access_key_leads_back_to_its_sandbox(sandbox: str) -> None:
    for key in list_access_keys(sandbox):
        assert find_sandbox_of_access_key(key.access_key) == sandbox
        assert find_access_key(key.access_key) == key


@pytest.mark.parametrize(
    "access_key",
    [
        *("", "default", "access-", "access-A", "access--a", "access-a\n", "access-" + "a" * 41, "ACCESS-a"),
        *("callback-access-default", "secret-default", "access-default ", "acces-default", "access-{sandbox}"),
    ],
)
def test_any_other_text_is_not_an_access_key(access_key: str) -> None:
    assert find_sandbox_of_access_key(access_key) is None
    assert find_access_key(access_key) is None

"""Reading one order, the history and the tokens over HTTP."""

from typing import Any

import httpx
import pytest

from emulator.core import json_text
from emulator.testing import Emulator
from tests.clients.basswallet import Client, refused

DAY_MS = 86_400_000
UNPAID = ("id", "businessId", "redirectUrl", "tokenName", "chainName", "amount", "address", "status")
TIMES = ("createdTime", "expiryTime")
PAID_LISTED = (
    *("id", "businessId", "chainName", "tokenName", "amount", "amountActual", "fromAddress", "toAddress", "txHash"),
    *("createdTime", "expiryTime", "completeTime", "status"),
)
CATALOGUE = """
USDT 102/102003 103/103002 104/104003
USDC 102/102004
ETH 102/102002
TRX 103/103001
TUSD 102/102005 103/103003
USDD 102/102006 103/103005
BNB 104/104002
BTC 101/101001
"""


def now_ms(emulator: Emulator) -> int:
    return int(emulator.call("GET", "clock")["now_ms"])


# -- 9. one order


def test_09_an_order_is_found_by_its_id_its_business_id_or_both(client: Client) -> None:
    order_id = client.start(businessId="Order0001")
    found = [
        client.data(client.query(**wanted))
        for wanted in ({"id": order_id}, {"businessId": "Order0001"}, {"id": order_id, "businessId": "Order0001"})
    ]
    assert found == [found[0]] * 3
    assert client.data(client.query(id=order_id, businessId="")) == found[0]
    assert client.data(client.request("GET", "/api/v1/account/order/query", {"id": order_id})) == found[0]


NOT_FOUND: list[dict[str, str | None]] = [
    {"id": "1"},
    {"id": "nonsense"},
    {"businessId": "Order9999"},
    {"businessId": "order0001"},
    {"id": "FIRST", "businessId": "Order0002"},
    {"id": "FIRST", "businessId": "Order9999"},
    {"id": "SECOND", "businessId": "Order0001"},
]


@pytest.mark.parametrize("wanted", NOT_FOUND)
def test_09_an_unknown_order_is_a_parameter_error_or_null(
    emulator: Emulator, client: Client, wanted: dict[str, str | None]
) -> None:
    ids = {"FIRST": client.start(businessId="Order0001"), "SECOND": client.start(businessId="Order0002")}
    named = {name: ids.get(value or "", value) for name, value in wanted.items()}
    assert refused(client.query(**named)) == (400, "PARAM_ERROR")
    emulator.set("basswallet", order_not_found="null_data")
    assert client.data(client.query(**named)) is None


@pytest.mark.parametrize("wanted", [{}, {"id": ""}, {"id": "", "businessId": ""}])
def test_09_a_query_for_nothing_is_always_a_parameter_error(
    emulator: Emulator, client: Client, wanted: dict[str, str]
) -> None:
    emulator.set("basswallet", order_not_found="null_data")
    assert refused(client.query(**wanted)) == (400, "PARAM_ERROR")


def test_09_another_account_s_order_is_unknown(client: Client, other: Client) -> None:
    order_id = client.start(businessId="Order0001")
    assert refused(other.query(id=order_id)) == (400, "PARAM_ERROR")
    assert refused(other.query(businessId="Order0001")) == (400, "PARAM_ERROR")


def test_09_all_keys_of_an_account_see_its_orders(emulator: Emulator, client: Client) -> None:
    order_id = client.start()
    emulator.set("basswallet", keys={"noauth": {"permissions": ["query"]}})
    with Client(emulator, word="noauth") as second:
        assert second.status(order_id) == "Pending"


def test_09_an_order_has_the_documented_fields_before_and_after_the_payment(emulator: Emulator, client: Client) -> None:
    created = client.data(client.create(amount="25.50", businessId="Order0001"))
    before = client.data(client.read(created["id"]))
    assert tuple(before) == (*UNPAID, *TIMES)
    assert before == {name: created[name] for name in UNPAID} | {
        "createdTime": created["createdDate"],
        "expiryTime": created["expiryDate"],
    }
    emulator.fire(created["id"], "pay", txHash="ab" * 32)
    assert client.data(client.read(created["id"])) == before
    emulator.advance("3s")
    response = client.read(created["id"])
    after = client.data(response)
    assert tuple(after) == (*UNPAID, "txHash", "amountActual", *TIMES)
    assert after["txHash"] == "ab" * 32
    assert b'"amountActual":25.5,' in response.content


@pytest.mark.parametrize(
    ("paid", "literal"), [("120", "120"), ("0.0000001", "0.0000001"), ("5.10", "5.1"), (100, "100"), ("7.0", "7")]
)
def test_09_the_amount_paid_is_an_exact_number_without_trailing_zeros(
    emulator: Emulator, client: Client, paid: str | int, literal: str
) -> None:
    order_id = client.start(amount="5")
    emulator.fire(order_id, "pay", amount=paid)
    emulator.fire(order_id, "confirm")
    assert f'"amountActual":{literal},'.encode() in client.read(order_id).content
    assert client.data(client.history())[0]["amountActual"] == literal


def test_09_a_variable_order_without_a_business_id_shows_neither_amount_nor_business_id(client: Client) -> None:
    order = client.data(client.read(client.start()))
    assert "amount" not in order
    assert order["businessId"] == ""


def test_09_the_redirect_url_of_a_query_is_the_page_or_the_merchant(emulator: Emulator, client: Client) -> None:
    created = client.data(client.create(returnUrl="https://shop.example/r"))
    assert client.data(client.read(created["id"]))["redirectUrl"] == created["redirectUrl"]
    emulator.set("basswallet", query_redirect_url="return", pay_base_url="https://pay.example")
    assert client.data(client.read(created["id"]))["redirectUrl"] == "https://shop.example/r"
    assert client.data(client.read(client.start()))["redirectUrl"] == ""


# -- 10. the history


@pytest.fixture
def listed(emulator: Emulator, client: Client) -> dict[str, Any]:
    """Ids of orders that came to different ends, oldest first."""
    ids = {
        "paid": client.start("happy", amount="25.50", businessId="Paid"),
        "expired": client.start(expiryMinutes="1"),
        "variable": client.start("happy", tokenName="TRX"),
        "underpaid": client.start("underpaid", amount="20"),
        "failed": client.start("failed"),
    }
    emulator.advance("10m")
    return ids | {"open": client.start(amount="9", businessId="Open")}


def test_10_the_newest_order_comes_first_with_the_fields_of_its_status(client: Client, listed: dict[str, str]) -> None:
    orders = client.data(client.history())
    assert [order["id"] for order in orders] == list(reversed(listed.values()))
    by_id = {order["id"]: order for order in orders}
    shown = {name: by_id[order_id] for name, order_id in listed.items()}
    without = {
        "paid": set(),
        "open": {"amountActual", "fromAddress", "txHash", "completeTime"},
        "expired": {"businessId", "amount", "amountActual", "fromAddress", "txHash", "completeTime"},
        "variable": {"businessId", "amount"},
        "underpaid": {"businessId"},
        "failed": {"businessId", "amount"},
    }
    for name, order in shown.items():
        assert tuple(order) == tuple(member for member in PAID_LISTED if member not in without[name]), name
    assert {name: order["status"] for name, order in shown.items()} == {
        "paid": "Success",
        "open": "Pending",
        "expired": "Expired",
        "variable": "Success",
        "underpaid": "Underpaid",
        "failed": "Failed",
    }
    assert (shown["paid"]["amount"], shown["paid"]["amountActual"]) == ("25.50", "25.5")
    assert shown["paid"]["completeTime"] == shown["paid"]["createdTime"] + 65_000
    assert shown["underpaid"]["amountActual"] == "10"
    read = client.data(client.read(listed["paid"]))
    assert (shown["paid"]["toAddress"], shown["paid"]["txHash"]) == (read["address"], read["txHash"])


@pytest.mark.parametrize(
    ("parameters", "names"),
    [
        ({}, ["open", "failed", "underpaid", "variable", "expired", "paid"]),
        ({"tokenName": ""}, ["open", "failed", "underpaid", "variable", "expired", "paid"]),
        ({"tokenName": "TRX"}, ["variable"]),
        ({"tokenName": "DOGE"}, []),
        ({"type": "payment"}, ["open", "failed", "underpaid", "variable", "expired", "paid"]),
        ({"type": "Deposit"}, []),
        ({"type": "WITHDRAW"}, []),
    ],
)
def test_10_filters_select_orders(
    client: Client, listed: dict[str, str], parameters: dict[str, str], names: list[str]
) -> None:
    found = client.data(client.history(**parameters))
    assert [order["id"] for order in found] == [listed[name] for name in names]


def test_10_start_and_end_times_are_inclusive(emulator: Emulator, client: Client) -> None:
    first = client.data(client.create())
    emulator.advance("1s")
    second = client.data(client.create())
    for start, end, found in [
        (first["createdDate"], first["createdDate"], [first]),
        (first["createdDate"], second["createdDate"], [second, first]),
        (first["createdDate"] + 1, second["createdDate"], [second]),
        (first["createdDate"] + 1, second["createdDate"] - 1, []),
        (second["createdDate"] + 1, second["createdDate"] + DAY_MS, []),
    ]:
        orders = client.data(client.history(startTime=str(start), endTime=str(end)))
        assert [order["id"] for order in orders] == [order["id"] for order in found]


def test_10_the_last_thirty_days_are_shown_by_default(emulator: Emulator, client: Client) -> None:
    order_id = client.start()
    emulator.advance("30d")
    assert [order["id"] for order in client.data(client.history())] == [order_id]
    emulator.advance("1ms")
    assert client.data(client.history()) == []
    start = now_ms(emulator) - 31 * DAY_MS
    assert len(client.data(client.history(startTime=str(start), endTime=str(start + 30 * DAY_MS)))) == 1


@pytest.mark.parametrize(
    "parameters",
    [
        {"type": None},
        {"type": ""},
        {"type": "Payments"},
        {"startTime": "yesterday"},
        {"endTime": "-1"},
        {"startTime": "1.5"},
    ],
)
def test_10_bad_parameters_are_refused(client: Client, parameters: dict[str, str | None]) -> None:
    assert refused(client.history(**parameters)) == (400, "PARAM_ERROR")


@pytest.mark.parametrize(
    ("start", "end", "good"),
    [
        (-30 * DAY_MS, 0, True),
        (-30 * DAY_MS - 1, 0, False),
        (0, 0, True),
        (1, 0, False),
        (-30 * DAY_MS, None, True),
        (-30 * DAY_MS - 1, None, False),
        (1, None, False),
        (None, -30 * DAY_MS, True),
        (None, -30 * DAY_MS - 1, False),
        (None, 1, False),
    ],
)
def test_10_a_period_is_at_most_thirty_days_and_never_backwards(
    emulator: Emulator, client: Client, start: int | None, end: int | None, good: bool
) -> None:
    moments = {"startTime": start, "endTime": end}
    now = now_ms(emulator)
    response = client.history(**{name: str(now + at) for name, at in moments.items() if at is not None})
    assert response.status_code == 200 if good else refused(response) == (400, "PARAM_ERROR")


def test_10_another_account_s_orders_are_not_listed(client: Client, other: Client) -> None:
    client.start()
    assert other.data(other.history()) == []


# -- 11. tokens


@pytest.mark.parametrize("path", ["/v1/common/tokens", "/api/v1/common/tokens"])
def test_11_all_tokens_are_listed_without_a_signature(client: Client, path: str) -> None:
    tokens = client.data(client.send("GET", path))
    rows = [
        " ".join([token["tokenName"], *(f"{pair['chainId']}/{pair['tokenId']}" for pair in token["chainList"])])
        for token in tokens
    ]
    assert rows == CATALOGUE.split("\n")[1:-1]


def test_11_the_example_of_the_docs_is_in_the_list(client: Client) -> None:
    (token,) = client.data(client.tokens(tokenName="USDT"))
    assert json_text.encode(token["chainList"][1]) == (
        b'{"chainId":103,"chainName":"Tron","tokenId":103002,"contractId":"TR7NHqjeKQxGTCi8q8ZY4pL8otSzgjLj6t",'
        b'"tokenType":"TRC-20","decimals":6,"displayDecimal":2,"blockConfirmNum":20,"minDepositAmount":"1",'
        b'"minWithdrawAmount":"1","fee":"0.01","depositEnable":true,"withdrawEnable":true}'
    )
    assert (token["tokenName"], token["fullName"]) == ("USDT", "Tether USD")


def test_11_an_unknown_token_gives_an_empty_list(client: Client) -> None:
    assert client.data(client.tokens(tokenName="usdt")) == []
    assert len(client.data(client.tokens(tokenName=""))) == 8
    assert refused(client.send("GET", "/v1/common/tokens?tokenName=A&tokenName=B")) == (400, "PARAM_ERROR")


def test_11_a_suspended_pair_says_so(emulator: Emulator, client: Client) -> None:
    emulator.set("basswallet", suspend={"USDT/Bsc": True})
    pairs = {
        (token["tokenName"], pair["chainName"]): (
            pair["depositEnable"],
            pair.get("sda"),
            pair.get("suspendDepositDesc"),
        )
        for token in client.data(client.tokens())
        for pair in token["chainList"]
    }
    suspended = (False, "Deposit suspended", "Deposit suspended")
    assert {pair for pair, shown in pairs.items() if shown == suspended} == {("TUSD", "Tron"), ("USDT", "Bsc")}
    assert {shown for shown in pairs.values() if shown != suspended} == {(True, None, None)}


def test_11_token_ids_may_be_text(emulator: Emulator, client: Client) -> None:
    emulator.set("basswallet", token_id_type="string")
    assert client.data(client.tokens(tokenName="BTC"))[0]["chainList"][0]["tokenId"] == "101001"


def test_11_by_setting_no_key_is_needed_and_none_is_checked(emulator: Emulator, client: Client) -> None:
    emulator.set("basswallet", common_requires_key=False, rate_limit="1/10")
    for word in ("access", "noauth", "ip", "other"):
        with Client(emulator, word=word) as merchant:
            assert len(merchant.data(merchant.tokens())) == 8


def test_11_a_request_without_a_key_belongs_to_the_default_sandbox(emulator: Emulator, client: Client) -> None:
    without_key = {"API-Access-Key": None}
    document = httpx.get(f"{emulator.control_url}/sandboxes/default").json()
    default = Emulator(emulator.control_url, document)
    assert refused(client.send("GET", "/v1/common/tokens", None, without_key)) == (401, "UNAUTHORIZED_ACCESS")
    default.set("basswallet", common_requires_key=False)
    try:
        assert len(client.data(client.send("GET", "/v1/common/tokens", None, without_key))) == 8
    finally:
        default.reset()
        default.close()

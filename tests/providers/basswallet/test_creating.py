"""Creating payment orders over HTTP: the answer, every rule of every parameter, and what comes first."""

import re
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest

from emulator.core import json_text
from emulator.engine import real_time
from emulator.testing import ControlRefused, Emulator
from tests.clients.basswallet import FORM_TYPE, Client, plain, refused, sign

CREATE = "/v1/account/payment"
PAYIN = re.compile(r"http://127\.0\.0\.1:\d+/payin/[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}")
SEED = {
    "amount": "99.99",
    "tokenName": "USDT",
    "chainName": "Ethereum",
    "businessId": "Bjxc6666",
    "displayInfo": "Membership Service",
}
ADDRESSES = {
    ("USDT", "Ethereum"): r"0x[0-9a-f]{40}",
    ("USDT", "Bsc"): r"0x[0-9a-f]{40}",
    ("USDT", "Tron"): r"T[1-9A-HJ-NP-Za-km-z]{33}",
    ("BTC", "Bitcoin"): r"1[1-9A-HJ-NP-Za-km-z]{24,33}",
}

# -- 1. the answer


@pytest.mark.parametrize("path", ["/v1/account/payment", "/api/v1/account/payment"])
@pytest.mark.parametrize("style", ["python", "php", "json"])
def test_01_the_documented_request_gets_the_documented_members(
    emulator: Emulator, client: Client, path: str, style: str
) -> None:
    response = client.request("POST", path, SEED, style=style)
    now_ms = emulator.call("GET", "clock")["now_ms"]
    body = json_text.decode(response.content)
    assert response.status_code == 200
    assert list(body) == ["code", "msg", "timestamp", "data"]
    assert (body["code"], body["msg"], body["timestamp"]) == (200, "success", str(now_ms))
    created = body["data"]
    assert list(created) == [
        *("createdDate", "expiryDate", "redirectUrl", "status", "id", "amount", "tokenName", "chainName", "address"),
        *("businessId", "returnUrl", "displayInfo"),
    ]
    assert PAYIN.fullmatch(created.pop("redirectUrl"))
    assert re.fullmatch("0x[0-9a-f]{40}", created.pop("address"))
    assert created == SEED | {
        "createdDate": now_ms,
        "expiryDate": now_ms + 3_600_000,
        "status": "Pending",
        "id": str((now_ms - 1585644268888) * 4194304 + 33 * 4096),
        "returnUrl": "",
    }


def test_01_a_new_order_never_replaces_one_from_an_older_snapshot(emulator: Emulator, client: Client) -> None:
    kept = [client.order_id(client.create()) for _ in range(3)]
    snapshot = emulator.call("GET", "snapshot")
    for order in snapshot["tables"]["orders"].values():
        order["keys"] = [key for key in order["keys"] if not key.startswith("basswallet/created:")]
    emulator.call("PUT", "snapshot", snapshot)
    added = [client.order_id(client.create()) for _ in range(2)]
    assert [order["id"] for order in emulator.orders()] == kept + added


def test_01_orders_of_the_same_millisecond_have_consecutive_ids(client: Client) -> None:
    first, second = (int(client.order_id(client.create())) for _ in range(2))
    assert second == first + 1


@pytest.mark.parametrize("pair", ADDRESSES)
def test_01_each_order_has_a_new_address_in_the_form_of_its_chain(client: Client, pair: tuple[str, str]) -> None:
    created = [client.data(client.create(tokenName=pair[0], chainName=pair[1])) for _ in range(2)]
    assert all(re.fullmatch(ADDRESSES[pair], order["address"]) for order in created)
    assert created[0]["address"] != created[1]["address"]
    assert created[0]["redirectUrl"] != created[1]["redirectUrl"]


def test_01_the_same_seed_gives_the_same_addresses_again(emulator: Emulator, client: Client) -> None:
    first = client.data(client.create())
    emulator.reset()
    emulator.choose(basswallet="manual")
    assert client.data(client.create()) == first


def test_01_parameters_in_the_query_of_a_post_are_ignored(client: Client) -> None:
    parameters = {"tokenName": "USDT", "chainName": "Tron", "timestamp": str(real_time.now_ms())}
    headers = {"Signature": sign(plain(parameters), client.secret), "Content-Type": FORM_TYPE}
    target = f"{CREATE}?amount=50&tokenName=BTC"
    assert "amount" not in client.data(client.send("POST", target, plain(parameters).encode(), headers))


def test_01_unknown_parameters_must_be_signed_and_are_otherwise_ignored(client: Client) -> None:
    assert client.create(chainId="103", amountActual="5").status_code == 200


def test_01_an_amount_stays_as_it_was_written(client: Client) -> None:
    for amount in ("25.50", "25.5", "0025.500", "1" + "0" * 36):
        created = client.create(amount=amount)
        assert client.data(created)["amount"] == amount
        assert client.data(client.read(client.order_id(created)))["amount"] == amount


@pytest.mark.parametrize(
    ("setting", "expected"), [("omit", {}), ("empty", {"businessId": "", "displayInfo": ""})], ids=["omit", "empty"]
)
def test_01_members_that_were_not_sent_are_left_out_or_empty(
    emulator: Emulator, client: Client, setting: Any, expected: dict[str, str]
) -> None:
    emulator.set("basswallet", absent_optional=setting)
    created = client.data(client.create())
    assert {name: created[name] for name in ("businessId", "displayInfo") if name in created} == expected
    assert created["returnUrl"] == ""


@pytest.mark.parametrize("base_url", ["https://pay.baaswallet.io", "https://pay.baaswallet.io/", "http://x:1/y"])
def test_01_the_page_may_have_another_base_url(emulator: Emulator, client: Client, base_url: str) -> None:
    emulator.set("basswallet", pay_base_url=base_url)
    assert client.data(client.create())["redirectUrl"].startswith(base_url.rstrip("/") + "/payin/")


# -- 5. variable orders


@pytest.mark.parametrize("amount", [None, ""])
@pytest.mark.parametrize(("token", "chain", "least"), [("USDT", "Ethereum", "5"), ("BTC", "Bitcoin", "0.0001")])
def test_05_without_an_amount_the_payer_chooses_any_from_the_minimum(
    client: Client, amount: str | None, token: str, chain: str, least: str
) -> None:
    created = client.data(client.create(amount=amount, tokenName=token, chainName=chain))
    assert "amount" not in created
    assert created["minAmount"] == least
    assert list(created)[5] == "minAmount"


# -- 6. the rules of the parameters

GOOD = [
    ("amount", ["1", "1.00", "25.50", "1.010000", "0001", "9" * 40]),
    ("businessId", ["", "A", "z9", "a" * 32]),
    ("displayInfo", ["", "x" * 256, "金" * 256, "<b>&\"'</b>", "a\nb"]),
    ("autoReturn", ["", "true", "false", "False", "TRUE"]),
    ("returnUrl", ["", "http://a", "https://shop.example:8443/r?o=1#x", "http://[::1]", "https://a/" + "x" * 2038]),
    ("expiryMinutes", ["", "1", "60", "7200"]),
    ("webhookUrl", ["", "http://127.0.0.1:9/hook", "http://a.b.:65535?x", "https://a/" + "x" * 2038]),
    ("displayLanguage", ["", "en-US", "zh-CN"]),
]
NOWHERE = [
    *("shop.example", "ftp://a", "https://", "https:///x", "https://a/" + "x" * 2039),
    *("http://127.0.0.1:65536", "http://127.0.0.1:99999/", "http://[.]/x", "http://[:]", "http://.", "http://../x"),
]
BAD: list[tuple[str, list[str | None]]] = [
    ("amount", ["0", "0.00", "-5", "5,0", "1e3", " 5", "5 ", "5.", ".5", "٣", "9" * 41, "0.99", "0.5"]),
    ("tokenName", [None, "", "usdt", "USDT ", "DOGE", "BTC", "TUSD"]),
    ("chainName", [None, "", "tron", "TRON", "Polygon", "Bitcoin"]),
    ("businessId", ["a" * 33, "Order_1", "Order 1", "é"]),
    ("displayInfo", ["x" * 257]),
    ("autoReturn", ["yes", "1", "true "]),
    ("returnUrl", [*NOWHERE, "javascript:alert(1)"]),
    ("expiryMinutes", ["0", "7201", "-1", "1.5", "60m", "060"]),
    ("displayLanguage", ["en", "zh-cn", "de-DE"]),
]


@pytest.mark.parametrize(("name", "value"), [(name, value) for name, values in GOOD for value in values])
def test_06_a_valid_value_is_accepted(client: Client, name: str, value: str) -> None:
    assert client.create(None, **{name: value}).status_code == 200


@pytest.mark.parametrize(("name", "value"), [(name, value) for name, values in BAD for value in values])
def test_06_an_invalid_value_is_a_parameter_error(client: Client, name: str, value: str | None) -> None:
    response = client.create({"X-Emulator-Explain": "1"}, **{name: value})
    assert refused(response) == (400, "PARAM_ERROR")
    assert response.headers["x-emulator-reason"]


@pytest.mark.parametrize("url", NOWHERE)
def test_06_a_bad_webhook_url_has_its_own_error(client: Client, url: str) -> None:
    assert refused(client.create(webhookUrl=url)) == (400, "CALLBACK_URL_ERROR")


@pytest.mark.parametrize(
    ("setting", "amount", "good"),
    [
        ("display", "5.01", True),
        ("display", "5.0100000", True),
        ("display", "5.001", False),
        ("token", "5.000001", True),
        ("token", "5.0000001", False),
    ],
)
def test_06_an_amount_may_have_as_many_decimals_as_are_shown(
    emulator: Emulator, client: Client, setting: Any, amount: str, good: bool
) -> None:
    emulator.set("basswallet", amount_precision=setting)
    response = client.create(amount=amount)
    assert response.status_code == 200 if good else refused(response) == (400, "AMOUNT_PRECISION_TOO_SMALL")


def test_06_the_minimum_can_be_switched_off(emulator: Emulator, client: Client) -> None:
    assert refused(client.create(amount="0.01")) == (400, "PARAM_ERROR")
    emulator.set("basswallet", enforce_min_amount=False)
    assert client.create(amount="0.01").status_code == 200


@pytest.mark.parametrize("minutes", [1, 7200])
def test_06_the_expiry_is_exact(client: Client, minutes: int) -> None:
    created = client.data(client.create(expiryMinutes=str(minutes)))
    assert created["expiryDate"] - created["createdDate"] == minutes * 60_000


def test_06_the_form_of_a_business_id_and_the_length_of_a_text_can_be_changed(
    emulator: Emulator, client: Client
) -> None:
    emulator.set("basswallet", business_id_pattern="[a-z_]+", display_info_max=3)
    assert client.create(businessId="order_one", displayInfo="金金金").status_code == 200
    assert refused(client.create(businessId="order1")) == (400, "PARAM_ERROR")
    assert refused(client.create(displayInfo="four")) == (400, "PARAM_ERROR")
    assert refused(client.create(amount="x")) == (400, "PARAM_ERROR")


def test_06_pairs_can_be_suspended_and_enabled_again(emulator: Emulator, client: Client) -> None:
    emulator.set("basswallet", suspend={"USDT/Tron": True, "TUSD/Tron": False})
    assert refused(client.create()) == (400, "PARAM_ERROR")
    assert client.create(chainName="Ethereum").status_code == 200
    assert client.create(tokenName="TUSD").status_code == 200


def test_06_a_chain_may_have_no_addresses_left(emulator: Emulator, client: Client) -> None:
    emulator.set("basswallet", no_addresses=["Tron"])
    assert refused(client.create()) == (400, "ADDRESS_UNAVAILABLE")
    assert client.create(chainName="Bsc").status_code == 200


def test_06_a_custom_catalogue_is_added_to_the_shipped_one_or_replaces_it(emulator: Emulator, client: Client) -> None:
    tokens = client.data(client.tokens(tokenName="USDT"))
    tokens[0]["tokenName"], tokens[0]["chainList"][1]["minDepositAmount"] = "EURT", "2.5"
    emulator.set("basswallet", catalogue=tokens)
    assert client.create().status_code == 200
    assert client.data(client.create(tokenName="EURT"))["minAmount"] == "2.5"
    emulator.set("basswallet", catalogue_mode="replace")
    assert refused(client.create()) == (400, "PARAM_ERROR")
    assert client.data(client.create(tokenName="EURT"))["minAmount"] == "2.5"
    assert [token["tokenName"] for token in client.data(client.tokens())] == ["EURT"]


@pytest.mark.parametrize(
    "settings",
    [
        {"catalogue": [{"tokenName": "X"}]},
        {"catalogue": {}},
        {"business_id_pattern": "("},
        {"keys": {"access": {"ip_list": ["nowhere"]}}},
        {"keys": {"nobody": {}}},
        {"suspend": {"USDT/Polygon": True}},
        {"no_addresses": ["Polygon"]},
        {"block_interval_ms": {"Tron": 0}},
        {"rate_limit": "ten per second"},
        {"rate_limit": {"create-ordr": "1/1"}},
        {"rate_limit": {"*": "1"}},
        {"catalogue_mode": "both"},
        {"pay_base_url": "pay.example"},
        {"first_confirmations": 0},
    ],
)
def test_06_impossible_settings_are_refused(emulator: Emulator, settings: dict[str, Any]) -> None:
    with pytest.raises(ControlRefused) as caught:
        emulator.set("basswallet", **settings)
    assert caught.value.error == "bad-request"


def test_06_an_invalid_network_is_refused_with_its_place(emulator: Emulator) -> None:
    keys = {"access": {"ip_list": []}, "ip": {"ip_list": ["10.0.0.0/8", "nowhere"]}}
    with pytest.raises(ControlRefused, match="/ip/ip_list/1: neither an address nor a network"):
        emulator.set("basswallet", keys=keys)


# What each call does wrong; the first error in the list of checks wins over the later ones.
ORDER_OF_CHECKS: list[tuple[str, dict[str, str | None], str]] = [
    ("tokenName", {"tokenName": None}, "PARAM_ERROR"),
    ("precision", {"amount": "5.001"}, "AMOUNT_PRECISION_TOO_SMALL"),
    ("businessId", {"businessId": "a_b"}, "PARAM_ERROR"),
    ("webhookUrl", {"webhookUrl": "x"}, "CALLBACK_URL_ERROR"),
    ("displayLanguage", {"displayLanguage": "x"}, "PARAM_ERROR"),
]


@pytest.mark.parametrize("place", range(len(ORDER_OF_CHECKS)))
def test_06_of_several_errors_the_first_is_reported(client: Client, place: int) -> None:
    wrong: dict[str, str | None] = {}
    for _, change, _ in ORDER_OF_CHECKS[place:]:
        wrong |= change
    name, _, error = ORDER_OF_CHECKS[place]
    response = client.create({"X-Emulator-Explain": "1"}, **wrong)
    assert refused(response) == (400, error)
    if name != "precision":
        assert response.headers["x-emulator-reason"].startswith(f"{name}:")


def test_06_a_repeated_business_id_is_reported_before_a_chain_without_addresses(
    emulator: Emulator, client: Client
) -> None:
    client.create(businessId="Order0001")
    emulator.set("basswallet", no_addresses=["Tron"])
    assert refused(client.create(businessId="Order0001")) == (403, "BUSINESS_ID_EXISTENCE")


# -- 7. the merchant's own name


STATUSES = ["Pending", "AwaitingConfirmation", "Success", "Failed", "Underpaid", "Expired", "Cancelled"]


@pytest.mark.parametrize("status", STATUSES)
def test_07_a_business_id_can_be_used_once_whatever_became_of_the_order(
    emulator: Emulator, client: Client, status: Any
) -> None:
    order_id = client.start(businessId="Order0001", amount="10")
    if status != "Pending":
        emulator.move(order_id, status, force=True)
    assert refused(client.create(businessId="Order0001")) == (403, "BUSINESS_ID_EXISTENCE")
    emulator.set("basswallet", business_id_reuse_after_final=True)
    again = client.create(businessId="Order0001")
    if status in ("Pending", "AwaitingConfirmation"):
        assert refused(again) == (403, "BUSINESS_ID_EXISTENCE")
        return
    assert client.data(client.query(businessId="Order0001"))["id"] == client.order_id(again)
    assert client.data(client.query(businessId="Order0001", id=order_id))["status"] == status
    assert refused(client.create(businessId="Order0001")) == (403, "BUSINESS_ID_EXISTENCE")


def test_07_a_business_id_is_free_in_another_account(client: Client, other: Client) -> None:
    assert client.create(businessId="Order0001").status_code == 200
    assert other.create(businessId="Order0001").status_code == 200
    assert client.create(businessId="order0001").status_code == 200


def test_07_orders_without_a_business_id_are_always_different(client: Client) -> None:
    assert client.order_id(client.create()) != client.order_id(client.create())


def test_07_a_refused_order_does_not_use_up_its_business_id(client: Client) -> None:
    assert refused(client.create(businessId="Order0001", displayLanguage="x")) == (400, "PARAM_ERROR")
    assert client.create(businessId="Order0001").status_code == 200


def test_07_of_parallel_requests_with_one_business_id_exactly_one_succeeds(emulator: Emulator, client: Client) -> None:
    with ThreadPoolExecutor(8) as pool:
        answers = list(pool.map(lambda _: client.create(businessId="Order0001").status_code, range(24)))
    assert sorted(answers) == [200] + [403] * 23
    assert len(emulator.orders()) == 1


# -- 8. JSON bodies, and bodies that cannot be read


def test_08_the_signature_of_a_json_body_covers_its_members(client: Client) -> None:
    stamp = real_time.now_ms()
    body = f'{{"amount": 25.50, "tokenName": "USDT", "autoReturn": true, "chainName": "Tron", "timestamp": {stamp}}}'
    text = f"amount=25.50&tokenName=USDT&autoReturn=true&chainName=Tron&timestamp={stamp}"
    headers = {"Signature": sign(text, client.secret), "Content-Type": "application/json"}
    assert client.data(client.send("POST", CREATE, body.encode(), headers))["amount"] == "25.50"


def test_08_json_can_be_refused(emulator: Emulator, client: Client) -> None:
    emulator.set("basswallet", accept_json=False)
    assert refused(client.request("POST", CREATE, SEED, style="json")) == (400, "PARAM_ERROR")
    assert client.request("POST", CREATE, SEED).status_code == 200


@pytest.mark.parametrize(
    ("content_type", "body"),
    [
        ("text/plain", b"tokenName=USDT"),
        ("application/json", b"{"),
        ("application/json", b'["tokenName"]'),
        ("application/json", b'{"tokenName": null}'),
        ("multipart/form-data", b""),
        (FORM_TYPE, b"tokenName=\xff"),
        (FORM_TYPE, b"a=1&a=1"),
        (FORM_TYPE, b"a=" + b"x" * 102_400),
    ],
)
def test_08_an_unreadable_body_is_a_parameter_error_before_its_signature_is_checked(
    client: Client, content_type: str, body: bytes
) -> None:
    response = client.send("POST", CREATE, body, {"Content-Type": content_type})
    assert refused(response) == (400, "PARAM_ERROR")


def test_08_a_body_without_a_type_is_a_form(client: Client) -> None:
    text = plain({"tokenName": "USDT", "chainName": "Tron", "timestamp": str(real_time.now_ms())})
    assert client.send("POST", CREATE, text.encode(), {"Signature": sign(text, client.secret)}).status_code == 200

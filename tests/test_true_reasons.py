"""The true reason of a refusal names what is wrong with the bytes, at every provider's create call."""

import gzip
import zlib
from collections.abc import Callable
from importlib import import_module
from typing import Any

import httpx
import pytest

from emulator.contract.request import Request
from emulator.core import json_text
from emulator.core.body_problems import body_problems
from emulator.engine import real_time
from emulator.providers import NAMES, load
from emulator.testing import Emulator
from tests.clients import basswallet, changelly, koywe
from tests.clients.changelly import sign as sign_changelly

ASK = {"X-Emulator-Explain": "1"}
Spoil = Callable[[bytes], bytes]
JSON = "application/json"


def with_text(literal: bytes) -> Spoil:
    """Puts one more member before the others."""
    return lambda body: b'{"note":"' + literal + b'",' + body[1:]


CASES: dict[str, tuple[Spoil, dict[str, str], str]] = {
    "gzip": (gzip.compress, {"Content-Encoding": "gzip"}, "unreadable body: gzip (send it uncompressed)"),
    "gzip that no header tells of": (gzip.compress, {}, "unreadable body: gzip (send it uncompressed)"),
    "deflate": (zlib.compress, {"Content-Encoding": "deflate"}, "unreadable body: deflate (send it uncompressed)"),
    "brotli": (lambda body: b"\x8b\x00\x80" + body[::-1], {"Content-Encoding": "br"},
               "unreadable body: br (send it uncompressed)"),
    "zstd": (lambda body: b"\x28\xb5\x2f\xfd" + body, {}, "unreadable body: zstd (send it uncompressed)"),
    "UTF-16": (lambda body: body.decode().encode("utf-16"), {}, "unreadable body: UTF-16 (send it as UTF-8)"),
    "UTF-16 without a mark": (lambda body: body.decode().encode("utf-16-be"), {},
                              "unreadable body: UTF-16 (send it as UTF-8)"),
    "UTF-32": (lambda body: body.decode().encode("utf-32"), {}, "unreadable body: UTF-32 (send it as UTF-8)"),
    "a byte order mark": (lambda body: b"\xef\xbb\xbf" + body, {},
                          "unreadable body: a UTF-8 byte order mark comes first (leave it out)"),
    "Latin-1": (with_text(b"Caf\xe9"), {"Content-Type": f"{JSON}; charset=iso-8859-1"},
                "Content-Type says charset=iso-8859-1, but bodies are read as UTF-8"),
    "no UTF-8": (with_text(b"Caf\xe9"), {}, "unreadable body: not UTF-8 at byte 12"),
    "half a surrogate pair": (with_text(rb"\ud83d"), {}, r"unpaired surrogate \ud83d at /note"),
    "the other half": (with_text(rb"\udc00x"), {}, r"unpaired surrogate \udc00 at /note"),
    "trailing bytes": (lambda body: body + b" x", {}, "more follows after the JSON document, at byte "),
}  # fmt: skip


def client_of(provider: str) -> Any:
    """The module of the provider's test client."""
    return import_module(f"tests.clients.{provider}")


def body_of(provider: str) -> bytes:
    """The JSON of a good create call."""
    return json_text.encode(client_of(provider).smallest())


def send(provider: str, emulator: Emulator, content: bytes, headers: dict[str, str], method: str = "POST") -> Any:
    """A create call with these bytes, its signature made over them as far as there is one."""
    module = client_of(provider)
    with module.Client(emulator) as client:
        return module.send_create(client, content, {"Content-Type": JSON, **ASK, **headers}, method)


@pytest.mark.parametrize("case", CASES)
@pytest.mark.parametrize("provider", NAMES)
def test_an_unreadable_body_is_refused_with_what_is_odd_about_it(emulator: Emulator, provider: str, case: str) -> None:
    spoil, headers, cause = CASES[case]
    answer = send(provider, emulator, spoil(body_of(provider)), headers)
    assert answer.status_code == client_of(provider).MALFORMED_STATUS, answer.text
    assert cause in answer.headers["x-emulator-reason"]
    assert cause in str(emulator.journal(kind="request")[-1]["reason"])


@pytest.mark.parametrize(("provider", "status"), [("baanx", 405), ("basswallet", 405), ("changelly", 401)])
def test_a_body_with_get_is_reported(emulator: Emulator, provider: str, status: int) -> None:
    answer = send(provider, emulator, body_of(provider), {}, "GET")
    assert answer.status_code == status
    assert "a body came with GET, which is ignored" in answer.headers["x-emulator-reason"]


def test_a_koywe_list_accepts_a_body(emulator: Emulator) -> None:
    assert send("koywe", emulator, body_of("koywe"), {}, "GET").status_code == 200
    refused = send("koywe", emulator, b"{}", {}, "PATCH")
    assert (refused.status_code, "x-emulator-reason" in refused.headers) == (404, True)


@pytest.mark.parametrize("provider", NAMES)
def test_a_repeated_member_is_reported_if_the_request_is_refused(emulator: Emulator, provider: str) -> None:
    name = client_of(provider).A_MEMBER
    body = body_of(provider)
    answer = send(provider, emulator, body[:-1] + b',"' + name.encode() + b'":"no such"}', {})
    assert answer.status_code in (400, 422)
    assert f"the member /{name} appears twice" in answer.headers["x-emulator-reason"]


@pytest.mark.parametrize("provider", NAMES)
def test_a_refusal_by_a_scenario_has_no_other_reason(emulator: Emulator, provider: Any) -> None:
    error = min(load(provider).answers)
    document = {"version": 1, "provider": provider, "about": "It says no.", "answer": {"error": error}}
    emulator.scenario(provider, "no", document)
    with client_of(provider).Client(emulator) as client:
        answer = client.create(headers={**ASK, "X-Emulator-Scenario": "no", "Content-Encoding": "gzip"})
    assert answer.headers["x-emulator-reason"] == "the scenario no asks for it"


# -- BassWallet: what was signed


@pytest.mark.parametrize("method", ["GET", "POST"])
def test_a_plus_read_as_a_space_is_named(emulator: Emulator, method: str) -> None:
    with basswallet.Client(emulator) as client:
        stamp = real_time.now_ms()
        signed = basswallet.sign(f"displayInfo=+57 1&timestamp={stamp}", client.secret)
        sent = f"displayInfo=+57%201&timestamp={stamp}"
        headers = {**ASK, "Signature": signed, "Content-Type": basswallet.FORM_TYPE}
        answer = (
            client.send("GET", f"/v1/account/order/query?{sent}", None, headers)
            if method == "GET"
            else client.send("POST", "/v1/account/payment", sent.encode(), headers)
        )
    assert basswallet.refused(answer)[1] == "SIGN_ERROR"
    reason = answer.headers["x-emulator-reason"]
    assert reason.startswith(
        "the client signed the text with its + kept, but a bare + is read as a space: send it as %2B; "
    )
    assert f'plain "displayInfo= 57 1&timestamp={stamp}"' in reason
    assert client.secret not in reason


@pytest.mark.parametrize(
    ("write", "mistake"),
    [
        (
            lambda pairs: "&".join(sorted(pairs)),
            "the client signed the text with its names sorted: sign them as they are sent",
        ),
        (
            lambda pairs: "&".join(pairs[:-1]),
            "the client signed the text without the timestamp: it has to be signed, too",
        ),
        (lambda pairs: "&".join(pairs)[::-1], "the signature is wrong"),
    ],
)
def test_a_common_signing_mistake_is_named(emulator: Emulator, write: Callable[[list[str]], str], mistake: str) -> None:
    with basswallet.Client(emulator) as client:
        pairs = ["tokenName=USDT", "chainName=Tron", f"timestamp={real_time.now_ms()}"]
        headers = {
            **ASK,
            "Signature": basswallet.sign(write(pairs), client.secret),
            "Content-Type": basswallet.FORM_TYPE,
        }
        answer = client.send("POST", "/v1/account/payment", "&".join(pairs).encode(), headers)
    reason = answer.headers["x-emulator-reason"]
    assert reason.startswith(f"{mistake}; with the secret of ")
    assert f'sign one of: plain "{"&".join(pairs)}"' in reason
    assert client.secret not in reason


# -- Changelly: a query that was signed before it was encoded


def test_a_url_that_was_signed_before_it_was_encoded_is_named(emulator: Emulator) -> None:
    with changelly.Client(emulator) as client:
        base, target = emulator.changelly.url, "/v1/orders?externalUserId=a%2Bb%20c"
        key = str(emulator.changelly.credentials["private_key"])
        signature = sign_changelly(f"{base}/v1/orders?externalUserId=a+b c{{}}".encode(), key)
        answer = client.request("GET", target, headers={**ASK, "X-Api-Signature": signature})
    assert answer.status_code == 401
    reason = answer.headers["x-emulator-reason"]
    assert reason.startswith("the client signed the URL before its query was percent-encoded")
    assert f"the client used {base}{target} (also accepted" in reason


# -- Koywe


@pytest.mark.parametrize(("sent", "told"), [("text/plain", "text/plain"), ("", "missing")])
def test_a_wrong_content_type_is_reported(emulator: Emulator, sent: str, told: str) -> None:
    answer = send("koywe", emulator, body_of("koywe"), {"Content-Type": sent})
    assert answer.status_code >= 400
    reason = f"Content-Type is {told}: send application/json; /type: missing"
    assert reason in answer.headers["x-emulator-reason"]


KOYWE_REASONS: list[tuple[dict[str, Any], str]] = [
    ({"amountIn": json_text.decode("50000.005")}, "/amountIn: 3 decimals, at most 2 for COP, got 50000.005"),
    ({"amountIn": "50000"}, '/amountIn: not a number, got "50000"'),
    ({"amountIn": -1}, "/amountIn: not above 0, got -1"),
    ({"description": "x" * 1001}, "/description: 1001 characters, at most 1000"),
    ({"dueDate": "soon"}, '/dueDate: not an ISO 8601 date, got "soon"'),
    ({"successUrl": "shop"}, '/successUrl: not a URL address, got "shop"'),
    ({"type": "payin"}, "/type: not one of PAYIN, PAYOUT, ONRAMP, OFFRAMP, BALANCE_TRANSFER, PAYMENT_LINK, "
                        'INTER_MERCHANT_TRANSFER, got "payin"'),
    ({"paymentMethods": [{"method": 5}]}, "/paymentMethods/0/method: not a string, got 5"),
    ({"paymentMethods": [{"method": "PSEE"}]},
     "/paymentMethods/0/method: COP has no method \"PSEE\": did you mean 'PSE'? use one of "),
    ({"paymentMethods": []}, "/paymentMethods: 0 methods, exactly 1 for PAYIN"),
    ({"amountOut": 5}, "/amountOut: 5 beside amountIn 50000"),
    ({"amountIn": None}, "/amountIn: missing, send amountIn, amountOut or quoteId"),
    ({"originCurrencySymbol": "COPP"}, "/originCurrencySymbol: no currency \"COPP\": did you mean 'COP'? use one of "),
    ({"originCurrencySymbol": "USDT"}, "/originCurrencySymbol: USDT is crypto, but must be fiat for PAYIN"),
    ({"amountIn": 1}, "/amountIn: below 2000 COP, the minimum of PSE, got 1"),
    ({"type": "PAYOUT", "paymentMethods": None}, "/destinationAccountId: missing, PAYOUT pays to an account"),
    ({"contactId": "con_x"}, 'the merchant has no contact "con_x"'),
    ({"sendEmail": True}, "/contactId: missing, and sendEmail is true"),
]  # fmt: skip


@pytest.mark.parametrize(("changes", "reason"), KOYWE_REASONS, ids=[reason[:30] for _, reason in KOYWE_REASONS])
def test_a_reason_of_koywe_has_rule_limit_and_value_and_differs_from_its_message(
    emulator: Emulator, changes: dict[str, Any], reason: str
) -> None:
    with koywe.Client(emulator) as client:
        answer = client.create(headers=ASK, **changes)
    assert answer.status_code >= 400, answer.text
    told = answer.headers["x-emulator-reason"]
    assert told.startswith(reason)
    assert told != answer.json()["message"]


RIPPLE = {"currencyTo": "XRP", "walletAddress": "rPdvC6ccq8hCdPKSPJkPmyZ4Mi1oG2FFkT"}
CHANGELLY_REASONS: list[tuple[dict[str, Any], str]] = [
    ({"walletAddress": "0x12"}, '/walletAddress: not an address of ETH, got "0x12" (setting validate_wallets)'),
    ({"providerCode": "monpay"},
     "/providerCode: no provider \"monpay\" to buy at: did you mean 'moonpay'? use one of "),
    ({"country": "US", "state": "ZZ"}, '/state: not a state of US, got "ZZ"'),
    ({"country": "US"}, "/state: missing, US needs one"),
    (RIPPLE, "/walletExtraId: missing, XRP needs one (setting require_extra_id)"),
    (RIPPLE | {"walletExtraId": "abc"}, '/walletExtraId: not a Destination Tag of XRP, got "abc"'),
    ({"walletExtraId": "7"}, '/walletExtraId: ETH has none, got "7"'),
    ({"metadata": {"note": "x" * 16_400}}, "/metadata: 16411 bytes as JSON, at most 16384"),
    ({"amountFrom": "1"}, "/amountFrom: below 20 USD, the min of moonpay, got 1"),
    ({"amountFrom": "150.123"}, "/amountFrom: 3 decimals, at most 2 for USD (setting strict_precision)"),
    ({"callbackUrl": "ftp://x"}, "/callbackUrl: "),
]  # fmt: skip


@pytest.mark.parametrize(("changes", "reason"), CHANGELLY_REASONS, ids=[each[:30] for _, each in CHANGELLY_REASONS])
def test_a_reason_of_changelly_has_rule_limit_and_value(
    emulator: Emulator, changes: dict[str, Any], reason: str
) -> None:
    emulator.set("changelly", strict_precision=True, accept_callback_url=True)
    with changelly.Client(emulator) as client:
        answer = client.create(headers=ASK, **changes)
    assert answer.status_code == 400, answer.text
    assert answer.headers["x-emulator-reason"].startswith(reason)


def test_what_is_wrong_with_a_filter_of_changelly_is_said_once(emulator: Emulator) -> None:
    with changelly.Client(emulator) as client:
        for path, reason in (
            ("/v1/orders?startDate=2026-13-01", '/startDate: not an ISO 8601 date, got "2026-13-01"'),
            ("/v1/currencies?providerCode=nope", '/providerCode: no provider "nope": use one of moonpay, '),
        ):
            told = client.request("GET", path, headers=ASK).headers["x-emulator-reason"]
            assert told.startswith(reason)
            assert told.count("Code:") + told.count("Date:") == 1


def test_no_reason_has_a_secret(emulator: Emulator) -> None:
    with koywe.Client(emulator) as client:
        for secret in ("wr0ng", 12345):
            answer = httpx.post(
                f"{emulator.koywe.url}{koywe.SIGN_IN}", json={"apiKey": client.api_key, "secret": secret}, headers=ASK
            )
            assert answer.status_code in (400, 401, 422)
            told = answer.headers["x-emulator-reason"]
            assert client.secret not in told
            assert str(secret) not in told


def test_a_private_key_in_the_place_of_the_public_one_is_not_shown(emulator: Emulator) -> None:
    key = str(emulator.changelly.credentials["private_key"])
    url = f"{emulator.control_url}/sandboxes/{emulator.name}/settings"
    answer = httpx.put(url, json={"changelly": {"publicKey": key}})
    assert answer.status_code == 400
    assert "changelly.publicKey cannot be this text of " in answer.json()["message"]
    assert key[40:80] not in answer.text


def test_a_correct_request_has_no_oddities() -> None:
    for headers, body in (
        ({}, b""),
        ({"content-type": f"{JSON}; charset=UTF-8"}, b'{"a":"\\ud83d\\ude00","b":[1,{"a":2}]}'),
        ({"content-encoding": "identity"}, "a=Café".encode()),
        ({}, b"{" * 1000),
    ):
        assert list(body_problems(Request("POST", "/", "/", "", headers, body))) == []

"""The true reason of a refusal: place, rule, limit and value. That it is never the message, the client checks."""

from typing import Any

import httpx
import pytest

from emulator.core import json_text
from emulator.testing import Emulator
from tests.clients.koywe import EXPLAIN, SIGN_IN, Client
from tests.providers.koywe.samples import BANK_CL, COP, ONRAMP, PAYOUT, WALLET_USDC


def reason_of(refused: httpx.Response) -> str:
    assert refused.status_code >= 400, refused.text
    reason = str(refused.headers["x-emulator-reason"])
    assert reason != str(refused.json()["message"])
    return reason


BODIES: list[tuple[dict[str, Any], str]] = [
    ({"amountIn": json_text.decode("50000.005")}, "/amountIn: 3 decimals, at most 2 for COP, got 50000.005"),
    ({"amountIn": "50000"}, '/amountIn: not a number, got "50000"'),
    ({"amountIn": True}, "/amountIn: not a number, got true"),
    ({"amountIn": 0}, "/amountIn: not above 0, got 0"),
    ({"description": "x" * 1001}, "/description: 1001 characters, at most 1000"),
    ({"externalId": ""}, "/externalId: 0 characters, at least 1"),
    ({"dueDate": "soon"}, '/dueDate: not an ISO 8601 date, got "soon"'),
    ({"dueDate": 5}, "/dueDate: not a string, got 5"),
    ({"successUrl": "shop"}, '/successUrl: not a URL address, got "shop"'),
    ({"sendEmail": "yes"}, '/sendEmail: not true or false, got "yes"'),
    ({"type": None}, "/type: missing"),
    (
        {"type": "payin"},
        "/type: not one of PAYIN, PAYOUT, ONRAMP, OFFRAMP, BALANCE_TRANSFER, PAYMENT_LINK, INTER_MERCHANT_TRANSFER, "
        'got "payin"',
    ),
    ({"paymentMethods": [{"method": 5}, "PSE"]}, "/paymentMethods/0/method: not a string, got 5; "
     '/paymentMethods/1: not an object, got "PSE"'),
    ({"amountIn": 1}, "/amountIn: below 2000 COP, the minimum of PSE, got 1"),
    ({"amountIn": 20000001}, "/amountIn: above 20000000 COP, the maximum of PSE, got 20000001"),
    ({"dueDate": "2026-01-04", "type": "PAYMENT_LINK"}, "/dueDate: 2026-01-04 is past: it is 2026-01-05T12:00:00.000Z "
     "by the sandbox's clock"),
    ({"enforcedDocument": "12"}, '/enforcedDocument: not the form or check digit of a document of CO, got "12"'),
    ({**PAYOUT, "destinationAccountId": BANK_CL}, f"/destinationAccountId: {BANK_CL} is in CLP, but the order pays out "
     "COP"),
    ({**PAYOUT, "destinationAccountId": COP}, "/destinationAccountId: the account is virtual, but PAYOUT pays to a "
     "bank account"),
    ({**PAYOUT, "amountIn": 10**8}, "/amountIn: 10000000 COP available, 100000000 required"),
    ({**ONRAMP, "destinationCurrencySymbol": "ETH"}, f"/destinationAccountId: {WALLET_USDC} is in USDC, but the order "
     "pays out ETH"),
    ({"type": "BALANCE_TRANSFER", "paymentMethods": None}, "/destinationCurrencySymbol: COP, the same as the "
     "origin: send another"),
    ({"quoteId": "qte_1"}, "/quoteId: qte_1 already has originCurrencySymbol, destinationCurrencySymbol, amountIn "
     "(setting quote_exclusivity)"),
]  # fmt: skip


@pytest.mark.parametrize(("changes", "reason"), BODIES, ids=[reason[:40] for _, reason in BODIES])
def test_40_the_reason_for_a_refused_order_has_place_rule_limit_and_value(
    client: Client, changes: dict[str, Any], reason: str
) -> None:
    assert reason_of(client.create(**changes)) == reason


QUERIES = [
    ("/orders", {"pageSize": "101"}, 'pageSize: not a whole number from 1 to 100, got "101"'),
    ("/orders", {"pageNumber": "0"}, 'pageNumber: not a whole number from 1 to 999999999, got "0"'),
    ("/orders", {"startDate": "soon"}, 'startDate: not an ISO 8601 date, got "soon"'),
    ("/orders", {"status": "paid"}, "status: not one of DRAFT, PENDING, PROCESSING, PAID, COMPLETED, FAILED, "
     'CANCELLED, EXPIRED, ON_HOLD, REFUND_REQUESTED, REFUNDED, got "paid"'),
    ("/orders", {"accountId": "a", "originAccountId": "b"}, "accountId and originAccountId: accountId stands for "
     "either, send one"),
    ("/contacts", {"pageSize": "x"}, 'pageSize: not a whole number from 1 to 100, got "x"'),
]  # fmt: skip


@pytest.mark.parametrize(("path", "query", "reason"), QUERIES)
def test_40_the_reason_for_a_refused_query_has_name_rule_limit_and_value(
    client: Client, path: str, query: dict[str, str], reason: str
) -> None:
    assert reason_of(client.request("GET", client.merchant + path, params=query)) == reason


def test_40_an_unescaped_plus_in_a_query_is_reported(client: Client) -> None:
    path = f"{client.merchant}/orders?startDate=2026-03-29T02:30:00+02:00"
    assert reason_of(client.request("GET", path)) == (
        'startDate: not an ISO 8601 date, got "2026-03-29T02:30:00 02:00" (a bare + is a space in a query)'
    )


def test_40_a_long_value_is_cut(client: Client) -> None:
    assert reason_of(client.create(type="x" * 1000)).endswith(f'got "{"x" * 99}...')
    for path in ("orders", "contacts", "accounts", "quotes", "deals", "orders/external"):
        refused = client.request("GET", f"{client.merchant}/{path}/{'x' * 200}")
        assert reason_of(refused).endswith(f'"{"x" * 99}...'), path


def test_40_several_failures_are_in_one_reason(client: Client) -> None:
    refused = client.create(amountIn="1", dueDate="soon")
    assert reason_of(refused) == '/amountIn: not a number, got "1"; /dueDate: not an ISO 8601 date, got "soon"'


LONG = b'{"a":"' + b"x" * 300_000 + rb'","b":"\ud83d"}'
SURROGATES = [
    (rb'{"type":"PAYIN","description":"\ud83d"}', r"unpaired surrogate \ud83d at /description"),
    (rb'{"paymentMethods":[{"method":"PSE","extra":"\udc00x"}]}',
     r"unpaired surrogate \udc00 at /paymentMethods/0/extra"),
    (rb'{"description":"\ud83d\ud83d\ude00"}', r"unpaired surrogate \ud83d at /description"),
    (rb'{"description":"\ud83d",}', r"the body is not JSON: unpaired surrogate \ud83d at byte 16"),
    (LONG, r"the body is not JSON: unpaired surrogate \ud83d at byte 300013"),
]  # fmt: skip


@pytest.mark.parametrize(("content", "reason"), SURROGATES, ids=[reason for _, reason in SURROGATES])
def test_40_a_lone_surrogate_has_its_own_reason(client: Client, content: bytes, reason: str) -> None:
    refused = client.request("POST", f"{client.merchant}/orders", content=content)
    assert (refused.status_code, refused.json()["errorCode"]) == (400, "COM90002")
    assert reason_of(refused) == reason


def test_40_a_pair_of_surrogates_is_a_character_and_a_truncated_body_is_reported_as_such(client: Client) -> None:
    body = json_text.encode({"type": "PAYIN", "description": "x"}).replace(b'"x"', rb'"\ud83d\ude00"')
    assert "surrogate" not in reason_of(client.request("POST", f"{client.merchant}/orders", content=body))
    cut = reason_of(client.request("POST", f"{client.merchant}/orders", content=body[:-8]))
    assert cut == "the body is not JSON: it ends too early"


def test_40_a_missing_or_wrong_secret_is_reported_without_its_value(client: Client) -> None:
    for changes, reason in (
        ({"secret": None}, "missing at /secret"),
        ({"secret": 123456789}, "not a string at /secret"),
        ({"secret": ""}, "0 characters, at least 1 at /secret"),
        ({"secret": "wr0ng"}, f"the secret does not belong to {client.api_key}"),
    ):
        assert reason_of(client.sign_in(**changes)) == reason


@pytest.mark.parametrize(
    ("authorization", "reason"),
    [
        (None, "Authorization is missing; send Bearer and the token of a sign-in"),
        ("Digest YTpi", 'Authorization has the scheme "Digest"; send Bearer and the token of a sign-in'),
        ("Bearer", "Authorization has no token; send Bearer and the token of a sign-in"),
        (
            "Bearer x.y",
            "a token has 3 parts separated by dots, this has 2; sign in (POST /api/v1/auth/sign-in) and send the token "
            "of the answer after Bearer",
        ),
    ],
)
def test_40_a_bad_token_is_reported(client: Client, authorization: str | None, reason: str) -> None:
    refused = client.request("GET", "/api/v1/auth/me", headers={"Authorization": authorization})
    assert reason_of(refused) == reason


def test_40_unknown_ids_are_reported_with_the_known_ones(client: Client) -> None:
    own, organization_id = client.organization_id, "org_other"
    refused = client.request("GET", f"/api/v1/organizations/{organization_id}/merchants")
    assert (
        reason_of(refused)
        == f'no organization "org_other": the credential\'s is {own}; it belongs to the sandbox other'
    )
    refused = client.request("GET", f"{client.organization}/merchants/mrc_x")
    assert reason_of(refused) == f'no merchant "mrc_x": it belongs to the sandbox x; use one of {client.merchant_id}'
    client.organization_id = organization_id
    assert (
        reason_of(client.create())
        == f"{client.merchant_id} belongs to {own}, not to org_other; it belongs to the sandbox other"
    )


def test_40_an_order_that_waits_for_approval_explains_its_error(emulator: Emulator, client: Client) -> None:
    emulator.set("koywe", policy_hold_reply="error")
    refused = client.create({"X-Emulator-Scenario": "hold"}, **PAYOUT)
    assert refused.json()["errorCode"] == "POL00007"
    assert reason_of(refused) == "the order exists and waits (setting policy_hold_reply)"
    entry = emulator.journal(kind="request")[-1]
    assert (entry["error"], entry["reason"]) == ("approval-required", reason_of(refused))


def test_40_without_the_header_no_reason_is_sent(client: Client) -> None:
    body = {"apiKey": client.api_key}
    refused = httpx.post(client.url + SIGN_IN, json=body)
    assert "x-emulator-reason" not in refused.headers
    assert "x-emulator-reason" in httpx.post(client.url + SIGN_IN, json=body, headers=EXPLAIN).headers

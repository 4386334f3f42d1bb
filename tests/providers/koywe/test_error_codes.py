"""Every error of the catalogue, by its scenario or an injected fault; and settings that change answers."""

import re
from pathlib import Path
from typing import Any

import httpx
import pytest

from emulator import providers
from emulator.core import json_text
from emulator.core.common_settings import COMMON
from emulator.core.problems import setting_problem
from emulator.providers.koywe.errors import ERRORS, KoyweError
from emulator.providers.koywe.ordering.kinds import TYPES
from emulator.testing import Emulator
from tests.clients.koywe import Client
from tests.providers.koywe.samples import KINDS, ORDER_MEMBERS, PAYOUT, SCENARIO

SCRIPTED = sorted(case.name for case in ERRORS.values() if case.scripted)
MEMBERS = ["statusCode", "timestamp", "path", "errorCode", "message"]


@pytest.mark.parametrize("name", SCRIPTED)
def test_17_each_error_of_the_create_call_has_its_scenario(emulator: Emulator, client: Client, name: str) -> None:
    kind = ERRORS[name]
    refused = client.create({SCENARIO: f"refused-{name}", "Authorization": f"Bearer {sign_in(client)}"})
    body = json_text.decode(refused.content)
    assert (refused.status_code, body["errorCode"], body["statusCode"]) == (kind.status, kind.code, kind.status)
    assert list(body) == MEMBERS + (["details"] if kind.details else [])
    assert list(body.get("details", {})) == list(kind.details)
    assert body["path"] == f"{client.merchant}/orders"
    assert "{" not in body["message"]
    pattern = re.sub(r"\\\{\w+\\\}", ".+", re.escape(kind.message))
    assert re.fullmatch(pattern, body["message"])
    assert client.get("/orders")["pagination"]["totalCount"] == 0


def sign_in(client: Client) -> str:
    return str(client.sign_in().json()["token"])


@pytest.mark.parametrize(
    ("status", "code", "message"),
    [
        (408, "COM90007", "Request timeout"),
        (429, "COM90004", "Too many requests"),
        (500, "COM90005", "Internal server error"),
        (503, "COM90006", "Service unavailable"),
    ],
)
def test_17_faults_answer_with_the_provider_s_own_errors(client: Client, status: int, code: str, message: str) -> None:
    refused = client.create({"X-Emulator-Fault": f"status; status={status}"})
    assert (refused.status_code, refused.json()["errorCode"], refused.json()["message"]) == (status, code, message)
    assert list(refused.json()) == MEMBERS
    assert refused.headers.get("retry-after") == ("1" if status == 429 else None)
    assert client.get("/orders")["pagination"]["totalCount"] == 0


def test_17_a_rate_limit_says_when_to_retry(client: Client) -> None:
    refused = client.create({"X-Emulator-Fault": "rate-limit; retry_after=7"})
    assert (refused.status_code, refused.headers["retry-after"]) == (429, "7")


@pytest.mark.parametrize("kind", ERRORS.values(), ids=lambda kind: kind.name)
def test_17_an_error_by_a_fault_has_all_its_values(client: Client, kind: KoyweError) -> None:
    refused = client.create({"X-Emulator-Fault": f"status; error={kind.name}"})
    check_whole(refused, kind)
    if kind.name == "route-not-found":
        assert refused.json()["message"] == f"Cannot POST {client.merchant}/orders"


@pytest.mark.parametrize("status", sorted({kind.status for kind in ERRORS.values()}))
def test_17_a_status_by_a_fault_has_a_complete_body(client: Client, status: int) -> None:
    path = f"{client.merchant}/orders"
    for method in ("GET", "POST"):
        refused = client.request(method, path, headers={"X-Emulator-Fault": f"status; status={status}"})
        check_whole(refused, next(kind for kind in ERRORS.values() if kind.status == status))
        if status == 404:
            assert refused.json()["message"] == f"Cannot {method} {path}"


@pytest.mark.parametrize("name", SCRIPTED)
def test_17_an_error_by_a_scenario_without_values_has_a_complete_body(
    emulator: Emulator, client: Client, name: str
) -> None:
    document = {"version": 1, "provider": "koywe", "about": "Refused.", "answer": {"error": name}}
    emulator.scenario("koywe", "vague", document)
    bearer = {"Authorization": f"Bearer {sign_in(client)}"}
    kind = ERRORS[name]
    check_whole(client.create({SCENARIO: "vague", **bearer}), kind)


def check_whole(refused: httpx.Response, kind: KoyweError) -> None:
    """Holds a refusal to its entry of the table: nothing is left to fill in, and the emulator is not heard."""
    body = json_text.decode(refused.content)
    assert (refused.status_code, body["errorCode"]) == (kind.status, kind.code)
    assert list(body) == MEMBERS + (["details"] if kind.details else [])
    assert list(body.get("details", {})) == list(kind.details)
    assert not any("{" in str(said) for said in (body["message"], *body.get("details", {}).values()))
    assert "asks for it" not in refused.text


def test_17_a_scripted_message_has_the_form_of_the_setting(emulator: Emulator, client: Client) -> None:
    emulator.set("koywe", validation_message="array")
    message = client.create({SCENARIO: "refused-validation-failed"}).json()["message"]
    assert message == client.create(type="X").json()["message"]
    assert message == ["type must be one of the following values: " + ", ".join(TYPES)]


def test_17_the_true_reason_is_shown(client: Client) -> None:
    refused = client.create({"X-Emulator-Explain": "1"}, **PAYOUT, amountIn=10**8)
    assert refused.headers["x-emulator-reason"] == "/amountIn: 10000000 COP available, 100000000 required"


def test_28_every_setting_exists_with_a_valid_default() -> None:
    card = providers.load("koywe")
    for setting in card.settings.values():
        assert setting_problem(setting, setting.default) is None, setting.name
    assert {
        "profile", "create_status", "sign_in_status", "validation_status", "validation_message", "unknown_properties",
        "amount_precision", "duplicate_external_id", "quote_exclusivity", "quote_network_required",
        "crypto_on_orders", "payin_requires_contact", "document_type_cc", "balance_transfer_mode", "khipu_sandbox",
        "policy_hold_reply", "qr_form", "sign_in_error", "order_aliases", "extension_paths", "null_fields",
        "token_ttl_s", "quote_ttl_s", "fee_bps_cross", "fee_bps_same", "timers.payin_expire",
        "timers.onramp_expire", "timers.offramp_expire",
    } <= card.settings.keys()  # fmt: skip


def test_28_every_setting_is_put_to_use_in_a_test() -> None:
    tests = "".join(path.read_text("utf-8") for path in Path(__file__).parent.glob("test_*.py"))
    timers = re.findall(r'\("\w+", "(\w+_expire)", \d+\)', tests)  # of the test that sets them one by one
    used = {*re.findall(r"\b(\w+)=", tests), *re.findall(r'"([\w.]+)":', tests), *(f"timers.{name}" for name in timers)}
    assert providers.load("koywe").settings.keys() - used - {each.name for each in COMMON} == set()


@pytest.mark.parametrize(("kind", "linked"), [("PAYIN", True), ("PAYMENT_LINK", True), ("OFFRAMP", False),
                                              ("PAYOUT", False)])  # fmt: skip
def test_28_orders_can_have_aliases(emulator: Emulator, client: Client, kind: str, linked: bool) -> None:
    emulator.set("koywe", order_aliases="on")
    order = client.create(**KINDS[kind]).json()
    assert list(order) == [*ORDER_MEMBERS, "orderId", "paymentUrl"]
    assert order["orderId"] == order["id"]
    assert order["paymentUrl"] == (f"{client.url}/pay/{order['id']}" if linked else None)


def test_28_members_without_a_value_can_be_left_out(emulator: Emulator, client: Client) -> None:
    emulator.set("koywe", null_fields="omit")
    order = client.create(**PAYOUT).json()
    missing = {
        "dueDate", "description", "externalId", "quoteId", "contactId", "enforcedDocument", "providedAction",
        "providedActionType",
    }  # fmt: skip
    assert list(order) == [name for name in ORDER_MEMBERS if name not in missing]
    quote = {"orderType": "PAYIN", "originCurrencySymbol": "COP", "destinationCurrencySymbol": "USD", "amountIn": 1}
    assert "network" not in client.post("/quotes", quote)
    for path in ("/accounts", "/contacts", "/virtual-accounts", "/accounts/balances"):
        assert b"null" not in client.request("GET", client.merchant + path).content
    assert "currencySymbol" not in client.request("GET", f"{client.organization}/policy").json()["rules"][0]


def test_28_nulls_that_the_client_sent_are_kept(emulator: Emulator, client: Client) -> None:
    emulator.set("koywe", null_fields="omit")
    extra = {"bankAccount": {"name": None}, "phone": None, "email": None}
    order = client.create(paymentMethods=[{"method": "PSE", "extra": extra}]).json()
    assert order["paymentMethods"] == [{"method": "PSE", "extra": extra}]
    assert client.read(order["id"]).json()["paymentMethods"] == order["paymentMethods"]
    body = {
        "orderType": "PAYIN", "originCurrencySymbol": "COP", "destinationCurrencySymbol": "USD", "amountIn": 1000,
        "network": None,
    }  # fmt: skip
    assert client.get(f"/quotes/{client.post('/quotes', body)['id']}")["userRequestJson"] == body
    events = client.request("GET", f"{client.organization}/webhook-events").json()["events"]
    assert {event["payload"]["data"]["external_id"] for event in events} == {None}


def test_28_tokens_are_valid_as_long_as_the_setting_says(emulator: Emulator, client: Client) -> None:
    emulator.set("koywe", token_ttl_s=10)
    bearer: dict[str, Any] = {"Authorization": f"Bearer {sign_in(client)}"}
    emulator.advance("9s")
    assert client.request("GET", "/api/v1/auth/me", headers=bearer).status_code == 200
    emulator.advance("1s")
    assert client.request("GET", "/api/v1/auth/me", headers=bearer).json()["errorCode"] == "TOKEN_EXPIRED"

"""Errors that a test asks for, and the shipped scenarios, over HTTP."""

import re
from typing import Any

import pytest

from emulator.providers.changelly.errors import ERRORS, PROVIDER_FAULTS, REQUEST_FAULTS
from emulator.testing import ControlRefused, Emulator
from tests.clients.changelly import ETH, Client
from tests.providers.changelly.answers import bound, causes, refused

ASKABLE = sorted(REQUEST_FAULTS | PROVIDER_FAULTS)
PLAIN_CALLS = [
    ("GET", "/v1/orders"),
    ("GET", "/v1/providers"),
    ("GET", "/v1/currencies"),
    ("GET", "/v1/available-countries"),
    ("POST", "/v1/validate-address"),
    ("PATCH", "/v1/sandbox/order/0f4c2a7e-5d0b-4b1e-9a55-3c1f9f2d8e11"),
    ("POST", "/v1/sandbox/order/0f4c2a7e-5d0b-4b1e-9a55-3c1f9f2d8e11/resend-callback"),
]
OTHERS: dict[str, dict[str, Any]] = {
    "moonpay": {},
    "wert": {"currencyTo": "BTC", "walletAddress": "bc1qw508d6qejxtdg4y5r3zarvary0c5xw7kv8f3t4"},
}


def kebab(error: str) -> str:
    return re.sub("([A-Z])", lambda found: f"-{found[1].lower()}", error)


@pytest.mark.parametrize("error", ASKABLE)
def test_10_every_error_can_be_requested_in_three_ways(client: Client, emulator: Emulator, error: str) -> None:
    expected = (ERRORS[error].status, error)
    bodies = set()
    for response in (
        client.create(externalUserId=f"sandbox-error-{error}"),
        client.create({"X-Sandbox-Fault": error}),
        client.create({"X-Emulator-Scenario": f"refused-{kebab(error)}"}),
        client.sell(externalUserId=f"sandbox-error-{error}", amountFrom="0.5"),
        client.sell({"X-Sandbox-Fault": error}),
    ):
        assert refused(response) == expected
        bodies.add(response.text.replace('"0.02"', '"20"'))
        assert ("Retry-After" in response.headers) == (error == "tooManyRequests")
    assert len(bodies) == 1
    assert emulator.orders() == []


@pytest.mark.parametrize("error", ASKABLE)
def test_10_an_error_can_be_limited_to_one_provider(client: Client, error: str) -> None:
    for code, changes in OTHERS.items():
        for headers, user in (({}, f"sandbox-error-{error}@wert"), ({"X-Sandbox-Fault": f"{error}@wert"}, "u")):
            response = client.create(headers, providerCode=code, externalUserId=user, **changes)
            if code == "wert":
                assert refused(response) == (ERRORS[error].status, error)
            else:
                assert response.status_code == 201


def test_10_an_order_at_another_provider_takes_its_usual_course(client: Client, emulator: Emulator) -> None:
    usual = client.create(externalUserId="sandbox-error-timeout@wert").json()["orderId"]
    emulator.choose(changelly="payment-pending")
    chosen = client.create(externalUserId="sandbox-error-timeout@wert").json()["orderId"]
    emulator.advance("1h")
    assert [emulator.order(order_id)["status"] for order_id in (usual, chosen)] == ["complete", "pending"]


def test_10_a_refusing_default_scenario_has_no_steps_for_orders_it_does_not_refuse(
    client: Client, emulator: Emulator
) -> None:
    emulator.choose(changelly="refused-limits")
    made = client.create(externalUserId="sandbox-error-timeout@wert")
    assert made.status_code == 201
    order = emulator.order(made.json()["orderId"])
    assert (order["scenario"], order["next"] is not None) == ("happy", True)
    emulator.advance("1h")
    assert emulator.order(order["id"])["status"] == "complete"


@pytest.mark.parametrize("name", ["nothing", "Timeout", "timeout@", "internal", "timeoutx", ""])
def test_10_unknown_errors_have_no_effect(client: Client, name: str) -> None:
    assert client.create(externalUserId=f"sandbox-error-{name}").status_code == 201
    assert client.create({"X-Sandbox-Fault": name}).status_code == 201


@pytest.mark.parametrize(("method", "path"), PLAIN_CALLS)
@pytest.mark.parametrize("error", ASKABLE)
def test_06_calls_without_a_provider_can_answer_with_any_error(
    client: Client, method: str, path: str, error: str
) -> None:
    for fault in (error, f"{error}@wert"):
        response = client.request(method, path, headers={"X-Sandbox-Fault": fault})
        assert refused(response) == (ERRORS[error].status, error)


def test_06_a_wrong_signature_is_refused_before_a_fault_applies(client: Client) -> None:
    assert refused(client.create({"X-Sandbox-Fault": "notFound", "X-Api-Signature": "x"})) == (401, "unauthorized")


def test_10_a_limits_error_that_is_asked_for_names_the_real_limit(client: Client) -> None:
    assert bound(client.create(externalUserId="sandbox-error-limits", currencyFrom="GBP")) == ("min", "20")
    assert bound(client.sell(externalUserId="sandbox-error-limits")) == ("min", "0.02")


def test_10_a_scenario_can_set_the_error_details(client: Client, emulator: Emulator) -> None:
    document = {
        "version": 1,
        "provider": "changelly",
        "about": "Too much.",
        "match": {"body.amountFrom": "151"},
        "answer": {"error": "limits", "with": {"cause": "max", "value": "100"}},
    }
    emulator.scenario("changelly", "too-much", document)
    assert bound(client.create(amountFrom="151")) == ("max", "100")
    assert client.create(amountFrom="152").status_code == 201
    [offer] = client.offers(amountFrom="151", providerCode="wert").json()
    assert offer["errorDetails"] == [{"cause": "max", "value": "100"}]
    document["answer"] = {"error": "validation", "with": {"cause": "country", "value": "Incorrect country"}}
    emulator.scenario("changelly", "too-much", document)
    assert causes(client.create(amountFrom="151")) == ["country"]


def test_10_a_scenario_can_refuse_only_one_provider(client: Client, emulator: Emulator) -> None:
    document = {
        "version": 1,
        "provider": "changelly",
        "about": "Only banxa.",
        "answer": {"error": "timeout", "with": {"provider": "banxa"}},
    }
    emulator.scenario("changelly", "slow-banxa", document)
    emulator.choose(changelly="slow-banxa")
    assert refused(client.create(providerCode="banxa")) == (400, "timeout")
    assert client.create().status_code == 201


def test_06_a_limits_error_by_a_fault_rule_has_details(client: Client, emulator: Emulator) -> None:
    emulator.inject("status", error="limits", provider="changelly", endpoint="create-order")
    assert bound(client.create()) == ("min", "20")
    emulator.inject("status", error="validation", provider="changelly", endpoint="list-orders")
    assert causes(client.request("GET", "/v1/orders")) == ["externalUserId"]


def test_06_a_fault_rule_applies_only_after_a_valid_signature(client: Client, emulator: Emulator) -> None:
    emulator.inject("status", error="timeout", provider="changelly", times=1)
    assert refused(client.create({"X-Api-Signature": "x"})) == (401, "unauthorized")
    assert refused(client.create()) == (400, "timeout")
    assert client.create().status_code == 201


def test_10_a_fault_rule_for_a_provider_applies_after_the_request_is_checked(
    client: Client, emulator: Emulator
) -> None:
    emulator.inject("status", error="limits", provider="changelly")
    assert causes(client.create(amountFrom="x")) == ["amountFrom"]
    assert refused(client.create(country="JP")) == (400, "country")
    assert bound(client.create(**OTHERS["wert"], providerCode="wert")) == ("min", "5")
    assert refused(client.create({"X-Sandbox-Fault": "timeout"})) == (400, "timeout")
    assert refused(client.request("GET", "/v1/providers")) == (400, "limits")


@pytest.mark.parametrize("error", ["timeout", "limits"])
def test_13_a_fault_rule_turns_offers_into_error_items(client: Client, emulator: Emulator, error: str) -> None:
    emulator.inject("status", error=error, provider="changelly", times=1)
    response = client.offers()
    assert response.status_code == 200
    assert [offer["errorType"] for offer in response.json()] == [error] * 4
    assert all("errorType" not in offer for offer in client.offers().json())


def test_06_a_request_whose_answer_is_lost_has_created_an_order(client: Client, emulator: Emulator) -> None:
    emulator.inject("status", error="internalServerError", when="after", provider="changelly", times=1)
    assert refused(client.create()) == (500, "internalServerError")
    assert client.request("GET", "/v1/orders").json()["total"] == 1


SCENARIOS = {
    "happy": ["created", "pending", "complete"],
    "manual": ["created"],
    "payment-pending": ["created", "pending"],
    "kyc-hold": ["created", "pending", "hold"],
    "payment-fails": ["created", "pending", "failed"],
    "payment-returned": ["created", "pending", "refunded"],
    "expires": ["created", "expired"],
    "pays-too-late": ["created", "pending", "expired"],
    "completed-on-third-poll": ["created"],
}


@pytest.mark.parametrize("kind", ["buy", "sell"])
@pytest.mark.parametrize("scenario", SCENARIOS)
def test_19_scenarios_go_through_their_statuses(client: Client, emulator: Emulator, scenario: str, kind: str) -> None:
    create = client.create if kind == "buy" else client.sell
    order_id = client.order_id(create({"X-Emulator-Scenario": scenario}))
    emulator.advance(until="idle")
    story = emulator.order(order_id)["story"]
    assert [entry["status"] for entry in story if entry["kind"] in ("created", "transition")] == SCENARIOS[scenario]


def test_19_a_hold_waits_for_approval(client: Client, emulator: Emulator) -> None:
    order_id = client.start("kyc-hold", walletAddress=ETH)
    emulator.advance(until="idle")
    assert client.status(order_id) == "hold"
    emulator.fire(order_id, "approve")
    assert client.status(order_id) == "complete"


def test_26_steps_and_conditions_may_use_settings(client: Client, emulator: Emulator) -> None:
    document = {
        "version": 1,
        "provider": "changelly",
        "about": "Only while orders are made as in the newest edition.",
        "match": {"setting.edition": "C", "body.country": {"pattern": "^(?P<s>[A-Z]{2})$"}},
        "timeline": [{"after": "{setting.flowStepMs}ms", "to": "expired"}],
    }
    emulator.scenario("changelly", "newest", document)
    assert emulator.order(client.order_id(client.create(externalOrderId="a")))["scenario"] == "happy"
    emulator.set("changelly", edition="C", flowStepMs=50)
    order_id = client.order_id(client.create(externalOrderId="b"))
    assert emulator.order(order_id)["scenario"] == "newest"
    emulator.advance("50ms")
    assert client.status(order_id) == "expired"


@pytest.mark.parametrize("after", ["{setting.nothing}ms", "{country}s", "{setting.flowStepMs}"])
def test_26_a_scenario_can_use_only_existing_settings(emulator: Emulator, after: str) -> None:
    document = {
        "version": 1,
        "provider": "changelly",
        "about": "Uses something.",
        "timeline": [{"after": after, "to": "expired"}],
    }
    if after == "{setting.flowStepMs}":
        emulator.scenario("changelly", "uses", document)
    else:
        with pytest.raises(ControlRefused, match="setting.NAME"):
            emulator.scenario("changelly", "uses", document)


def test_19_every_status_and_error_has_a_scenario(emulator: Emulator) -> None:
    shipped = {each["name"] for each in emulator.call("GET", "scenarios")["scenarios"]["changelly"]}
    assert {status for statuses in SCENARIOS.values() for status in statuses} == {
        "created", "pending", "hold", "refunded", "expired", "failed", "complete"
    }  # fmt: skip
    assert shipped >= SCENARIOS.keys() | {f"refused-{kebab(error)}" for error in ASKABLE}

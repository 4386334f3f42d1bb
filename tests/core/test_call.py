"""Which scenario an order gets."""

from typing import Any

import pytest

from emulator.contract.order import Order
from emulator.core import json_text
from emulator.core.call import Call
from emulator.core.plan import DEFAULT_SCENARIOS, SCENARIOS
from tests.core.toy import ABOUT, Bench, provider, request, run

NAMED: dict[str, dict[str, Any]] = {
    "happy": ABOUT,
    "chosen": ABOUT,
    "named": ABOUT,
    "one": {**ABOUT, "match": {"body.amount": 13}},
    "two": {**ABOUT, "match": {"body.amount": 13, "body.ref": "x"}},
    "also-two": {**ABOUT, "match": {"body.amount": 13, "header.x-more": {"pattern": "^y"}}},
}


@pytest.mark.parametrize(
    ("body", "headers", "default", "expected"),
    [
        ({"amount": 1}, {}, None, "happy"),
        ({"amount": 1}, {}, "chosen", "chosen"),
        ({"amount": 13}, {}, None, "one"),
        ({"amount": 13}, {}, "chosen", "one"),
        ({"amount": 13, "ref": "x"}, {}, "chosen", "two"),
        ({"amount": 13}, {"X-More": "yes"}, "chosen", "also-two"),
        ({"amount": 13, "ref": "x"}, {"X-More": "yes"}, "chosen", "also-two"),
        ({"amount": 13, "ref": "x"}, {"X-Emulator-Scenario": "named"}, "chosen", "named"),
        ({"amount": 1}, {"X-Emulator-Scenario": "one"}, "chosen", "one"),
    ],
)
def test_the_scenario_comes_from_header_match_default_or_happy_in_this_order(
    body: dict[str, Any], headers: dict[str, str], default: str | None, expected: str
) -> None:
    bench = Bench(NAMED)
    if default:
        choose(bench, default)
    _, answer = bench.request("POST", "/orders", body, **headers)
    order = bench.sandbox.order(json_text.decode(answer)["id"])
    assert order is not None
    assert order.scenario == expected


def choose(bench: Bench, name: str) -> None:
    tx = bench.engine.transaction(bench.sandbox)
    tx.put(DEFAULT_SCENARIOS, "toy", {"name": name})
    run(bench.engine.commit(bench.sandbox, tx).wait())


@pytest.mark.parametrize("how", ["header", "default"])
def test_an_unknown_scenario_is_refused_with_the_known_ones(how: str) -> None:
    bench = Bench(NAMED)
    if how == "default":
        choose(bench, "gone")
    headers = {"X-Emulator-Scenario": "gone"} if how == "header" else {}
    before = bench.snapshot()
    status, answer = bench.request("POST", "/orders", {"amount": 1}, **headers)
    assert status == 400
    assert json_text.decode(answer) == {
        "error": "unknown-scenario",
        "message": "toy has no scenario 'gone': did you mean 'one'? "
        "use one of also-two, chosen, happy, named, one, two",
    }
    assert bench.snapshot() == before


def test_without_happy_an_order_has_no_scenario_and_moves_by_events_only() -> None:
    bench = Bench({})
    order = bench.create()
    assert bench.advance(None) == []
    bench.fire(order, "pay")
    assert bench.status(order) == "paid"


def test_a_scenario_of_the_sandbox_replaces_a_shipped_one_of_that_name() -> None:
    bench = Bench()
    tx = bench.engine.transaction(bench.sandbox)
    tx.put(SCENARIOS, "toy/happy", {**ABOUT, "timeline": [{"after": "1s", "to": "failed"}]})
    run(bench.engine.commit(bench.sandbox, tx).wait())
    order = bench.create()
    bench.advance(1000)
    assert bench.status(order) == "failed"
    assert "kyc" in bench.engine.transaction(bench.sandbox).scenarios("toy").by_name


@pytest.mark.parametrize(
    ("body", "error"),
    [
        ({"amount": 13}, "limits"),
        ({"amount": 13, "kind": "unknown"}, "bad_body"),
        ({"amount": 13.0}, "limits"),
        ({"amount": "13"}, None),
        ({"amount": 12}, None),
    ],
)
def test_a_scripted_refusal_comes_after_the_body_is_checked(body: dict[str, Any], error: str | None) -> None:
    status, answer = Bench().request("POST", "/orders", body)
    assert (status, json_text.decode(answer).get("error")) == ((400, error) if error else (201, None))


def test_a_scripted_refusal_has_its_details_and_leaves_no_order() -> None:
    bench = Bench()
    before = bench.snapshot()
    _, answer = bench.request("POST", "/orders", {"amount": 13})
    assert json_text.decode(answer) == {"error": "limits", "message": "too much", "max": "12"}
    assert bench.snapshot() == before


@pytest.mark.parametrize(("default", "expected"), [("refused", "happy"), ("named", "named"), (None, "happy")])
def test_an_order_that_a_refusing_scenario_lets_pass_has_the_default_life(default: str | None, expected: str) -> None:
    refusing = {**ABOUT, "answer": {"error": "limits"}}
    lives = {"happy": ABOUT, "named": ABOUT, "refused": refusing, "other": {**refusing, "match": {"body.amount": 13}}}
    bench = Bench(lives)
    if default:
        choose(bench, default)
    tx = bench.engine.transaction(bench.sandbox)
    call = Call(provider, request("POST", "/orders", {"amount": 13}), tx)
    call.body = {"amount": 13}
    order = Order("o", "toy", "owner", "buy", "open", tx.now_ms, tx.now_ms, {"amount": 13})
    call.create(order)
    assert (order.scenario, call.scenario()) == (expected, tx.scenario("toy", "other"))

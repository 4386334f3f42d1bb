"""Which fault is injected into a request: the chances, the counting, and the form in a header."""

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from emulator.core import json_text
from emulator.core.faults.registry import FAULTS
from emulator.core.faults.rules import BadRule, check_rule, read_fault_header
from emulator.core.origin import Origin
from emulator.core.plan import FAULT_RULES
from emulator.providers import load_all
from tests.core.toy import START_MS, Bench, run
from tests.core.toy import provider as toy

PROVIDERS = {"toy": toy}


def bench_with(rule: dict[str, Any], seed: str = "seed") -> Bench:
    """An engine with this rule in its default sandbox."""
    check_rule(rule, PROVIDERS)
    bench = Bench(origin=Origin(seed, "manual", "1", START_MS))
    tx = bench.engine.transaction(bench.sandbox)
    tx.put(FAULT_RULES, "rule", rule)
    run(bench.engine.commit(bench.sandbox, tx).wait())
    return bench


@pytest.mark.parametrize("when", ["before", "after"])
@pytest.mark.parametrize(
    "call", [("GET", "/orders", None), ("POST", "/orders", {"amount": 1}), ("POST", "/orders", b"{")]
)
def test_each_request_has_its_own_chance_whatever_becomes_of_it(when: str, call: tuple[str, str, Any]) -> None:
    bench = bench_with({"fault": "status", "error": "busy", "chance": 0.25, "when": when})
    hits = sum(bench.request(*call)[0] == 409 for _ in range(200))
    assert 30 <= hits <= 70


def test_chances_come_from_the_seed() -> None:
    rule = {"fault": "status", "error": "busy", "chance": 0.5}
    first, again, other = (
        [bench.request("GET", "/orders")[0] for _ in range(40)]
        for bench in (bench_with(rule), bench_with(rule), bench_with(rule, "other"))
    )
    assert first == again != other


def test_the_chance_of_a_fault_does_not_change_the_values_of_orders() -> None:
    plain, faulty = Bench(), bench_with({"fault": "status", "error": "busy", "chance": 0.5, "when": "after"})
    for _ in range(5):
        assert plain.create("still") is not None
        faulty.request("POST", "/orders", {"amount": 5}, **{"x-emulator-scenario": "still"})
    assert list(faulty.sandbox.tables["orders"]) == list(plain.sandbox.tables["orders"])


@given(st.integers(1, 5), st.integers(0, 10))
def test_a_rule_with_times_ends_after_that_many_uses(times: int, requests: int) -> None:
    bench = bench_with({"fault": "status", "error": "busy", "times": times})
    found = [bench.request("GET", "/orders")[0] for _ in range(requests)]
    assert found == [409] * min(times, requests) + [200] * max(0, requests - times)


@pytest.mark.parametrize(
    ("text", "rule"),
    [
        ("reset", {"fault": "reset"}),
        ("reset; when=after", {"fault": "reset", "when": "after"}),
        (" status ;error = busy ", {"fault": "status", "error": "busy"}),
        ("status; status=409", {"fault": "status", "status": 409}),
        ("latency; fixed=250ms", {"fault": "latency", "fixed": "250ms"}),
        ("latency; fixed=5", {"fault": "latency", "fixed": 5}),
    ],
)
def test_a_header_is_read_as_a_rule(text: str, rule: dict[str, Any]) -> None:
    assert read_fault_header(text) == rule
    check_rule(rule, PROVIDERS)


@given(
    st.text(st.characters(max_codepoint=255), max_size=40)
    | st.from_regex(r"(reset|status|latency); [a-z]{3,6}=\w{1,4}")
)
def test_any_header_is_read_as_a_rule_or_refused(text: str) -> None:
    try:
        check_rule(read_fault_header(text), PROVIDERS)
    except BadRule as error:
        assert str(error)


REAL = load_all()


@pytest.mark.parametrize(
    ("rule", "words"),
    [
        ({"fault": "reset", "event": "payment"}, "reset takes fault, when, provider, endpoint, order"),
        (
            {"fault": "drop", "event": "payed"},
            "there are baanx: kyc.status.changed, card.activated, transaction.cleared; basswallet: ",
        ),
        ({"fault": "drop", "event": "payment", "provider": "koywe"}, "there are koywe: order.created, "),
        ({"fault": "drop", "match": {"body.a": 1}}, "a path begins with one of url, provider, event"),
        ({"fault": "reset", "match": {"foo": 1}}, "foo is never there: a path begins with one of body, header"),
        ({"fault": "reset", "match": {"url": "x"}}, "url is never there"),
        ({"fault": "reset", "match": {"body.a": [1]}}, "write a literal, or a JSON Schema"),
        ({"fault": "reset", "chance": 0.0000009}, "/chance"),
        ({"fault": "reset", "chance": 0}, "/chance"),
        ({"fault": "latency", "fixed": 1, "uniform": [1, 2]}, "latency takes one of fixed, uniform, lognormal"),
        ({"fault": "latency", "fixed": 1, "lognormal": {"median": 1}}, "takes one of"),
        (
            {"fault": "stale-timestamp", "provider": "koywe"},
            "stale-timestamp cannot be injected into webhooks of koywe",
        ),
    ],
    ids=str,
)
def test_a_rule_that_can_never_apply_is_refused_with_what_to_write(rule: dict[str, Any], words: str) -> None:
    with pytest.raises(BadRule) as caught:
        check_rule(rule, REAL)
    assert words in str(caught.value)


@pytest.mark.parametrize(
    "rule",
    [
        {"fault": "drop", "event": "payment"},
        {"fault": "drop", "event": "order.created", "provider": "koywe"},
        {"fault": "drop", "match": {"url": {"pattern": "^http://a"}, "provider": "koywe"}},
        {"fault": "reset", "match": {"body": {"type": "object"}, "header.x-a": "1", "setting.edition": "A"}},
        {"fault": "reset", "match": {"query.a": "1", "path.order_id": "x", "endpoint": "create-order"}},
        {"fault": "reset", "chance": 0.000001},
        {"fault": "latency", "uniform": [1, 2]},
    ],
    ids=str,
)
def test_a_rule_that_can_apply_is_accepted(rule: dict[str, Any]) -> None:
    check_rule(rule, REAL)


def test_a_header_cannot_ask_for_a_fault_of_webhooks() -> None:
    with pytest.raises(BadRule, match="drop is injected into webhooks, not requests"):
        read_fault_header("drop; times=1")


RULES = st.dictionaries(
    st.sampled_from(["fault", "when", "provider", "endpoint", "order", "match", "times", "chance", "fixed", "uniform",
                     "lognormal", "error", "status", "with", "retry_after", "by"]),
    st.sampled_from([*FAULTS, "before", "toy", "busy", "1s", 409, 0.5, 1, [], ["1s", 2], {}, {"median": "1s"},
                     {"body.a": 1}, None, json_text.decode("1e400"), -1]),
    max_size=5,
)  # fmt: skip


@given(RULES | st.none() | st.lists(st.integers()))
def test_any_rule_works_or_is_refused(rule: Any) -> None:
    try:
        check_rule(rule, PROVIDERS)
    except BadRule as error:
        assert str(error)
        return
    bench = bench_with(rule)
    assert bench.request("GET", "/orders")[0] > 0

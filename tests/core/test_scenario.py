"""Scenario documents: which are accepted, which are refused, and what the messages point at."""

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from emulator.core import json_text
from emulator.core.scenario import BrokenScenario, Scenario, ScenarioSet
from emulator.web.library import load_library
from tests.core.scenario_cases import BAD, GOOD, PAID, WHAT, WHEN, timeline
from tests.core.toy import ABOUT, SCENARIOS, library

LIBRARY = library()


def parse(document: Any, name: str = "test") -> Scenario:
    return LIBRARY.read_scenario("toy", name, document)


@pytest.mark.parametrize("document", GOOD.values(), ids=GOOD.keys())
def test_a_good_document_is_accepted(document: Any) -> None:
    scenario = parse(document)
    assert scenario.name == "test"
    assert scenario.document == document


@pytest.mark.parametrize(("document", "path", "words"), BAD.values(), ids=BAD.keys())
def test_a_bad_document_is_refused_where_it_is_bad(document: Any, path: tuple[str | int, ...], words: str) -> None:
    with pytest.raises(BrokenScenario) as caught:
        parse(document)
    here = [problem for problem in caught.value.problems if problem.path[: len(path)] == path]
    assert here, [problem.path for problem in caught.value.problems]
    assert words in " ".join(f"{problem.message} {problem.path}" for problem in here)


def test_all_mistakes_are_reported_at_once() -> None:
    document = {**timeline({"after": "soon", "to": "payed"}), "match": {"body.a": {"pattern": "("}}}
    with pytest.raises(BrokenScenario) as caught:
        parse(document)
    assert len(caught.value.problems) == 3
    assert "timeline.0.after: " in str(caught.value)


@pytest.mark.parametrize(
    "step",
    [{}, {"after": "1s"}, {"after": "1s", "on": "pay"}, {"to": "paid"}, {"after": "1s", "to": "paid", "do": "pay"}],
    ids=str,
)
def test_what_a_step_lacks_is_described_in_words(step: Any) -> None:
    with pytest.raises(BrokenScenario) as caught:
        parse(timeline(step))
    assert {problem.message.partition(";")[0] for problem in caught.value.problems} <= {WHEN, WHAT}


def test_if_orders_have_one_kind_a_timeline_by_kind_is_refused_with_what_to_write() -> None:
    with pytest.raises(BrokenScenario, match="orders of baanx have no kinds: write the steps as one list"):
        load_library()[0].read_scenario(
            "baanx", "x", {"version": 1, "provider": "baanx", "about": ".", "timeline": {"A": []}}
        )


WORDS = [
    "version",
    "provider",
    "about",
    "match",
    "timeline",
    "answer",
    "after",
    "on",
    "to",
    "do",
    "with",
    "force",
    "reads",
    "one_of",
    "weight",
    "error",
    "body.a",
    "pattern",
    "buy",
    "*",
    "faults",
    "fault",
    "initial",
    "1s",
    "paid",
    "pay",
    "toy",
    "{s}",
]
JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=8) | st.sampled_from(WORDS),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.sampled_from(WORDS), inner, max_size=4),
    max_leaves=15,
)


@given(JSON, JSON, JSON)
def test_any_document_is_read_as_a_scenario_or_refused(steps: Any, match: Any, answer: Any) -> None:
    for document in (steps, {**ABOUT, "timeline": steps}, {**ABOUT, "match": match}, {**ABOUT, "answer": answer}):
        try:
            parse(document)
        except BrokenScenario as error:
            assert error.problems


SUBJECTS = st.fixed_dictionaries({"amount": st.integers(12, 14), "ref": st.sampled_from(["late-5", "late-x", "no"])})


@given(SUBJECTS)
def test_of_several_matching_scenarios_the_one_with_most_conditions_is_used(body: dict[str, Any]) -> None:
    fitting = LIBRARY.shipped["toy"].fitting({"body": body})
    expected = None
    if body["amount"] == 13:
        expected = "unlucky" if body["ref"] == "late-5" else "refused"
    assert (fitting.name if fitting else None) == expected


def test_of_several_with_as_many_conditions_the_first_by_name_is_used() -> None:
    match = {"match": {"body.amount": 1}}
    found = ScenarioSet(parse({**ABOUT, **match}, name) for name in ("b", "c", "a")).fitting({"body": {"amount": 1}})
    assert found is not None
    assert found.name == "a"


def test_a_scenario_without_match_never_matches() -> None:
    assert ScenarioSet([parse(ABOUT)]).fitting({"body": {}, "header": {}}) is None


@pytest.mark.parametrize(
    ("kind", "expected"), [("buy", 2), ("sell", 0)], ids=["named kind", "kind that the timeline does not name"]
)
def test_a_timeline_by_kind_applies_only_to_its_kind(kind: str, expected: int) -> None:
    assert len(parse(SCENARIOS["kyc"]).timeline(kind)) == expected


def test_all_other_kinds_have_the_timeline_of_the_star() -> None:
    scenario = parse({**ABOUT, "timeline": {"buy": [], "*": [PAID]}})
    assert (len(scenario.timeline("buy")), len(scenario.timeline("sell"))) == (0, 1)


def test_a_scenario_is_read_back_as_it_was_written() -> None:
    for name, document in SCENARIOS.items():
        assert parse(json_text.decode(json_text.encode(document)), name).timelines == parse(document, name).timelines

"""The quick check before the choice of a scenario: it never excludes a scenario that matches."""

from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from emulator.core.match import read_conditions
from emulator.core.scenario import Scenario, ScenarioSet

TEXTS = st.sampled_from(["", "a", "ab", "b", "abc", "aba", "b\n", "P<a>"])
VALUES = TEXTS | st.integers(0, 3) | st.none() | st.booleans()
SCHEMAS = st.sampled_from(
    [
        {"pattern": "^a"},
        {"pattern": "b$"},
        {"pattern": "^(?P<s>[a-z]+)$"},
        {"pattern": "^(?P<s>a)(?P<t>b)?$"},
        {"pattern": r"^(.)(.)?\1?$"},
        {"pattern": "(?i)^A"},
        {"pattern": r"\(?P<a>|ab"},
        {"pattern": "a|b$"},
        {"pattern": "^(?!a)"},
        {"pattern": "^a(?=b)"},
        {"pattern": "^a", "type": ["string", "integer"]},
        {"pattern": "^a", "minLength": 2},
        {"type": "integer"},
        {"enum": ["b", None]},
        {},
    ]
)
MATCHES = st.dictionaries(
    st.sampled_from(["body.a", "body.b.c", "setting.x", "query.q"]), VALUES | SCHEMAS, min_size=1, max_size=3
)
SUBJECTS = st.fixed_dictionaries(
    {
        "body": st.none() | st.dictionaries(st.sampled_from(["a", "b", "b.c"]), VALUES),
        "setting": st.fixed_dictionaries({"x": VALUES}),
        "query": st.dictionaries(st.just("q"), TEXTS),
    }
)


def scenario(name: str, match: dict[str, Any]) -> Scenario:
    return Scenario("p", name, "", read_conditions(match), {}, None, (), {})


@given(st.lists(MATCHES, max_size=5), SUBJECTS)
def test_the_fast_choice_equals_checking_every_scenario(matches: list[dict[str, Any]], subject: dict[str, Any]) -> None:
    scenarios = [scenario(f"s{place}", match) for place, match in enumerate(matches)]
    fitting = [each for each in scenarios if each.fits(subject)]
    expected = min(fitting, key=lambda each: (-len(each.conditions), each.name), default=None)
    chosen = ScenarioSet(scenarios)
    assert chosen.fitting(subject) is expected
    assert expected is None or chosen.may_fit(subject["body"])

"""Lives hunt for bugs in the shop of the examples: they find ten that are planted, and none in the shop as it is."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

import pytest
from hypothesis import HealthCheck, Phase, find, given, settings
from hypothesis import strategies as st

from emulator.testing import BackgroundServer
from emulator.testing.lives import Life, lives
from emulator.testing.types.names import Provider
from tests.examples.bugs import BUGS, Bug
from tests.examples.judge import judge
from tests.examples.stage import PROVIDERS, stage
from tests.thorough import EXAMPLES

pytestmark = pytest.mark.long

KINDS: dict[str, tuple[str | None, ...]] = {
    "baanx": (None,), "basswallet": ("fixed", "variable"), "changelly": ("buy",), "koywe": ("PAYIN",)
}  # fmt: skip
"""The kinds of orders that the shop places."""
HASTY_S = 0.2
"""How long the shop waits for an answer while there are faults: it waits in real time for answers that never come."""
Faults = bool | tuple[str, ...]
TROUBLE: tuple[Faults, ...] = (False, ("gateway",), ("reset",), True)
"""The faults of a life. Some mistakes show only where not everything goes wrong at once."""
SHOWS_WITH: Mapping[str, Faults] = {
    "treats a lost answer as a failure and pays again": ("reset",),
    "takes a gateway's 4xx for the provider's": True,
    "stores a test order as paid": True,
}
"""The faults among which a bug is looked for, where it does not show without. With `--all` each is looked for among all
of them."""
WEATHER: tuple[Mapping[str, Any], ...] = ({}, {"fault": "duplicate"}, {"fault": "late", "by": "3h", "times": 1})
"""Faults of webhooks during a whole life."""
OF_PAYMENTS = {"basswallet": "payment"}
"""The event by which a provider tells of payments alone, of which the first one is late."""
GOOD_SHOP = Bug()
QUIET = settings(
    deadline=None, database=None, suppress_health_check=list(HealthCheck), phases=[Phase.generate, Phase.shrink]
)
FOUND_WITHIN = 200
MOST_STEPS = 4
SURVIVED = 500
"""So many at each provider with `--all`; without, as many as there are examples of other tests."""


@dataclass(frozen=True)
class Course:
    """A life, and what becomes of the webhooks all the while."""

    life: Life
    weather: Mapping[str, Any]
    """The rule of a fault that webhooks suffer from the beginning."""


def courses(provider: Provider, trouble: Iterable[Faults] = TROUBLE) -> st.SearchStrategy[Course]:
    """What can become of the shop's orders at a provider, with one or another of these faults."""
    life = st.one_of(*(lives(provider, kind, faults) for faults in trouble for kind in KINDS[provider]))
    return st.builds(Course, life, st.sampled_from(WEATHER))


def live(server: BackgroundServer, course: Course, bug: Bug = GOOD_SHOP) -> None:
    """Plays it with a shop. Raises AssertionError for what the shop does wrong."""
    provider = course.life.provider
    with (
        bug.planted(),
        stage(server, provider, kind=bug.shop, make=bug.make, scenario=None, timeout_s=HASTY_S) as at,
    ):
        if course.weather:
            at.inject(**course.weather, event=OF_PAYMENTS.get(provider))
        judge(at, course.life)


@pytest.mark.parametrize("provider", PROVIDERS)
def test_the_shop_survives(server: BackgroundServer, provider: Provider, thorough: bool) -> None:
    @settings(QUIET, max_examples=SURVIVED if thorough else EXAMPLES)
    @given(courses(provider))
    def survive(course: Course) -> None:
        live(server, course)

    survive()


@pytest.mark.parametrize("name", BUGS)
def test_a_bug_is_found_and_shrunk(server: BackgroundServer, name: str, thorough: bool) -> None:
    provider, bug = BUGS[name]
    trouble = TROUBLE if thorough else (SHOWS_WITH.get(name, False),)

    def dies(course: Course) -> bool:
        try:
            live(server, course, bug)
        except AssertionError:
            return True
        return False

    course = find(courses(provider, trouble), dies, settings=settings(QUIET, max_examples=FOUND_WITHIN))
    assert len(course.life.steps) <= MOST_STEPS, course

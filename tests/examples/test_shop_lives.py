"""Lives hunt for bugs in the shop of the examples: they find ten that are planted, and none in the shop as it is."""

import pytest
from hypothesis import HealthCheck, find, given, settings
from hypothesis import strategies as st

from emulator.testing import BackgroundServer
from emulator.testing.lives import Life, lives
from tests.examples.bugs import BUGS, Bug
from tests.examples.judge import judge
from tests.examples.stage import PROVIDERS, stage

KINDS: dict[str, tuple[str | None, ...]] = {
    "baanx": (None,), "basswallet": ("fixed", "variable"), "changelly": ("buy",), "koywe": ("PAYIN",)
}  # fmt: skip
"""The kinds of orders that the shop places."""
HASTY_S = 0.2
"""How long the shop waits for an answer while faults are about: those that never come are waited for in real time."""
GOOD_SHOP = Bug(PROVIDERS)
QUIET = settings(deadline=None, database=None, suppress_health_check=list(HealthCheck))
FOUND_WITHIN = 200
MOST_STEPS = 4
SURVIVED = 2000
"""All of these with `--all`, a quarter of them without."""


def courses(provider: str) -> st.SearchStrategy[Life]:
    """What can become of the shop's orders at a provider."""
    return st.one_of(*(lives(provider, kind, faults=True) for kind in KINDS[provider]))  # type: ignore[arg-type]


def live(server: BackgroundServer, life: Life, bug: Bug = GOOD_SHOP) -> None:
    """Lets a shop live through a life. Raises AssertionError for what it does wrong."""
    with bug.planted():
        opened = stage(server, life.provider, kind=bug.shop, make=bug.make, scenario=None, timeout_s=HASTY_S)
        with opened as at:
            judge(at, life)


@pytest.mark.parametrize("provider", PROVIDERS)
def test_the_shop_survives(server: BackgroundServer, pytestconfig: pytest.Config, provider: str) -> None:
    survived = SURVIVED // len(PROVIDERS)

    @settings(QUIET, max_examples=survived if pytestconfig.getoption("--all") else survived // 4)
    @given(courses(provider))
    def survive(life: Life) -> None:
        live(server, life)

    survive()


@pytest.mark.parametrize(("bug", "provider"), [(name, BUGS[name].providers[0]) for name in BUGS])
def test_a_bug_is_found_and_shrunk(server: BackgroundServer, bug: str, provider: str) -> None:
    def dies(life: Life) -> bool:
        try:
            live(server, life, BUGS[bug])
        except AssertionError:
            return True
        return False

    life = find(courses(provider), dies, settings=settings(QUIET, max_examples=FOUND_WITHIN))
    assert len(life.steps) <= MOST_STEPS, life

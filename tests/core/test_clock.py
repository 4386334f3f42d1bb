"""A sandbox's clock."""

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from emulator.core.clock import Clock, read_clock_rate
from emulator.core.durations import LAST_INSTANT_MS, format_instant

RATES = st.decimals(min_value="0.001", max_value=1_000_000, places=3).map(lambda rate: read_clock_rate(str(rate)))
INSTANTS = st.integers(0, LAST_INSTANT_MS)
REAL = st.integers(1_700_000_000_000, 1_900_000_000_000)
RUNNING = st.builds(Clock, st.just("real"), st.just("1"), INSTANTS, REAL) | st.builds(
    Clock, st.just("rate"), RATES, INSTANTS, REAL
)
CLOCKS = RUNNING | st.builds(Clock, st.just("manual"), st.just("1"), INSTANTS, REAL)


@given(CLOCKS, st.lists(REAL, min_size=2).map(sorted))
def test_time_never_runs_backwards(clock: Clock, moments: list[int]) -> None:
    seen = [clock.now_ms(real_ms) for real_ms in moments]
    assert seen == sorted(seen)
    assert all(clock.anchor_ms <= now_ms <= LAST_INSTANT_MS for now_ms in seen)


@given(RUNNING, INSTANTS)
def test_real_ms_is_the_first_real_time_that_shows_a_given_time(clock: Clock, moment_ms: int) -> None:
    real_ms = clock.real_ms(moment_ms)
    assert real_ms is not None
    assert clock.now_ms(real_ms) >= moment_ms
    if real_ms > clock.real_anchor_ms:
        assert clock.now_ms(real_ms - 1) < moment_ms


@given(RUNNING, REAL)
def test_real_ms_is_the_inverse_of_now_ms(clock: Clock, real_ms: int) -> None:
    assume(real_ms >= clock.real_anchor_ms and clock.now_ms(real_ms) < LAST_INSTANT_MS)
    back_ms = clock.real_ms(clock.now_ms(real_ms))
    assert back_ms is not None
    assert back_ms <= real_ms
    assert clock.now_ms(back_ms) == clock.now_ms(real_ms)


@given(INSTANTS, REAL, REAL)
def test_a_manual_clock_stands_still(anchor_ms: int, anchored_ms: int, real_ms: int) -> None:
    clock = Clock("manual", "1", anchor_ms, anchored_ms)
    assert clock.now_ms(real_ms) == anchor_ms
    assert clock.real_ms(anchor_ms + 1) is None


@given(CLOCKS, INSTANTS, REAL)
def test_a_moved_clock_shows_what_it_was_moved_to_and_keeps_its_rate(
    clock: Clock, moment_ms: int, real_ms: int
) -> None:
    moved = clock.moved_to(moment_ms, real_ms)
    assert moved.now_ms(real_ms) == moment_ms
    assert (moved.mode, moved.rate) == (clock.mode, clock.rate)


@pytest.mark.parametrize(
    ("rate", "real_ms", "expected_ms"), [("60", 1000, 60_000), ("0.5", 1000, 500), ("0.001", 999, 0), ("1.5", 1, 1)]
)
def test_a_rate_multiplies_real_time(rate: str, real_ms: int, expected_ms: int) -> None:
    assert Clock("rate", rate, 0, 0).now_ms(real_ms) == expected_ms


@given(CLOCKS, REAL)
def test_json_says_the_same_as_the_clock(clock: Clock, real_ms: int) -> None:
    shown = clock.as_json(real_ms)
    assert list(shown) == ["mode", "rate", "now", "now_ms"]
    assert shown["now"] == format_instant(shown["now_ms"])
    assert shown["now_ms"] == clock.now_ms(real_ms)
    assert (shown["rate"] == 0) == (clock.mode == "manual")


@pytest.mark.parametrize(
    ("written", "kept"), [("1", "1"), ("60", "60"), ("0.001", "0.001"), ("1e3", "1000"), ("1000000", "1000000")]
)
def test_rates_are_read(written: str, kept: str) -> None:
    assert read_clock_rate(written) == kept


@pytest.mark.parametrize(
    "written",
    ["", "0", "-1", "0.0009", "1000001", "1e400", "1e-400", "NaN", "sNaN", "Infinity", "fast", "1" * 30, "1/2"],
)
def test_anything_but_a_rate_is_refused(written: str) -> None:
    with pytest.raises(ValueError, match=r"^a rate is a number from 0.001 to 1000000$"):
        read_clock_rate(written)

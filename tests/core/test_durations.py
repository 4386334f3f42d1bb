"""Durations and instants as people write them."""

import re
from contextlib import suppress
from datetime import UTC, datetime
from decimal import Decimal
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from emulator.core.durations import (
    LAST_INSTANT_MS,
    format_duration,
    format_instant,
    read_duration_ms,
    read_instant_ms,
)

SOURCES = Path(__file__).parents[2] / "emulator"
UNITS_MS = {"d": 86_400_000, "h": 3_600_000, "m": 60_000, "s": 1000, "ms": 1}
INSTANTS = st.integers(0, LAST_INSTANT_MS)


@pytest.mark.parametrize(
    ("written", "expected_ms"),
    [
        ("250ms", 250),
        ("30s", 30_000),
        ("5m", 300_000),
        ("1h30m", 5_400_000),
        ("2d", 172_800_000),
        ("1d2h3m4s5ms", 93_784_005),
        ("1.5s", 1500),
        ("0", 0),
        ("0s", 0),
        ("90", 90_000),
        (90, 90_000),
        (0, 0),
        (0.5, 500),
        (Decimal("0.25"), 250),
        (Decimal("1E+2"), 100_000),
        ("36600d", 36_600 * 86_400_000),
    ],
)
def test_durations_are_read(written: object, expected_ms: int) -> None:
    assert read_duration_ms(written) == expected_ms


@pytest.mark.parametrize(
    ("span_ms", "exact", "rough"),
    [
        (0, "0ms", "0ms"),
        (999, "999ms", "999ms"),
        (1000, "1s", "1s"),
        (34_560, "34.56s", "34.5s"),
        (60_000, "1m", "1m"),
        (300_001, "5m0.001s", "5m"),
        (3_600_000, "1h", "1h"),
        (7_505_500, "2h5m5.5s", "2h5m"),
        (86_400_000 + 60_000, "1d1m", "1d"),
    ],
)
def test_durations_are_written(span_ms: int, exact: str, rough: str) -> None:
    assert (format_duration(span_ms), format_duration(span_ms, 2)) == (exact, rough)


@given(st.integers(0, 36_600 * 86_400_000))
def test_a_written_duration_can_be_read(span_ms: int) -> None:
    assert read_duration_ms(format_duration(span_ms)) == span_ms
    assert read_duration_ms(format_duration(span_ms, 2)) <= span_ms


def test_no_message_has_a_duration_in_any_other_form() -> None:
    other = re.compile(r"""["'][^"'\n]*\}( ms| s| min| h| seconds| milliseconds)\b""")
    sources = [*SOURCES.rglob("*.py"), *SOURCES.rglob("*.html")]
    assert [(path.name, found[0]) for path in sources for found in other.finditer(path.read_text("utf-8"))] == []


@pytest.mark.parametrize(
    "written",
    [
        "", " ",
        "5 s", " 5s", "5s ", "-5s", "+5s", "s", "1h 30m", "5S", "5sec", "1,5s", "1e3", ".5s", "5.s", "٣s", "3²s",
        "36601d", "999999999999d", "9" * 61, "9" * 1_000_000 + "s", "1s" * 100, True, False, None, -1, -0.5, 1e20,
        float("nan"), float("inf"), Decimal("NaN"), Decimal("1E+999999999"), Decimal("0E-999999999"),
        10**30, 10**5000, [], {}, b"5s",
    ],
    ids=lambda written: repr(written)[:20] if not isinstance(written, int) else "number",
)  # fmt: skip
def test_anything_but_a_duration_is_refused_with_the_good_forms(written: object) -> None:
    with pytest.raises(
        ValueError, match="is not a duration: write 250ms, 30s, 5m, 1h30m, 2d or a number of seconds"
    ) as caught:
        read_duration_ms(written)
    assert len(str(caught.value)) < 200


@given(st.dictionaries(st.sampled_from(list(UNITS_MS)), st.integers(0, 1000), min_size=1))
def test_the_parts_of_a_duration_add_up(parts: dict[str, int]) -> None:
    written = "".join(f"{number}{unit}" for unit, number in parts.items())
    assert read_duration_ms(written) == sum(number * UNITS_MS[unit] for unit, number in parts.items())


@given(st.one_of(st.text(), st.integers(), st.floats(), st.decimals(), st.none(), st.binary(), st.lists(st.integers())))
def test_any_value_is_read_as_a_duration_or_refused(written: object) -> None:
    with suppress(ValueError):
        assert read_duration_ms(written) >= 0
    with suppress(ValueError):
        assert 0 <= read_instant_ms(written) <= LAST_INSTANT_MS


@given(INSTANTS)
def test_an_instant_is_read_back_as_it_was_written(moment_ms: int) -> None:
    assert read_instant_ms(format_instant(moment_ms)) == moment_ms
    assert read_instant_ms(moment_ms) == moment_ms


@given(INSTANTS, st.integers(0, 100 * 366 * 86_400_000))
def test_every_instant_that_can_be_planned_can_be_written(now_ms: int, delay_ms: int) -> None:
    assert len(format_instant(now_ms + delay_ms)) == len("2026-01-05T12:00:00.000Z")


@pytest.mark.parametrize(
    ("written", "expected"),
    [
        ("2026-01-05T12:00:00Z", "2026-01-05T12:00:00.000Z"),
        ("2026-01-05T12:00:00", "2026-01-05T12:00:00.000Z"),
        ("2026-01-05T12:00:00.25+02:00", "2026-01-05T10:00:00.250Z"),
        ("2026-01-05", "2026-01-05T00:00:00.000Z"),
        ("1970-01-01T00:00:00Z", "1970-01-01T00:00:00.000Z"),
        (1_767_614_400_000, "2026-01-05T12:00:00.000Z"),
    ],
)
def test_instants_are_read(written: object, expected: str) -> None:
    assert format_instant(read_instant_ms(written)) == expected


@pytest.mark.parametrize(
    "written",
    ["", "now", "2026-13-01", "1969-12-31T23:59:59Z", "9000-01-01T00:00:00.001Z", "9999-12-31T23:59:59-14:00", -1,
     LAST_INSTANT_MS + 1, True, None, 1.5, [], {}],
)  # fmt: skip
def test_anything_but_an_instant_is_refused_with_the_good_forms(written: object) -> None:
    with pytest.raises(ValueError, match="is not an instant: write 2026-01-05T12:00:00Z or milliseconds since 1970"):
        read_instant_ms(written)


def test_time_ends_with_the_year_8999() -> None:
    assert datetime.fromtimestamp(LAST_INSTANT_MS / 1000, UTC).year == 9000

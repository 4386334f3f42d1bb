"""ISO 8601 in and out."""

import re
from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from emulator.providers.koywe.moments import print_moment, read_moment

NOON_MS = 1_767_614_400_000


def test_a_moment_prints_with_milliseconds_in_utc() -> None:
    assert print_moment(NOON_MS) == "2026-01-05T12:00:00.000Z"
    assert print_moment(NOON_MS + 7) == "2026-01-05T12:00:00.007Z"
    assert print_moment(0) == "1970-01-01T00:00:00.000Z"


@pytest.mark.parametrize(
    ("text", "at_ms"),
    [
        ("2026-01-05T12:00:00.000Z", NOON_MS),
        ("2026-01-05T12:00:00Z", NOON_MS),
        ("2026-01-05T12:00", NOON_MS),
        ("2026-01-05T07:00:00-05:00", NOON_MS),
        ("2026-01-05T14:00:00+0200", NOON_MS),
        ("2026-01-05T12:00:00.1239Z", NOON_MS + 123),
        ("2026-01-05T12:00:00.5Z", NOON_MS + 500),
        ("2026-01-05", NOON_MS - 43_200_000),
        ("1969-12-31T23:59:59.999Z", -1),
    ],
)
def test_a_moment_is_read(text: str, at_ms: int) -> None:
    assert read_moment(text) == at_ms


def test_a_bare_date_may_mean_the_end_of_its_day() -> None:
    at_ms = read_moment("2026-02-01", end_of_day=True)
    assert at_ms is not None
    assert print_moment(at_ms) == "2026-02-01T23:59:59.999Z"
    assert read_moment("2026-01-05T12:00:00Z", end_of_day=True) == NOON_MS
    assert read_moment("2026-01-05T00:00", end_of_day=True) == NOON_MS - 43_200_000


@pytest.mark.parametrize(
    "text",
    ["", "tomorrow", "2026-02-30", "2025-02-29", "2026-13-01", "0000-01-01", "2026-01-05T24:00", "2026-01-05 12:00",
     "2026-1-5", "20260105", "2026-01-05\n", "２０２６-01-05", "2026-01-05T12:00:00+24:00", "2026-01-05T12",
     "1767614400000"],
)  # fmt: skip
def test_what_is_no_moment_is_told(text: str) -> None:
    assert read_moment(text) is None


@given(st.integers(-62_135_596_800_000, 253_402_300_799_999))
def test_what_is_printed_is_read_back(at_ms: int) -> None:
    text = print_moment(at_ms)
    assert re.fullmatch(r"\d{4}-\d{2}-\d{2}T\d{2}:\d{2}:\d{2}\.\d{3}Z", text)
    assert read_moment(text) == at_ms


@given(st.datetimes(timezones=st.timezones()))
def test_offsets_are_understood_as_python_does(moment: datetime) -> None:
    offset = moment.utcoffset()
    if offset is None or offset.seconds % 60:
        return
    microseconds = (moment - datetime(1970, 1, 1, tzinfo=UTC)) // (datetime.resolution)
    assert read_moment(moment.isoformat(timespec="milliseconds")) == microseconds // 1000


@given(st.text())
def test_any_text_gets_an_answer(text: str) -> None:
    assert read_moment(text) is None or re.match(r"[0-9]{4}-", text)

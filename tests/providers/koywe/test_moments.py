"""ISO 8601 in and out."""

import re
from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from emulator.providers.koywe.formats.moments import read_moment, require_moment, write_moment

NOON_MS = 1_767_614_400_000
FIRST_MS, LAST_MS = -62_135_596_800_000, 253_402_300_799_999


def test_a_time_is_written_with_milliseconds_in_utc() -> None:
    assert write_moment(NOON_MS) == "2026-01-05T12:00:00.000Z"
    assert write_moment(NOON_MS + 7) == "2026-01-05T12:00:00.007Z"
    assert write_moment(0) == "1970-01-01T00:00:00.000Z"


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
def test_a_time_is_read(text: str, at_ms: int) -> None:
    assert read_moment(text) == at_ms


def test_a_date_alone_may_mean_the_end_of_its_day() -> None:
    at_ms = read_moment("2026-02-01", end_of_day=True)
    assert at_ms is not None
    assert write_moment(at_ms) == "2026-02-01T23:59:59.999Z"
    assert read_moment("2026-01-05T12:00:00Z", end_of_day=True) == NOON_MS
    assert read_moment("2026-01-05T00:00", end_of_day=True) == NOON_MS - 43_200_000


@pytest.mark.parametrize(
    "text",
    ["", "tomorrow", "2026-02-30", "2025-02-29", "2026-13-01", "0000-01-01", "2026-01-05T24:00", "2026-01-05 12:00",
     "2026-1-5", "20260105", "2026-01-05\n", "２０２６-01-05", "2026-01-05T12:00:00+24:00", "2026-01-05T12",
     "1767614400000", "9999-12-31T23:59:59-12:00", "9999-12-31T23:59:00-00:01", "0001-01-01T00:00:00+12:00"],
)  # fmt: skip
def test_anything_but_a_time_is_refused(text: str) -> None:
    assert read_moment(text) is None


@given(st.integers(FIRST_MS, LAST_MS))
def test_a_written_time_is_read_back(at_ms: int) -> None:
    text = write_moment(at_ms)
    assert re.fullmatch(r"\d{4}-\d{2}-\d{2}T\d{2}:\d{2}:\d{2}\.\d{3}Z", text)
    assert read_moment(text) == at_ms


@given(st.datetimes(timezones=st.timezones()))
def test_offsets_are_read_as_python_reads_them(moment: datetime) -> None:
    offset = moment.utcoffset()
    if offset is None or offset.seconds % 60:
        return
    microseconds = (moment - datetime(1970, 1, 1, tzinfo=UTC)) // (datetime.resolution)
    assert read_moment(moment.isoformat(timespec="milliseconds")) == microseconds // 1000


@given(st.text())
def test_any_text_is_read_or_refused_as_a_time(text: str) -> None:
    assert read_moment(text) is None or re.match(r"[0-9]{4}-", text)


CLOCKS = st.times().map(lambda time: time.isoformat(timespec="milliseconds"))
OFFSETS = st.from_regex(r"[+-]([01][0-9]|2[0-3]):?[0-5][0-9]", fullmatch=True)
EDGES = st.sampled_from(["0001-01-01", "0001-01-02", "9999-12-30", "9999-12-31"])


@given(EDGES, CLOCKS | st.sampled_from(["00:00", "23:59:59.999"]), OFFSETS | st.just("Z"))
def test_times_at_the_ends_of_the_calendar_can_be_written(day: str, clock: str, offset: str) -> None:
    at_ms = read_moment(f"{day}T{clock}{offset}")
    assert at_ms is None or read_moment(write_moment(at_ms)) == at_ms
    inside = FIRST_MS <= as_if_it_were_later(day, clock, offset) <= LAST_MS
    assert (at_ms is not None) is inside


def as_if_it_were_later(day: str, clock: str, offset: str) -> int:
    """The milliseconds of a moment, reckoned 4 or -4 years away from the end of the calendar that it is near to."""
    year, days = ("0005", 1461) if day.startswith("0001") else ("9995", -1461)
    at_ms = read_moment(f"{year}{day[4:]}T{clock}{offset}")
    assert at_ms is not None
    return at_ms - days * 86_400_000


def test_a_text_that_is_not_a_time_has_no_milliseconds() -> None:
    assert require_moment("2026-01-05T12:00") == NOON_MS
    with pytest.raises(ValueError, match="is not a moment"):
        require_moment("0001-01-01T00:00:00+12:00")

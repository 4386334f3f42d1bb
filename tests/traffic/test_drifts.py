"""What a stand-in for the real providers does differently is named, and nothing else."""

from collections.abc import Iterator
from io import BytesIO
from typing import Any

import pytest

from emulator.core import json_text
from emulator.files.recorded_traffic import read_recording
from emulator.providers import NAMES, load_all
from emulator.traffic.drift import KINDS
from emulator.traffic.judge import Judge
from emulator.traffic.report import Report
from tests.traffic.planted import PLANTED, Planted
from tests.traffic.stand_in import StandIn, standing_in
from tests.traffic.stories import tell


@pytest.fixture(scope="module")
def stand_in() -> Iterator[StandIn]:
    """One for all tests, each of which lets it drift in its own way."""
    with standing_in() as started:
        yield started


def check(document: Any) -> Report:
    """The report about a record."""
    judge, report = Judge(load_all()), Report()
    for recorded in read_recording(BytesIO(json_text.encode(document))):
        report.add(recorded.place, recorded.host, judge.judge(recorded))
    return report


def found(report: Report) -> set[tuple[str, str]]:
    """Kind and field of each difference."""
    return {(group.drift.kind, group.drift.field) for group in report.groups.values()}


@pytest.mark.parametrize("provider", NAMES)
def test_a_stand_in_without_drift_is_not_reported(stand_in: StandIn, provider: str) -> None:
    report = check(tell(stand_in, provider))
    assert found(report) == set()
    assert report.matched >= 4


@pytest.mark.parametrize("planted", PLANTED, ids=str)
def test_each_kind_of_drift_is_named_and_nothing_else(stand_in: StandIn, planted: Planted) -> None:
    with planted.at(stand_in):
        report = check(tell(stand_in, planted.provider))
    assert found(report) == planted.found


def test_more_than_twenty_drifts_are_planted_among_them_every_kind() -> None:
    assert len(PLANTED) > 20
    named = {kind for planted in PLANTED for kind, _ in planted.found}
    assert named | {"unknown-event"} == set(KINDS)

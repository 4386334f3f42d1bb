"""Honest traffic shows no drift."""

from emulator.providers import NAMES, load_all
from emulator.testing import Emulator
from emulator.traffic.judge import Judge
from emulator.traffic.report import Report
from tests.traffic.honest import live


def test_a_thousand_honest_calls_to_all_providers_show_no_drift(emulator: Emulator) -> None:
    judge, report = Judge(load_all()), Report()
    for recorded in live(emulator):
        report.add(recorded.place, recorded.host, judge.judge(recorded))
    assert [group.drift.line for group in report.sorted_groups()] == []
    calls = {name: sum(count for (provider, _), count in report.judged.items() if provider == name) for name in NAMES}
    assert min(calls.values()) > 20
    assert report.matched >= 1_000
    assert not report.others
    assert not report.unjudged

"""What was found in recorded traffic, as text and as JUnit."""

from collections.abc import Iterable
from xml.etree import ElementTree

from emulator.traffic.report import Group, Report
from emulator.views.tables import CYAN, RED, YELLOW, heading, paint

_TONES = {"documented": RED, "observed": YELLOW, "assumed": CYAN}
"""The less certain the fact, the calmer the colour."""


def write_report(report: Report, *, color: bool) -> str:
    """Each difference under the message that it is in, with its mark, how often it was seen and where first."""
    lines: list[str] = []
    shown: tuple[str, str] | None = None
    for group in report.sorted_groups():
        drift = group.drift
        if shown != (drift.provider, drift.message):
            shown = (drift.provider, drift.message)
            lines += ["", heading(f"{drift.provider} {drift.message}", color=color)]
        lines += _group_lines(group, color=color)
    lines += ["", *_closing_lines(report)]
    return "\n".join(lines).lstrip("\n")


def _group_lines(group: Group, *, color: bool) -> Iterable[str]:
    drift = group.drift
    shown = paint(drift.mark or "no mark", _TONES.get(drift.mark or "", ""), color=color)
    seen = f", got {drift.example}" if drift.example else ""
    yield f"  {drift.kind}  {drift.field}  {drift.said}{seen}".replace("    ", "  ")
    times = "once" if group.count == 1 else f"{group.count} times"
    setting = f"; setting {drift.setting}" if drift.setting else ""
    fact = f"; field {drift.fact}" if drift.fact else ""
    yield f"      {shown}{setting}{fact}; {times}, {', '.join(group.places)}"


def _closing_lines(report: Report) -> Iterable[str]:
    by_provider: dict[str, int] = {}
    for (provider, _), count in sorted(report.judged.items()):
        by_provider[provider] = by_provider.get(provider, 0) + count
    judged = ", ".join(f"{provider} {count}" for provider, count in by_provider.items()) or "none"
    yield f"calls and webhooks judged: {judged}"
    if report.others:
        hosts = ", ".join(f"{host or 'no host'} ({count})" for host, count in report.others.most_common())
        yield f"of no provider: {hosts}"
    for why, count in report.unjudged.most_common():
        yield f"not judged: {why} ({count})"
    beyond = f", and {report.omitted} more that are not listed" if report.omitted else ""
    yield f"drifts: {report.drifts or 'none'}{beyond}"


def write_junit(report: Report) -> str:
    """A test case for each kind of call that was judged, and a failure of it for each difference."""
    suites = ElementTree.Element("testsuites", name="emulator check")
    names = sorted({*report.judged, *((each.drift.provider, each.drift.message) for each in report.groups.values())})
    for provider in sorted({name for name, _ in names}):
        suite = ElementTree.SubElement(suites, "testsuite", name=provider)
        failed = 0
        for message in [message for name, message in names if name == provider]:
            case = ElementTree.SubElement(suite, "testcase", classname=provider, name=message)
            for group in report.sorted_groups():
                if (group.drift.provider, group.drift.message) == (provider, message):
                    failed += 1
                    failure = ElementTree.SubElement(case, "failure", type=group.drift.kind, message=group.drift.line)
                    failure.text = f"{group.count} times: {', '.join(group.places)}"
        suite.set("tests", str(len(suite)))
        suite.set("failures", str(failed))
    return ElementTree.tostring(suites, encoding="unicode", xml_declaration=True) + "\n"

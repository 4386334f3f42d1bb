"""Coverage: what the clients have met of each provider, its life cycle in colours, and how each gap is filled."""

from collections.abc import Collection, Mapping
from functools import partial
from typing import Any

from emulator.contract.card import Provider
from emulator.contract.lifecycle import Lifecycle, Transition
from emulator.views.coverage import write_transition
from emulator.views.describe import group_kinds
from emulator.web.console.assets import environment, find_asset
from emulator.web.console.commands import Taken
from emulator.web.console.course import Course, Stop, Way
from emulator.web.console.drawing import Drawing, draw
from emulator.web.console.marks import mark_of_status
from emulator.web.console.visit import Shown, Visit

_COVERED, _GAP = "been", "not"
"""What the drawing calls them."""


async def show_coverage(visit: Visit) -> Shown:
    """The coverage of this sandbox, or with `whole` of all; of one provider all that is missing."""
    whole, cards = "whole" in visit.asked, visit.providers
    document = await visit.call("GET", "/coverage" if whole else "coverage")
    touched = [each["name"] for each in document["providers"] if each["counts"]]
    name = visit.choose("of", [*touched[:1], *cards])
    path, chosen = partial(visit.path, "coverage"), {"whole": "1"} if whole else {}
    [provider] = [each for each in document["providers"] if each["name"] == name]
    calls = f"{visit.control.rpartition('/sandboxes/')[0]}/coverage" if whole else f"{visit.control}/coverage"
    values = {
        "scopes": [
            ("This sandbox", path(of=name), not whole),
            ("All sandboxes", path(of=name, whole="1"), whole),
        ],
        "of_providers": [
            (f"{each['title']} {each['percent']} %", path(of=each["name"], **chosen), each is provider)
            for each in document["providers"]
        ],
        "document": document,
        "provider": provider,
        "pictures": draw_coverage(cards[name], provider),
    }
    taken = (
        Taken("curl", f"curl -s {calls}"),
        Taken("command", "emulator coverage" + ("" if whole else f" --sandbox {visit.sandbox.name}")),
        Taken("test", 'emulator.call("GET", "coverage")'),
    )
    return Shown(
        "coverage.html", f"Coverage of {provider['title']}", values, path="coverage", taken=taken,
        take="As curl, as a command",
    )  # fmt: skip


def draw_coverage(provider: Provider, measured: Mapping[str, Any]) -> list[tuple[str, tuple[Drawing, ...]]]:
    """The life cycle of each kind of order, with the kinds that have the same one, in each shape."""
    parts = {part["name"]: {item["name"] for item in part["items"] if item["covered"]} for part in measured["parts"]}
    return [
        (", ".join(filter(None, kinds)), draw(_course(provider.lifecycle, kinds[0], rows, parts)))
        for kinds, rows in group_kinds(provider.lifecycle)
    ]


def _course(
    lifecycle: Lifecycle, kind: str, rows: Collection[Transition], covered: Mapping[str, Collection[str]]
) -> Course:
    first = lifecycle.initial[kind]
    taken = {
        (row.source, row.target) for row in rows
        if write_transition(row.source, row.event, row.target) in covered["transitions"]
    }  # fmt: skip
    ways = dict.fromkeys((row.source, row.target) for row in rows if row.source != row.target)
    statuses = dict.fromkeys([*first, *(status for row in rows for status in (row.source, row.target))])
    stops = [
        Stop(
            status,
            lifecycle.statuses[status].about,
            mark_of_status(lifecycle, status),
            _COVERED if status in covered["statuses"] else _GAP,
            "seen" if status in covered["statuses"] else "never seen",
        )
        for status in statuses
    ]
    arrows = [Way(*way, _COVERED if way in taken else _GAP) for way in ways]
    return Course(first[0], "", tuple(stops), tuple(arrows), ())


def write_page(document: Mapping[str, Any], cards: Mapping[str, Provider]) -> str:
    """A page for a file: all providers of a document that count, which loads nothing from elsewhere."""
    style = find_asset("console.css")
    shown = [
        (measured, draw_coverage(cards[measured["name"]], measured))
        for measured in document["providers"]
        if measured["counts"]
    ]
    text = style.content.decode() if style is not None else ""
    return environment().get_template("coverage_page.html").render(document=document, providers=shown, style=text)

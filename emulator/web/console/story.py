"""The story of an order, line by line: what happened, and who or what did it."""

from collections.abc import Mapping
from typing import Any

from msgspec import Struct
from msgspec.structs import replace

from emulator.contract.lifecycle import Lifecycle
from emulator.web.console.marks import Mark, mark_of_outcome, mark_of_status

_BAD_STATUS = 400


class Line(Struct, frozen=True):
    """A line of the story."""

    mark: str
    """A mark of a state, or `seen`, `request`, `hand`."""
    what: str
    cause: str = ""
    path: str = ""
    """Where there is more about it, below the sandbox's address."""
    reason: str = ""
    """Why something was refused."""
    at: str = ""
    to_come: bool = False


def tell(shown: Mapping[str, Any], lifecycle: Lifecycle) -> list[Line]:
    """The lines of an order as the control API shows it, the newest first, what is still to come before them."""
    lines = [_line(item, lifecycle) for item in shown["story"]]
    return [*_to_come(shown, lifecycle), *reversed(lines)]


def name_next(after: Mapping[str, Any]) -> str:
    """What falls due next: a status, an event, or several of them with `or` in between."""
    return after["does"] if isinstance(after["does"], str) else " or ".join(map(str, after["does"]))


def _to_come(shown: Mapping[str, Any], lifecycle: Lifecycle) -> list[Line]:
    after, scenario = shown["next"], f"scenario {shown['scenario']}"
    if after is None:
        return []
    if after["what"] == "event":
        return [Line("waiting", f"Waits for the event {after['event']}", scenario, to_come=True)]
    if after["what"] == "reads":
        what = f"Waits until the client has read it {after['reads']} more times"
        return [Line("waiting", what, scenario, to_come=True)]
    does = name_next(after)
    cause = scenario if after["what"] == "step" else f"timer {after['what']}"
    mark: Mark = mark_of_status(lifecycle, does) if does in lifecycle.statuses else "waiting"
    return [Line(mark, f"Due: {does}", cause, at=_time(after["at"]), to_come=True)]


def _line(item: Mapping[str, Any], lifecycle: Lifecycle) -> Line:
    return replace(_TELLERS.get(item["kind"], _other)(item, lifecycle), at=_time(item["at"]))


def _request(item: Mapping[str, Any], lifecycle: Lifecycle) -> Line:
    told = f"{item['method']} {item['path']}"
    path = f"requests/{item['number']}"
    if not item["sent"]:
        return Line("refused", "No answer left", told, path, item["reason"] or "")
    if item["error"] or (item["status"] or 0) >= _BAD_STATUS:
        what = f"Refused: {item['status']} {item['error'] or ''}".strip()
        return Line("refused", what, told, path, item["reason"] or "")
    return Line("request", f"Request answered with {item['status']}", told, path)


def _changed(item: Mapping[str, Any], lifecycle: Lifecycle) -> Line:
    event = "Created" if item["kind"] == "created" else item["event"]
    return Line(mark_of_status(lifecycle, item["status"]), f"{event}: {item['status']}", _cause(item))


def _delivery(item: Mapping[str, Any], lifecycle: Lifecycle) -> Line:
    path = f"webhooks/{item['webhook']}" if item.get("webhook") else ""
    if "outcome" not in item:
        return Line("short", f"Fault {item.get('fault')} injected into webhook {item['event']}", "fault rule", path)
    answer = item.get("error") or f"answered with {item.get('answered')}"
    words = {"pending": "not received", "held": "held back"}
    what = f"Webhook {item['event']} {words.get(item['outcome'], item['outcome'])}"
    return Line(mark_of_outcome(item["outcome"]), what, f"attempt {item['attempt']}, {answer}, {item['url']}", path)


def _opened(item: Mapping[str, Any], lifecycle: Lifecycle) -> Line:
    return Line("seen", "Payer has opened the page", "pay page")


def _taken_over(item: Mapping[str, Any], lifecycle: Lifecycle) -> Line:
    return Line("hand", "A person has taken over", f"{_cause(item)}; its scenario stops there")


def _other(item: Mapping[str, Any], lifecycle: Lifecycle) -> Line:
    reason = item.get("reason") or ""
    what = item["kind"].replace("-", " ").capitalize()
    return Line("short" if reason else "seen", what, _cause(item), "", reason)


_TELLERS = {
    "request": _request,
    "created": _changed,
    "transition": _changed,
    "delivery": _delivery,
    "page-opened": _opened,
    "taken-over": _taken_over,
}


def _cause(item: Mapping[str, Any]) -> str:
    """Who or what did it, in words."""
    cause = str(item.get("cause") or "")
    return {"control": "by hand", "timer": "its time was up", "request": "a request from the client"}.get(cause, cause)


def _time(instant: str) -> str:
    return instant[11:23]

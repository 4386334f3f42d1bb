"""The clock of a sandbox: what it shows, and moving it."""

from typing import Any

from msgspec import Struct

from emulator.core.durations import format_instant
from emulator.web.console.visit import Visit
from emulator.web.console.writing import write_clock, write_span
from emulator.web.control.refusals import ControlError

STEPS = (("10s", "+10s"), ("1m", "+1m"), ("1h", "+1h"))
MODES = (("real", "Real"), ("60", "\N{MULTIPLICATION SIGN}60"), ("manual", "Manual"))
MOST_COUNTED = 200
"""What is due is counted up to this; beyond it the exact number does not matter."""
_FAST = "60"
NEXT = "next"
"""Until the next thing falls due."""


class Face(Struct, frozen=True):
    """What the clock shows."""

    read_ms: int
    """When it was read, in real time."""
    mode: str
    """One of MODES, or `rate` for another rate."""
    rate: str
    now_ms: int
    day: str
    time: str
    due_ms: int | None
    """When the next thing falls due."""
    due_in: str
    due: str
    """How much is due at some time, counted up to MOST_COUNTED."""


def read_clock(visit: Visit) -> Face:
    """The clock now, and what is due."""
    sandbox = visit.sandbox
    clock, now_ms = sandbox.clock, visit.context.engine.now_ms(sandbox)
    next_due = sandbox.next_due()
    due_ms = next_due.due_ms if next_due is not None else None
    due = sandbox.count_scheduled(MOST_COUNTED)
    mode = clock.rate if clock.mode == "rate" and clock.rate == _FAST else clock.mode
    return Face(
        visit.context.engine.real_ms(),
        mode,
        "0" if clock.mode == "manual" else clock.rate,
        now_ms,
        format_instant(now_ms)[:10],
        write_clock(now_ms),
        due_ms,
        write_span(max(0, due_ms - now_ms)) if due_ms is not None else "",
        str(due) if due < MOST_COUNTED else f"more than {MOST_COUNTED}",
    )


async def move_clock(visit: Visit) -> str:
    """Moves the clock by a step, to what is due next, until nothing is due, or to another mode; gives the path of the
    page before."""
    form = visit.form
    if "mode" in form:
        wanted = {"mode": "rate", "rate": int(_FAST)} if form["mode"] == _FAST else {"mode": form["mode"]}
        moved = await visit.call("PUT", "clock", wanted)
    else:
        moved = await visit.call("POST", "clock/advance", _read_ahead(visit))
    if not moved["settled"]:
        silent = ", ".join(sorted({each["receiver"] for each in moved["silent"]})) or "somebody"
        raise ControlError("advance-under-way", f"the clock stopped before what is still due: no answer from {silent}")
    return back(visit)


def _read_ahead(visit: Visit) -> dict[str, Any]:
    """How far time is to go, as the control API has it."""
    form = visit.form
    if form.get("until") == NEXT:
        due = visit.sandbox.next_due()
        if due is None:
            raise ControlError("bad-request", "nothing is due: there is no next thing to move to")
        return {"to": format_instant(due.due_ms)}
    return {"until": form["until"]} if "until" in form else {"by": form.get("by", "")}


def back(visit: Visit) -> str:
    """The page on which a form was, if it is one of this sandbox's."""
    path = visit.form.get("back", "")
    own = path == visit.home or path.startswith((f"{visit.home}/", f"{visit.home}?"))
    return path if own and "\\" not in path and path.isprintable() else visit.path()

"""Calls about sandboxes as a whole: making, resetting, their clocks, snapshots, reproductions."""

from collections.abc import Mapping
from typing import Any

from starlette.requests import Request

from emulator.core.clock import clock_at, read_clock_rate
from emulator.core.durations import LAST_INSTANT_MS, format_instant, read_duration_ms, read_instant_ms
from emulator.core.names import NAME
from emulator.core.origin import DEFAULT, ORIGIN, Origin, decode_origin
from emulator.core.sandbox import ORDERS, Sandbox
from emulator.core.settings import read_settings, require_scenarios
from emulator.core.urls import url_problem
from emulator.engine.advances import BUDGET_MS, MAX_BUDGET_MS, AdvanceUnderWay
from emulator.engine.sandboxes import NameTaken, TooManySandboxes
from emulator.engine.snapshot_rows import BadSnapshot
from emulator.engine.snapshots import read_snapshot
from emulator.views.credentials import credentials_of
from emulator.views.happened import Advanced
from emulator.views.reproduction import write_reproduction
from emulator.web.control.context import Context, closed
from emulator.web.control.reading import read_bytes, read_object
from emulator.web.control.refusals import ControlError

CLOCK = closed(
    mode={"enum": ["real", "rate", "manual"]},
    now={"type": ["string", "integer"], "description": "ISO 8601, or milliseconds since 1970"},
    rate={"type": "number", "description": "sandbox time per real time; for the mode rate"},
)
NEW_SANDBOX = closed(
    required=("name",),
    name={"type": "string", "pattern": f"^{NAME.pattern}$"},
    seed={"type": ["string", "integer"]},
    clock=CLOCK,
    settings={"type": "object", "additionalProperties": {"type": "object"}},
    webhook_url={"type": ["string", "null"], "format": "uri"},
)
BUDGET = {
    "type": ["string", "number"],
    "default": f"{BUDGET_MS // 1000}s",
    "description": f"real time that this may take, at most {MAX_BUDGET_MS // 60_000}m; then the clock stops half-way",
}
CHANGED_CLOCK = {**CLOCK, "properties": {**CLOCK["properties"], "budget": BUDGET}}
ADVANCE = closed(
    by={"type": ["string", "number"], "description": "a duration, such as 30s"},
    to={"type": ["string", "integer"], "description": "an instant, such as 2026-01-05T12:00:00Z"},
    until={"const": "idle"},
    budget=BUDGET,
) | {"oneOf": [{"required": [name]} for name in ("by", "to", "until")]}


async def post_sandbox(context: Context, request: Request) -> Any:
    """Creates a sandbox: `{name, seed?, clock?: {mode, now?, rate?}, settings?, webhook_url?}`."""
    body = await read_object(request)
    name = body.get("name")
    if not isinstance(name, str) or not NAME.fullmatch(name):
        raise ControlError("bad-request", f"name must fit {NAME.pattern}")
    origin = read_origin(context, name, body)
    try:
        return _sandbox(context, request, await context.engine.sandboxes.create(name, origin))
    except NameTaken as error:
        way_out = "POST .../reset" if name == DEFAULT else "DELETE it, or POST .../reset"
        raise ControlError("sandbox-exists", f"{error}: {way_out}") from error
    except TooManySandboxes as error:
        raise ControlError("too-many-sandboxes", str(error)) from error


def read_origin(context: Context, name: str, body: Mapping[str, Any]) -> Origin:
    """What a new sandbox begins with, by the members of `POST sandboxes`; what is not given is as the server's options
    say. Raises ControlError."""
    first = context.engine.sandboxes.usual_origin(name)
    seed = body.get("seed", first.seed)
    clock = _clock(body.get("clock", {}), first)
    try:
        changed = read_settings(context.engine.library, body.get("settings", {}), first.settings)
        require_scenarios(context.engine.library, changed)
        context.engine.sandboxes.holders.require_free(name, changed)
    except ValueError as error:
        raise ControlError("bad-request", str(error)) from error
    settings = {each: first.settings.get(each, {}) | changed.get(each, {}) for each in {**first.settings, **changed}}
    if isinstance(seed, bool) or not isinstance(seed, (str, int)):
        raise ControlError("bad-request", "seed must be text or a whole number")
    webhook_url = body.get("webhook_url")
    if webhook_url is not None and not isinstance(webhook_url, str):
        raise ControlError("bad-request", "webhook_url must be text, like http://host/path")
    problem = url_problem(webhook_url)
    if problem is not None:
        raise ControlError("bad-request", f"webhook_url: {problem}")
    return Origin(str(seed), clock.mode, clock.rate, clock.now_ms, settings, webhook_url)


async def get_sandboxes(context: Context, request: Request) -> Any:
    """All sandboxes."""
    sandboxes = context.engine.sandboxes
    shown = []
    for name in [*sandboxes.names]:
        sandbox = await sandboxes.peek(name)
        if sandbox is not None:  # else it has gone meanwhile
            shown.append(_sandbox(context, request, sandbox))
    return {"sandboxes": shown}


async def get_sandbox(context: Context, request: Request) -> Any:
    """One sandbox, with credentials and base URLs."""
    return _sandbox(context, request, context.sandbox(request))


async def delete_sandbox(context: Context, request: Request) -> Any:
    """Removes a sandbox."""
    sandbox = context.sandbox(request)
    if sandbox.name == DEFAULT:
        raise ControlError("bad-request", "the default sandbox always exists: POST .../reset brings it back")
    await context.engine.sandboxes.forget(sandbox)


async def post_reset(context: Context, request: Request) -> Any:
    """Resets a sandbox to its initial state, in place."""
    sandbox = context.sandbox(request)
    await context.engine.sandboxes.reset(sandbox)
    return _sandbox(context, request, sandbox)


async def get_clock(context: Context, request: Request) -> Any:
    """The clock: `{mode, rate, now, now_ms}`."""
    return context.sandbox(request).clock.as_json(context.engine.real_ms())


async def put_clock(context: Context, request: Request) -> Any:
    """Changes the clock: `{mode?, rate?, now?, budget?}`; moving it forward runs everything that falls due on the
    way."""
    sandbox, body = context.sandbox(request), await read_object(request)
    budget_ms = _budget_ms(body.pop("budget", None))
    current = sandbox.clock
    wanted = _clock(body, Origin(sandbox.seed, current.mode, current.rate, None))
    if wanted.now_ms in (None, context.engine.now_ms(sandbox)):
        with context.engine.records.watched(sandbox, Advanced()) as happened:
            await context.engine.settle_in_turns(sandbox)
    else:
        happened = await _advance(context, sandbox, {"to": wanted.now_ms}, budget_ms)
    if happened.settled:
        real_ms = context.engine.real_ms()
        reached_ms = max(wanted.now_ms or 0, sandbox.clock.now_ms(real_ms))
        await context.engine.set_clock(sandbox, clock_at(wanted.mode, wanted.rate, reached_ms, real_ms))
    return await _read_clock(context, sandbox) | happened.as_json()


async def post_advance(context: Context, request: Request) -> Any:
    """Moves the clock: `{by}`, `{to}` or `{until: idle}`, and `budget?`; says what happened."""
    sandbox, body = context.sandbox(request), await read_object(request)
    budget_ms = _budget_ms(body.pop("budget", None))
    if len(body) != 1:
        raise ControlError("bad-request", 'write exactly one of {"by": "30s"}, {"to": instant}, {"until": "idle"}')
    happened = await _advance(context, sandbox, body, budget_ms)
    return {"now": (await _read_clock(context, sandbox))["now"]} | happened.as_json()


async def _read_clock(context: Context, sandbox: Sandbox) -> dict[str, Any]:
    return await context.engine.command(sandbox, lambda tx: sandbox.clock.as_json(tx.real_ms))


async def _advance(context: Context, sandbox: Sandbox, body: dict[str, Any], budget_ms: int) -> Advanced:
    try:
        return await context.engine.advance_from(sandbox, lambda now_ms: _until_ms(body, now_ms), budget_ms)
    except AdvanceUnderWay as error:
        message = (
            "another advance of this sandbox is waiting for the answer to a webhook: let it finish first; a receiver "
            "that wants to advance the clock must answer before it does"
        )
        raise ControlError("advance-under-way", message) from error


def _until_ms(body: dict[str, Any], now_ms: int) -> int | None:
    """The instant that `{by}`, `{to}` or `{until}` mean when it is `now_ms`; None: until nothing is due."""
    try:
        if "until" in body:
            if body["until"] != "idle":
                raise ValueError('until must be "idle"')
            return None
        until_ms = now_ms + read_duration_ms(body["by"]) if "by" in body else read_instant_ms(body["to"])
    except ValueError as error:
        raise ControlError("bad-request", str(error)) from error
    if until_ms < now_ms:
        raise ControlError("bad-request", f"time does not run backwards: it is {format_instant(now_ms)}; reset instead")
    if until_ms > LAST_INSTANT_MS:
        raise ControlError("bad-request", f"time ends at {format_instant(LAST_INSTANT_MS)}")
    return until_ms


def _budget_ms(value: Any) -> int:
    if value is None:
        return BUDGET_MS
    try:
        budget_ms = read_duration_ms(value)
    except ValueError as error:
        raise ControlError("bad-request", f"budget: {error}") from error
    if budget_ms > MAX_BUDGET_MS:
        raise ControlError("bad-request", f"budget must be at most {MAX_BUDGET_MS // 60_000}m of real time")
    return budget_ms


async def get_snapshot(context: Context, request: Request) -> Any:
    """The whole sandbox as one JSON document."""
    sandbox = context.sandbox(request)
    await context.engine.settle_in_turns(sandbox)
    return sandbox.snapshot()


async def put_snapshot(context: Context, request: Request) -> Any:
    """Restores a sandbox from a snapshot."""
    sandbox = context.sandbox(request)
    try:
        snapshot = read_snapshot(context.engine, sandbox.name, await read_bytes(request))
    except BadSnapshot as error:
        told = f"send what GET snapshot answered: {error}"
        raise ControlError("bad-request", told, pointer=error.pointer) from error
    await context.engine.sandboxes.restore(sandbox, snapshot)
    return _sandbox(context, request, sandbox)


async def get_reproduction(context: Context, request: Request) -> Any:
    """What the sandbox began with and all that was done in it, for `emulator reproduce`; secrets are left out."""
    sandbox = context.sandbox(request)
    document = sandbox.document(ORIGIN, ORIGIN)
    origin = decode_origin(document) if document is not None else Origin(sandbox.seed)
    recording = context.engine.records.recordings.find(sandbox.name)
    library = context.engine.library
    return write_reproduction(sandbox.name, origin, recording, credentials_of(sandbox, library), library.providers)


def _sandbox(context: Context, request: Request, sandbox: Sandbox) -> dict[str, Any]:
    return {
        "name": sandbox.name,
        "seed": sandbox.seed,
        "clock": sandbox.clock.as_json(context.engine.real_ms()),
        "orders": len(sandbox.tables[ORDERS]),
        "credentials": credentials_of(sandbox, context.engine.library),
        "urls": context.urls(request),
    }


def _clock(value: Any, first: Origin) -> Origin:
    """An origin with the clock that `{mode, now, rate}` describes; what is not given is as in `first`."""
    if not isinstance(value, dict) or not value.keys() <= CLOCK["properties"].keys():
        raise ControlError("bad-request", 'clock must be {"mode": "real" | "rate" | "manual", "now"?, "rate"?}')
    mode = value.get("mode", "rate" if "rate" in value else first.mode)
    if mode not in ("real", "rate", "manual"):
        raise ControlError("bad-request", "mode must be real, rate or manual")
    if "rate" in value and mode != "rate":
        raise ControlError("bad-request", f"rate is for the mode rate: leave it out, or the mode {mode}")
    rate = value.get("rate", first.rate)
    try:
        kept_rate = read_clock_rate(str(rate)) if mode == "rate" else "1"
        now_ms = read_instant_ms(value["now"]) if "now" in value else first.now_ms
    except ValueError as error:
        raise ControlError("bad-request", str(error)) from error
    return Origin(first.seed, mode, kept_rate, now_ms, first.settings)

"""Calls about orders: what is known of them, and making something happen; and the providers' commands."""

from typing import Any

from starlette.requests import Request

from emulator.core import events
from emulator.core.lifecycle import Event, IllegalEvent, Lifecycle
from emulator.core.provider import CommandRefused
from emulator.core.sandbox import ORDERS
from emulator.core.schema import Schema
from emulator.core.suggestion import did_you_mean, use_one_of
from emulator.happened import Happened
from emulator.story import summary, with_story
from emulator.web.control.desk import Desk
from emulator.web.control.reading import (
    PAGE_LIMIT,
    read_object,
    read_whole,
    require_provider,
    show_happened,
)
from emulator.web.control.refusals import ControlError

SELECTION = {
    "provider": "only orders of this provider",
    "status": "only orders in this status, by the provider's word",
    "limit": f"at most so many; without it {PAGE_LIMIT}",
}
EVENT = {
    "type": "object",
    "properties": {
        "event": {"type": "string", "description": "name of the event; its arguments are further members"},
        "to": {"type": "string", "description": "in place of an event: the status to go to"},
        "force": {"type": "boolean", "description": "with to: also where no event leads there"},
    },
}


async def get_orders(desk: Desk, request: Request) -> Any:
    """Orders; `provider`, `status` and `limit` select."""
    sandbox = desk.sandbox(request)
    await desk.world.settle(sandbox)
    provider, status = request.query_params.get("provider"), request.query_params.get("status")
    concerned = [require_provider(desk, provider)] if provider else list(desk.world.library.providers)
    if status:
        _require_status(desk, status, concerned)
    limit = read_whole(request, "limit", PAGE_LIMIT)
    tx = desk.world.transaction(sandbox)
    shown: list[dict[str, Any]] = []
    total = 0
    for order_id in sandbox.tables[ORDERS]:
        order = tx.order(order_id)
        if order is None or (provider and order.provider != provider) or (status and order.status != status):
            continue
        total += 1
        if len(shown) < limit:
            shown.append(summary(tx, order))
    return {"orders": shown, "total": total}


async def get_order(desk: Desk, request: Request) -> Any:
    """One order with its whole story."""
    sandbox = desk.sandbox(request)
    await desk.world.settle(sandbox)
    tx = desk.world.transaction(sandbox)
    order = tx.order(request.path_params["order"])
    if order is None:
        raise _unknown_order(request)
    return with_story(tx, order, desk.journal(sandbox))


async def post_event(desk: Desk, request: Request) -> Any:
    """Makes something happen to an order now: `{event, ...}` or `{to: STATUS, force?}`."""
    sandbox = desk.sandbox(request)
    await desk.world.settle(sandbox)
    body = await read_object(request)
    tx = await desk.world.begin(sandbox)
    order = tx.order(request.path_params["order"])
    if order is None:
        raise _unknown_order(request)
    lifecycle = desk.world.library.providers[order.provider].lifecycle
    name = ""
    try:
        if "to" in body:
            target, force = _target(lifecycle, body)
            events.move(tx, order, target, cause="control", force=force)
        elif isinstance(body.get("event"), str):
            name = body.pop("event")
            problem = lifecycle.events.get(name, Event(name, "of a scenario")).problem(body)
            if problem is not None:
                raise ControlError("bad-request", problem)
            events.fire(tx, order, name, body, cause="control")
        else:
            raise ControlError("bad-request", 'write {"event": name, ...} or {"to": status}')
    except IllegalEvent as error:
        legal = ", ".join(error.legal) or "none"
        meant = did_you_mean(name, lifecycle.events) if name not in lifecycle.events else ""
        told = f"{error}; possible now: {legal}{meant}"
        raise ControlError("illegal-event", told, legal=list(error.legal)) from error
    await desk.world.commit(sandbox, tx)
    happened = Happened()
    happened.add(tx.notes)
    kept = desk.world.transaction(sandbox).order(order.id) or order
    return summary(desk.world.transaction(sandbox), kept) | show_happened(happened)


async def post_command(desk: Desk, request: Request) -> Any:
    """Runs a command of a provider, which is about no order: its arguments are the body."""
    sandbox = desk.sandbox(request)
    await desk.world.settle(sandbox)
    commands = desk.world.library.providers[require_provider(desk, request.path_params["provider"])].commands
    command = commands.get(request.path_params["name"])
    if command is None:
        name = request.path_params["name"]
        good = use_one_of(name, list(commands)) if commands else "there are none"
        raise ControlError("unknown-command", f"no command {name!r}: {good}")
    arguments = await read_object(request)
    problems = [violation.message for violation in Schema(command.schema).violations(arguments)]
    if problems:
        raise ControlError("bad-request", f"{'; '.join(problems)}: {command.about}")
    tx = await desk.world.begin(sandbox)
    try:
        result = command.run(tx, arguments)
    except CommandRefused as error:
        raise ControlError("bad-request", str(error)) from error
    await desk.world.commit(sandbox, tx)
    happened = Happened()
    happened.add(tx.notes)
    return {"result": result} | show_happened(happened)


def _require_status(desk: Desk, status: str, providers: list[str]) -> None:
    known = {name: desk.world.library.providers[name].lifecycle.statuses for name in providers}
    if not any(status in statuses for statuses in known.values()):
        good = "; ".join(f"{name}: {', '.join(statuses)}" for name, statuses in known.items())
        meant = did_you_mean(status, [each for statuses in known.values() for each in statuses])
        raise ControlError("bad-request", f"no status {status!r}; there are {good}{meant}")


def _target(lifecycle: Lifecycle, body: dict[str, Any]) -> tuple[str, bool]:
    """The status that `{to, force?}` names, and whether to go there by force."""
    target, force = body["to"], body.get("force", False)
    if not isinstance(target, str) or target not in lifecycle.statuses:
        raise ControlError("bad-request", f"no status {target!r}: {use_one_of(target, list(lifecycle.statuses))}")
    if not isinstance(force, bool) or not body.keys() <= {"to", "force"}:
        raise ControlError("bad-request", 'write {"to": status} or {"to": status, "force": true}')
    return target, force


def _unknown_order(request: Request) -> ControlError:
    name = request.path_params["order"]
    return ControlError("unknown-order", f"no order {name!r} in this sandbox: GET .../orders lists them")

"""Calls about orders: what is known of them, and making something happen; and the providers' commands."""

from typing import Any

from starlette.requests import Request

from emulator.contract.command import CommandRefused
from emulator.contract.lifecycle import Event, IllegalEvent, Lifecycle
from emulator.contract.order import Order
from emulator.core import events
from emulator.core.problems import arguments_problem
from emulator.core.sandbox import ORDERS, Note
from emulator.core.suggestion import did_you_mean, use_one_of
from emulator.core.transaction import Transaction
from emulator.views.happened import Happened
from emulator.views.story import summary, with_story
from emulator.web.control.context import Context
from emulator.web.control.reading import (
    PAGE_LIMIT,
    problems_of,
    read_object,
    read_whole,
    require_provider,
)
from emulator.web.control.refusals import ControlError

SELECTION = {
    "provider": "only orders of this provider",
    "status": "only orders in this status, in the provider's own word",
    "limit": f"at most this many; without it, {PAGE_LIMIT}",
}
EVENT = {
    "type": "object",
    "properties": {
        "event": {"type": "string", "description": "name of the event; its arguments are further members"},
        "to": {"type": "string", "description": "instead of an event: the status to go to"},
        "force": {"type": "boolean", "description": "with `to`: even where no event leads there"},
    },
}


async def get_orders(context: Context, request: Request) -> Any:
    """Orders; `provider`, `status` and `limit` select."""
    sandbox = context.sandbox(request)
    await context.engine.settle_in_turns(sandbox)
    provider, status = request.query_params.get("provider"), request.query_params.get("status")
    concerned = [require_provider(context, provider)] if provider else list(context.providers)
    if status:
        _require_status(context, status, concerned)
    limit = read_whole(request, "limit", PAGE_LIMIT)
    tx = context.engine.transaction(sandbox)
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


async def get_order(context: Context, request: Request) -> Any:
    """One order with its full story."""
    sandbox = context.sandbox(request)
    await context.engine.settle_in_turns(sandbox)
    tx = context.engine.transaction(sandbox)
    order = require_order(tx, request.path_params["order"])
    return with_story(tx, order, context.journal(sandbox))


async def post_event(context: Context, request: Request) -> Any:
    """Makes something happen to an order now: `{event, ...}` or `{to: STATUS, force?}`."""
    sandbox, order_id, body = context.sandbox(request), request.path_params["order"], await read_object(request)
    await context.engine.settle_in_turns(sandbox)

    def decide(tx: Transaction) -> tuple[dict[str, Any], list[Note]]:
        order = require_order(tx, order_id)
        _fire(tx, order, body)
        return summary(tx, order), tx.notes

    happened = Happened()
    shown, notes = await context.engine.command(sandbox, decide)
    happened.add(notes)
    return shown | happened.as_json()


def _fire(tx: Transaction, order: Order, body: dict[str, Any]) -> None:
    """Makes happen to an order what a body asks for."""
    lifecycle = tx.provider(order.provider).lifecycle
    name = body.get("event")
    try:
        if "to" in body:
            target, force = _target(lifecycle, body)
            events.move(tx, order, target, cause="control", force=force, by_hand=True)
        elif isinstance(name, str):
            arguments = {member: value for member, value in body.items() if member != "event"}
            problem = arguments_problem(lifecycle.events.get(name, Event(name, "of a scenario")), arguments)
            if problem is not None:
                raise ControlError("bad-request", problem)
            events.fire(tx, order, name, arguments, cause="control", by_hand=True)
        else:
            raise ControlError("bad-request", 'write {"event": name, ...} or {"to": status}')
    except IllegalEvent as error:
        legal = ", ".join(error.legal) or "none"
        meant = did_you_mean(name, lifecycle.events) if isinstance(name, str) and name not in lifecycle.events else ""
        told = f"{error}; possible now: {legal}{meant}"
        raise ControlError("illegal-event", told, legal=list(error.legal)) from error


async def post_command(context: Context, request: Request) -> Any:
    """Runs a command of a provider, which is about no order: its arguments are the body."""
    sandbox = context.sandbox(request)
    arguments = await read_object(request)
    await context.engine.settle_in_turns(sandbox)
    commands = context.providers[require_provider(context, request.path_params["provider"])].commands
    command = commands.get(request.path_params["name"])
    if command is None:
        name = request.path_params["name"]
        good = use_one_of(name, list(commands)) if commands else "there are none"
        raise ControlError("unknown-command", f"no command {name!r}: {good}")
    problems = problems_of(command.schema, arguments)
    if problems:
        raise ControlError("bad-request", f"{'; '.join(problems)}: {command.about}")

    def decide(tx: Transaction) -> tuple[Any, list[Note]]:
        return command.run(tx, arguments), tx.notes

    happened = Happened()
    try:
        result, notes = await context.engine.command(sandbox, decide)
    except CommandRefused as error:
        raise ControlError("bad-request", str(error)) from error
    happened.add(notes)
    return {"result": result} | happened.as_json()


def _require_status(context: Context, status: str, providers: list[str]) -> None:
    known = {name: context.providers[name].lifecycle.statuses for name in providers}
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


def require_order(tx: Transaction, order_id: str) -> Order:
    """The order with this id. Refuses if there is none."""
    order = tx.order(order_id)
    if order is None:
        raise ControlError("unknown-order", f"no order {order_id!r} in this sandbox: GET .../orders lists them")
    return order

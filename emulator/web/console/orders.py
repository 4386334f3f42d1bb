"""The page of an order, and what can be done to it there."""

from collections.abc import Mapping
from typing import Any

from emulator.contract.lifecycle import Event
from emulator.contract.order import Order
from emulator.core.durations import LAST_INSTANT_MS, format_instant
from emulator.core.json_text import write_indented
from emulator.core.transaction import Transaction
from emulator.views.story import delivery_as_json, with_story
from emulator.web.console import commands
from emulator.web.console.course import Course, Fire, read_course
from emulator.web.console.drawing import draw
from emulator.web.console.fields import ARGUMENT, Field, read_value, write_field
from emulator.web.console.life import state_word
from emulator.web.console.marks import mark_of_delivery, mark_of_status
from emulator.web.console.story import name_next, tell
from emulator.web.console.visit import Shown, Visit, path_of
from emulator.web.control.orders import require_order

EVENT_FIELD = "event"
_MOST_WEBHOOKS = 20
_YEAR_2000_MS = 946_684_800_000
_MOST_LINES = 200


async def show_order(visit: Visit) -> Shown:
    """An order: what it is about and its status, its life, its story, its webhooks, its document."""
    await visit.context.engine.settle_in_turns(visit.sandbox)
    tx = visit.transaction()
    order = require_order(tx, visit.request.path_params["order"])
    provider = visit.providers[order.provider]
    lifecycle = provider.lifecycle
    shown = with_story(tx, order, visit.journal)
    course = read_course(tx, order)
    amount, unit = provider.amount(order)
    lines = tell(shown, lifecycle)
    chosen = _chosen_fire(visit, course)
    deliveries = _list_webhooks(tx, order)
    values = {
        "order": shown,
        "provider": provider.title,
        "amount": amount,
        "unit": unit,
        "mark": mark_of_status(lifecycle, order.status),
        "about": lifecycle.statuses[order.status].about,
        "course": course,
        "possible": _count_possible(course),
        "drawings": draw(course),
        "fire_path": visit.path("orders", order.id, "fire"),
        "journal_path": visit.path("journal", about=order.id),
        "order_path": visit.path("orders", order.id),
        "chosen": chosen,
        "fields": _list_fields(lifecycle.events.get(chosen.event), visit.form) if chosen is not None else [],
        "asking": {fire.event: visit.path("orders", order.id, fire=fire.event) for fire in course.fires},
        "lines": lines[:_MOST_LINES],
        "left_out": max(0, len(lines) - _MOST_LINES),
        "webhooks": deliveries[:_MOST_WEBHOOKS],
        "more_webhooks": max(0, len(deliveries) - _MOST_WEBHOOKS),
        "facts": _facts(shown),
        "document": [
            (name, _as_text(value), _as_moment(name, value))
            for name, value in shown["fields"].items()
            if value is not None
        ],
        "taken": _take_along(visit, order, course, chosen),
    }
    state = f"{order.status}: {lifecycle.statuses[order.status].about}"
    return Shown(
        "order.html", f"{' '.join(filter(None, (amount, unit))) or order.id}, {order.status}", values, order=order.id,
        state=state, path=path_of("orders", order.id),
    )  # fmt: skip


async def fire(visit: Visit) -> str:
    """Makes an event happen to an order; gives the path of its page."""
    order_id = visit.request.path_params["order"]
    order = require_order(visit.transaction(), order_id)
    name = visit.form.get(EVENT_FIELD, "")
    event = visit.providers[order.provider].lifecycle.events.get(name)
    arguments = read_arguments(event, visit.form) if event is not None else {}
    await visit.call("POST", "orders/{order}/events", {"event": name, **arguments}, order=order_id)
    return visit.path("orders", order_id)


def read_arguments(event: Event, form: Mapping[str, str]) -> dict[str, Any]:
    """The arguments in a form, each as its schema wants it; what was left empty is not given."""
    arguments: dict[str, Any] = {}
    for name, schema in (event.arguments or {}).items():
        text = form.get(ARGUMENT + name, "").strip()
        if text:
            arguments[name] = read_value(schema, text)
    return arguments


def _chosen_fire(visit: Visit, course: Course) -> Fire | None:
    """The event whose form is open: the one that was asked for, or was sent and refused."""
    name = visit.form.get(EVENT_FIELD) or visit.asked.get("fire")
    return next((fire for fire in course.fires if fire.event == name), None)


def _list_fields(event: Event | None, typed: Mapping[str, str]) -> list[Field]:
    arguments = (event.arguments or {}) if event is not None else {}
    return [write_field(name, schema, typed.get(ARGUMENT + name, "")) for name, schema in arguments.items()]


def _count_possible(course: Course) -> str:
    number = sum(fire.sure for fire in course.fires)
    return f"{number or 'no'} {'event is' if number == 1 else 'events are'} possible now"


def _list_webhooks(tx: Transaction, order: Order) -> list[dict[str, Any]]:
    """The webhooks of an order, those made last first."""
    found = [
        {
            **delivery_as_json(each), "mark": mark_of_delivery(each), "word": state_word(each),
            "path": path_of("webhooks", each.id),
        }
        for each in tx.deliveries() if each.order_id == order.id
    ]  # fmt: skip
    return found[::-1]


def _facts(shown: Mapping[str, Any]) -> list[tuple[str, str, str]]:
    """What is above the drawing: label, figure, and what else there is to say."""
    after = shown["next"]
    facts = [("Created", shown["created_at"][11:19], shown["created_at"][:10])]
    if shown["updated_at"] != shown["created_at"]:
        facts.append(("Last change", shown["updated_at"][11:19], shown["updated_at"][:10]))
    if after is None:
        facts.append(("Next", "Nothing", "this status is final" if shown["final"] else "until somebody does something"))
    elif after["what"] == "event":
        facts.append(("Next", after["event"], "when it happens"))
    elif after["what"] == "reads":
        facts.append(("Next", f"{after['reads']} reads", "of the client"))
    else:
        facts.append(("Next", name_next(after), f"at {after['at'][11:19]}"))
    return facts


def _as_text(value: Any) -> str:
    """A member for people: a text as it is, what has parts with a line for each."""
    return value if isinstance(value, str) else write_indented(value)


def _as_moment(name: str, value: Any) -> str:
    """When that is, of a member that counts milliseconds since 1970; empty of any other."""
    is_moment = name.endswith("_ms") and isinstance(value, int) and _YEAR_2000_MS < value <= LAST_INSTANT_MS
    return format_instant(value) if is_moment else ""


def _take_along(visit: Visit, order: Order, course: Course, chosen: Fire | None) -> list[tuple[str, Any]]:
    """What can be done here, as texts to copy."""
    arguments: dict[str, Any] = {}
    event = visit.providers[order.provider].lifecycle.events.get(chosen.event) if chosen else None
    if event is not None:
        for name in event.arguments or {}:
            if typed := visit.form.get(ARGUMENT + name):
                arguments[name] = typed
    taken = [("Read it", commands.write_order(visit.control, order.id))]
    taken += [
        (f"Fire {fire.event}", commands.write_event(
            visit.control, order.id, fire.event, arguments if chosen is not None and fire.event == chosen.event else {}
        ))
        for fire in course.fires
    ]  # fmt: skip
    return taken

"""Making an order: the usual request of a provider, with whatever members somebody changes."""

from typing import Any

from emulator.contract.card import Provider
from emulator.contract.command import CommandRefused
from emulator.contract.order_request import OrderRequest
from emulator.core.call import SCENARIO_HEADER
from emulator.core.order_request import write_order_request
from emulator.web.console import commands
from emulator.web.console.commands import Taken
from emulator.web.console.fields import MEMBER, Field, read_value, write_value
from emulator.web.console.visit import Shown, Visit
from emulator.web.control.reading import require_provider
from emulator.web.control.refusals import ControlError


async def show_new(visit: Visit) -> Shown:
    """The form, with the usual request of a provider and kind in it."""
    makers = {name: each for name, each in visit.providers.items() if each.order_request is not None}
    name, scenario = visit.choose("maker", makers), visit.asked.get("scenario", "")
    usual = makers[name].order_request
    if usual is None:
        raise ControlError("bad-request", f"it is not known how to make an order of {name}")
    kind = visit.choose("kind", usual.bodies)
    body, reason = _usual_body(visit, usual, kind)
    members = [Field(key, visit.form.get(MEMBER + key, write_value(value))) for key, value in body.items()]
    scenarios = sorted(visit.transaction().scenarios(name).by_name.values(), key=lambda each: each.name)
    values = {
        "of_providers": visit.list_choices("new", "maker", makers, name),
        "maker": name,
        "maker_title": makers[name].title,
        "kinds_of_order": [
            (each, visit.path("new", maker=name, kind=each), each == kind) for each in usual.bodies
        ],
        "kind": kind,
        "scenarios": [(each.name, each.about) for each in scenarios],
        "scenario": scenario,
        "members": members,
        "reason": reason,
        "new_path": visit.path("new"),
        "snippets": () if reason else _take_along(visit, makers[name], kind, body, scenario),
    }  # fmt: skip
    return Shown("new.html", f"New order of {makers[name].title}", values, path="new")


async def make(visit: Visit) -> str:
    """Makes the order of the form; gives the path of its page."""
    provider = require_provider(visit.context, visit.form.get("maker", ""))
    usual = visit.providers[provider].order_request
    given = {name: visit.form[name] for name in ("kind", "scenario") if visit.form.get(name)}
    wanted: dict[str, Any] = {"provider": provider, **given}
    if usual is not None:
        wanted["body"] = _read_members(visit, usual, wanted.get("kind") or next(iter(usual.bodies)))
    made = await visit.call("POST", "orders", wanted)
    return visit.path("orders", made["id"])


def _usual_body(visit: Visit, usual: OrderRequest, kind: str) -> tuple[dict[str, Any], str]:
    """The members of the usual request, none if there is no such kind of order or request now; and why not."""
    try:
        return (dict(usual.bodies[kind](visit.transaction())) if kind in usual.bodies else {}), ""
    except CommandRefused as error:
        return {}, str(error)


def _read_members(visit: Visit, usual: OrderRequest, kind: str) -> dict[str, Any]:
    """The members that are not as usual; null for one that was left empty, which removes it."""
    body, _ = _usual_body(visit, usual, kind)
    changed: dict[str, Any] = {}
    for name, value in body.items():
        text = visit.form.get(MEMBER + name)
        if text is not None and text != write_value(value):
            schema = {"type": "string"} if isinstance(value, str) else {}
            changed[name] = read_value(schema, text) if text else None
    return changed


def _take_along(visit: Visit, card: Provider, kind: str, body: dict[str, Any], scenario: str) -> tuple[Taken, ...]:
    """The usual request as a client sends it, signed now; and the same for a test."""
    base_url = visit.context.urls(visit.request)[card.name]
    try:
        written = write_order_request(visit.transaction(), card, kind, body, base_url)
    except CommandRefused:
        return ()
    headers = dict(written.headers) | ({SCENARIO_HEADER: scenario} if scenario else {})
    wanted = {"provider": card.name} | ({"kind": kind} if kind else {}) | ({"scenario": scenario} if scenario else {})
    control = commands.write_call(f"{visit.control}/orders", wanted)
    url = base_url + written.path
    return (*commands.write_request(written.method, url, headers, written.body.decode()), control)

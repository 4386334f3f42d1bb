"""The control API: JSON under `/_emulator`. Each handler is one call of the table at the end of this file."""

import logging
import secrets
from collections.abc import Awaitable, Callable
from typing import Any
from urllib.parse import urlsplit

from starlette.applications import Starlette
from starlette.requests import ClientDisconnect, Request
from starlette.responses import HTMLResponse, Response
from starlette.routing import Mount, Route
from starlette.types import ASGIApp, Receive, Scope, Send

from emulator import __version__, files, wall
from emulator.core import events, faults, wire
from emulator.core.clock import clock_at, parse_rate
from emulator.core.durations import LAST_INSTANT_MS, format_instant, parse_duration_ms, parse_instant_ms
from emulator.core.journal import Journal, as_json
from emulator.core.lifecycle import Event, IllegalEvent, Lifecycle
from emulator.core.match import BadCondition, difference, parse_conditions
from emulator.core.provider import CommandRefused
from emulator.core.sandbox import DEFAULT_SCENARIOS, ORDERS, SCENARIOS, Sandbox
from emulator.core.scenario import BrokenScenario
from emulator.core.schema import Schema
from emulator.credentials import credentials_of
from emulator.describe import describe
from emulator.openapi import control_openapi, openapi
from emulator.snapshots import read_snapshot
from emulator.story import delivery_as_json, summary, with_story
from emulator.web.app import Addresses
from emulator.web.pages import docs_page
from emulator.world import NAME, Happened, Origin, World, parse_settings

BODY_LIMIT = 256 * 1024 * 1024
PAGE_LIMIT = 1000
MAX_WAIT_MS = 60_000

ERRORS = {
    "bad-request": 400,
    "bad-json": 400,
    "unauthorized": 401,
    "not-found": 404,
    "unknown-sandbox": 404,
    "unknown-order": 404,
    "unknown-provider": 404,
    "unknown-command": 404,
    "unknown-scenario": 404,
    "unknown-webhook": 404,
    "unknown-fault": 404,
    "method-not-allowed": 405,
    "sandbox-exists": 409,
    "illegal-event": 409,
    "broken-scenario": 422,
    "internal": 500,
    "not-ready": 503,
}
_OPEN_PATHS = ("/_emulator/health", "/_emulator/ready")
"""What probes ask, which have no token."""

log = logging.getLogger("emulator")


class ControlError(Exception):
    """A refusal of the control API: a name of ERRORS, and what to do about it."""

    def __init__(self, error: str, message: str, **more: Any) -> None:
        super().__init__(message)
        self.error = error
        self.message = message
        self.more = more


class Control:
    """An ASGI application: the control API of one world."""

    def __init__(self, world: World, token: str | None = None) -> None:
        self.world = world
        self.ready = False
        self.addresses = Addresses("127.0.0.1", 0, {})
        self._token = token
        routes = _routes(self)
        self._app = Starlette(
            routes=[Mount("/_emulator", routes=routes), Route("/_emulator", _endpoint(self, {}))],
            exception_handlers={404: _nowhere},
        )

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        try:
            self._authorize(scope)
        except ControlError as error:
            await _error(error)(scope, receive, send)
            return
        await self._app(scope, receive, send)

    def _authorize(self, scope: Scope) -> None:
        if self._token is None or scope["path"] in _OPEN_PATHS:
            return
        sent = dict(scope["headers"]).get(b"authorization", b"")
        if not secrets.compare_digest(sent, f"Bearer {self._token}".encode()):
            raise ControlError("unauthorized", "send Authorization: Bearer with the token given to --control-token")

    def sandbox(self, request: Request) -> Sandbox:
        """The sandbox that the path names."""
        name = request.path_params["sandbox"]
        found = self.world.sandboxes.get(name)
        if found is None:
            raise ControlError("unknown-sandbox", f"no sandbox {name!r}: POST /_emulator/sandboxes creates one")
        return found

    def journal(self, sandbox: Sandbox) -> Journal:
        """The journal of a sandbox."""
        return self.world.journals[sandbox.name]


# -- the server


async def get_health(control: Control, request: Request) -> Any:
    """Alive: `{status: ok}`."""
    return {"status": "ok"}


async def get_ready(control: Control, request: Request) -> Any:
    """200 when it can serve, else 503."""
    if not control.ready:
        raise ControlError("not-ready", "the emulator is starting or stopping")
    return {"status": "ready"}


async def get_version(control: Control, request: Request) -> Any:
    """Name and version."""
    return {"name": "payment-provider-emulator", "version": __version__}


async def get_providers(control: Control, request: Request) -> Any:
    """What each provider has: base URL, endpoints, statuses, transitions, events, errors, settings, scenarios."""
    library, urls = control.world.library, control.addresses.urls()
    return {
        "providers": {
            name: describe(provider, library.shipped[name], urls.get(name))
            for name, provider in library.providers.items()
        }
    }


async def get_own_openapi(control: Control, request: Request) -> Any:
    """The OpenAPI 3.1 document of this control API."""
    return control_openapi(_CALLS, control.addresses.control)


async def get_docs(control: Control, request: Request) -> Any:
    """These calls as a page."""
    calls = [(method, path, handler.__doc__ or "") for method, path, handler in _CALLS]
    return HTMLResponse(docs_page(calls, list(control.world.library.providers)))


async def get_openapi(control: Control, request: Request) -> Any:
    """The OpenAPI 3.1 document of a provider, `<provider>.json`."""
    name = _provider(control, request.path_params["document"].removesuffix(".json"))
    return openapi(control.world.library.providers[name], control.addresses.urls().get(name))


# -- sandboxes


async def post_sandbox(control: Control, request: Request) -> Any:
    """Creates a sandbox: `{name, seed?, clock?: {mode, now?, rate?}, settings?, webhook_url?}`."""
    body = await _object(request, {"name", "seed", "clock", "settings", "webhook_url"})
    name = body.get("name")
    if not isinstance(name, str) or not NAME.fullmatch(name):
        raise ControlError("bad-request", f"name must fit {NAME.pattern}")
    if name in control.world.sandboxes:
        raise ControlError("sandbox-exists", f"there is a sandbox {name!r} already: DELETE it, or POST .../reset")
    first = control.world.first_of(name)
    seed = body.get("seed", first.seed)
    clock = _clock(body.get("clock", {}), first)
    try:
        changed = parse_settings(control.world.library, body.get("settings", {}))
    except ValueError as error:
        raise ControlError("bad-request", str(error)) from error
    settings = {each: first.settings.get(each, {}) | changed.get(each, {}) for each in {**first.settings, **changed}}
    if isinstance(seed, bool) or not isinstance(seed, (str, int)):
        raise ControlError("bad-request", "seed must be a text or a whole number")
    webhook_url = body.get("webhook_url")
    if webhook_url is not None and not (isinstance(webhook_url, str) and _is_http_url(webhook_url)):
        raise ControlError("bad-request", "webhook_url must be an http(s) URL")
    origin = Origin(str(seed), clock.mode, clock.rate, clock.now_ms, settings, webhook_url)
    return 201, _sandbox(control, await control.world.create(name, origin))


async def get_sandboxes(control: Control, request: Request) -> Any:
    """All sandboxes."""
    return {"sandboxes": [_sandbox(control, sandbox) for sandbox in control.world.sandboxes.values()]}


async def get_sandbox(control: Control, request: Request) -> Any:
    """One sandbox, with credentials and base URLs."""
    return _sandbox(control, control.sandbox(request))


async def delete_sandbox(control: Control, request: Request) -> Any:
    """Forgets a sandbox."""
    sandbox = control.sandbox(request)
    if sandbox.name == "default":
        raise ControlError("bad-request", "the default sandbox always exists: POST .../reset brings it back")
    await control.world.forget(sandbox)
    return None


async def post_reset(control: Control, request: Request) -> Any:
    """Brings a sandbox back to its first state, in place."""
    sandbox = control.sandbox(request)
    await control.world.reset(sandbox)
    return _sandbox(control, sandbox)


# -- the clock


async def get_clock(control: Control, request: Request) -> Any:
    """The clock: `{mode, rate, now, now_ms}`."""
    return control.sandbox(request).clock.as_json(control.world.real_ms())


async def put_clock(control: Control, request: Request) -> Any:
    """Changes the clock: `{mode?, rate?, now?}`; going ahead lets everything happen on the way."""
    sandbox = control.sandbox(request)
    current = sandbox.clock
    held = Origin(sandbox.seed, current.mode, current.rate, None)
    wanted = _clock(await _object(request, {"mode", "rate", "now"}), held)
    real_ms = control.world.real_ms()
    now_ms = current.now_ms(real_ms)
    target_ms = now_ms if wanted.now_ms is None else wanted.now_ms
    if target_ms < now_ms:
        raise ControlError("bad-request", f"time does not run backwards: it is {format_instant(now_ms)}; reset instead")
    happened = await control.world.advance(sandbox, target_ms)
    real_ms = control.world.real_ms()
    reached_ms = max(target_ms, sandbox.clock.now_ms(real_ms))
    await control.world.set_clock(sandbox, clock_at(wanted.mode, wanted.rate, reached_ms, real_ms))
    return sandbox.clock.as_json(real_ms) | _happened(happened)


async def post_advance(control: Control, request: Request) -> Any:
    """Moves the clock: `{by}`, `{to}` or `{until: idle}`; says what happened."""
    sandbox = control.sandbox(request)
    body = await _object(request, {"by", "to", "until"})
    if len(body) != 1:
        raise ControlError("bad-request", 'write exactly one of {"by": "30s"}, {"to": instant}, {"until": "idle"}')
    now_ms = sandbox.clock.now_ms(control.world.real_ms())
    until_ms: int | None
    try:
        if "until" in body:
            if body["until"] != "idle":
                raise ValueError('until must be "idle"')
            until_ms = None
        elif "by" in body:
            until_ms = now_ms + parse_duration_ms(body["by"])
        else:
            until_ms = parse_instant_ms(body["to"])
    except ValueError as error:
        raise ControlError("bad-request", str(error)) from error
    if until_ms is not None and until_ms < now_ms:
        raise ControlError("bad-request", f"time does not run backwards: it is {format_instant(now_ms)}")
    if until_ms is not None and until_ms > LAST_INSTANT_MS:
        raise ControlError("bad-request", f"time ends at {format_instant(LAST_INSTANT_MS)}")
    happened = await control.world.advance(sandbox, until_ms)
    return {"now": sandbox.clock.as_json(control.world.real_ms())["now"]} | _happened(happened)


# -- orders


async def get_orders(control: Control, request: Request) -> Any:
    """Orders; `provider`, `status` and `limit` select."""
    sandbox = control.sandbox(request)
    await control.world.settle(sandbox)
    provider, status = request.query_params.get("provider"), request.query_params.get("status")
    limit = _whole(request, "limit", PAGE_LIMIT)
    tx = control.world.transaction(sandbox)
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


async def get_order(control: Control, request: Request) -> Any:
    """One order with its whole story."""
    sandbox = control.sandbox(request)
    await control.world.settle(sandbox)
    tx = control.world.transaction(sandbox)
    order = tx.order(request.path_params["order"])
    if order is None:
        raise _unknown_order(request)
    return with_story(tx, order, control.journal(sandbox))


async def post_event(control: Control, request: Request) -> Any:
    """Makes something happen to an order now: `{event, ...}` or `{to: STATUS, force?}`."""
    sandbox = control.sandbox(request)
    await control.world.settle(sandbox)
    body = await _object(request)
    tx = control.world.transaction(sandbox)
    order = tx.order(request.path_params["order"])
    if order is None:
        raise _unknown_order(request)
    lifecycle = control.world.library.providers[order.provider].lifecycle
    try:
        if "to" in body:
            target, force = _target(lifecycle, body)
            events.move(tx, order, target, cause="control", force=force)
        elif isinstance(body.get("event"), str):
            name = body.pop("event")
            _check_arguments(lifecycle.events.get(name), body)
            events.fire(tx, order, name, body, cause="control")
        else:
            raise ControlError("bad-request", 'write {"event": name, ...} or {"to": status}')
    except IllegalEvent as error:
        legal = ", ".join(error.legal) or "none"
        raise ControlError("illegal-event", f"{error}; possible now: {legal}", legal=list(error.legal)) from error
    await control.world.commit(sandbox, tx)
    happened = Happened()
    happened.add(tx.notes)
    kept = control.world.transaction(sandbox).order(order.id) or order
    return summary(control.world.transaction(sandbox), kept) | _happened(happened)


async def post_command(control: Control, request: Request) -> Any:
    sandbox = control.sandbox(request)
    await control.world.settle(sandbox)
    commands = control.world.library.providers[_provider(control, request.path_params["provider"])].commands
    command = commands.get(request.path_params["name"])
    if command is None:
        known = ", ".join(commands) or "none"
        raise ControlError("unknown-command", f"no command {request.path_params['name']!r}; there are: {known}")
    arguments = await _object(request)
    problems = [violation.message for violation in Schema(command.schema).violations(arguments)]
    if problems:
        raise ControlError("bad-request", f"{'; '.join(problems)}: {command.about}")
    tx = control.world.transaction(sandbox)
    try:
        result = command.run(tx, arguments)
    except CommandRefused as error:
        raise ControlError("bad-request", str(error)) from error
    await control.world.commit(sandbox, tx)
    happened = Happened()
    happened.add(tx.notes)
    return {"result": result} | _happened(happened)


def _target(lifecycle: Lifecycle, body: dict[str, Any]) -> tuple[str, bool]:
    """The status that `{to, force?}` names, and whether to go there by force."""
    target, force = body["to"], body.get("force", False)
    if not isinstance(target, str) or target not in lifecycle.statuses:
        raise ControlError("bad-request", f"no status {target!r}: use one of {', '.join(lifecycle.statuses)}")
    if not isinstance(force, bool) or not body.keys() <= {"to", "force"}:
        raise ControlError("bad-request", 'write {"to": status} or {"to": status, "force": true}')
    return target, force


def _check_arguments(event: Event | None, arguments: dict[str, Any]) -> None:
    """Refuses arguments that the event does not take. An event that only a scenario knows takes none."""
    properties = dict(event.arguments or {}) if event else {}
    schema = Schema({"type": "object", "properties": properties, "additionalProperties": False})
    problems = [violation.message for violation in schema.violations(arguments)]
    if problems:
        takes = ", ".join(properties) or "no arguments"
        raise ControlError("bad-request", f"{'; '.join(problems)}: this event takes {takes}")


# -- the journal


async def get_journal(control: Control, request: Request) -> Any:
    """The journal; `kind`, `order`, `provider`, `after` and `limit` select."""
    journal = control.journal(control.sandbox(request))
    query = request.query_params
    limit = _whole(request, "limit", PAGE_LIMIT)
    after = _whole(request, "after", 0)
    found = journal.entries(query.get("kind"), query.get("order"), query.get("provider"), after)
    shown = [as_json(entry) for _, entry in zip(range(limit), found, strict=False)]
    return {"entries": shown, "evicted": journal.evicted.total()}


async def post_count(control: Control, request: Request) -> Any:
    """Counts journal entries that match: `{match}`; `complete` says whether none can be missing."""
    body = await _object(request, {"match"})
    match = body.get("match", {})
    if not isinstance(match, dict):
        raise ControlError("bad-request", 'match must be an object, as {"kind": "request", "body.amountFrom": "151"}')
    try:
        count, complete = control.journal(control.sandbox(request)).count(parse_conditions(match))
    except BadCondition as error:
        raise ControlError("bad-request", str(error)) from error
    return {"count": count, "complete": complete}


# -- faults


async def get_faults(control: Control, request: Request) -> Any:
    """The fault rules."""
    tx = control.world.transaction(control.sandbox(request))
    return {"faults": [{"id": rule_id, **rule} for rule_id, rule in faults.sandbox_rules(tx)]}


async def post_fault(control: Control, request: Request) -> Any:
    """Adds a fault rule: `{fault, when?, provider?, endpoint?, event?, order?, match?, times?, chance?, ...}`."""
    sandbox = control.sandbox(request)
    rule = await _object(request)
    try:
        faults.check_rule(rule, control.world.library.providers)
    except faults.BadRule as error:
        raise ControlError("bad-request", str(error)) from error
    tx = control.world.transaction(sandbox)
    rule_id = f"flt_{tx.chance.hexadecimal(12)}"
    tx.put(faults.TABLE, rule_id, rule)
    await control.world.commit(sandbox, tx)
    return 201, {"id": rule_id, **rule}


async def delete_faults(control: Control, request: Request) -> Any:
    """Removes one fault rule, or all."""
    sandbox = control.sandbox(request)
    tx = control.world.transaction(sandbox)
    wanted = request.path_params.get("fault")
    known = [rule_id for rule_id, _ in faults.sandbox_rules(tx)]
    if wanted is not None and wanted not in known:
        raise ControlError("unknown-fault", f"no fault {wanted!r} in this sandbox: GET .../faults lists them")
    for rule_id in known if wanted is None else [wanted]:
        tx.forget(faults.TABLE, rule_id)
    await control.world.commit(sandbox, tx)
    return None


# -- webhooks


async def get_webhooks(control: Control, request: Request) -> Any:
    """Webhooks with every attempt; `order` selects."""
    sandbox = control.sandbox(request)
    order = request.query_params.get("order")
    found = control.world.transaction(sandbox).deliveries()
    return {"webhooks": [delivery_as_json(each) for each in found if order is None or each.order_id == order]}


async def post_replay(control: Control, request: Request) -> Any:
    """Sends a webhook again, and says what came of it."""
    sandbox = control.sandbox(request)
    tx = control.world.transaction(sandbox)
    name = request.path_params["webhook"]
    first = tx.delivery(name)
    if first is None:
        raise ControlError("unknown-webhook", f"no webhook {name!r} in this sandbox: GET .../webhooks lists them")
    again = tx.deliver(first.provider, first.event, first.url, first.order_id, first.fields, retries=first.retries)
    await control.world.commit(sandbox, tx)
    return delivery_as_json(await control.world.outbox.complete(sandbox, again.id) or again)


async def post_wait(control: Control, request: Request) -> Any:
    """Waits by real time until webhooks have been sent: `{count?, match?, timeout?}`."""
    sandbox = control.sandbox(request)
    body = await _object(request, {"count", "match", "timeout"})
    count, match = body.get("count", 1), body.get("match", {})
    if isinstance(count, bool) or not isinstance(count, int) or count < 0 or not isinstance(match, dict):
        raise ControlError(
            "bad-request", 'write {"count": 2, "match": {"order": id}, "timeout": "5s"}; all may be left out'
        )
    try:
        conditions = parse_conditions(match)
        timeout_ms = parse_duration_ms(body.get("timeout", "10s"))
    except (BadCondition, ValueError) as error:
        raise ControlError("bad-request", str(error)) from error
    if timeout_ms > MAX_WAIT_MS:
        raise ControlError("bad-request", f"timeout must be at most {MAX_WAIT_MS // 1000}s of real time")
    until_ms = wall.stopwatch_ms() + timeout_ms
    while True:
        await control.world.settle(sandbox)
        shown = [delivery_as_json(each) for each in control.world.transaction(sandbox).deliveries()]
        found = [each for each in shown if each["attempts"] and not difference(each, conditions)]
        left_ms = until_ms - wall.stopwatch_ms()
        if len(found) >= count or left_ms <= 0:
            return {"complete": len(found) >= count, "count": len(found), "webhooks": found}
        await control.world.outbox.news(left_ms)


# -- settings and scenarios


async def get_settings(control: Control, request: Request) -> Any:
    """Every setting of every provider."""
    sandbox = control.sandbox(request)
    return {name: dict(sandbox.settings(card)) for name, card in control.world.library.providers.items()}


async def put_settings(control: Control, request: Request) -> Any:
    """Changes settings: `{provider: {setting: value}}`; what is not named stays."""
    sandbox = control.sandbox(request)
    try:
        changed = parse_settings(control.world.library, await _object(request))
    except ValueError as error:
        raise ControlError("bad-request", str(error)) from error
    tx = control.world.transaction(sandbox)
    for provider, values in changed.items():
        tx.change_settings(provider, values)
    await control.world.commit(sandbox, tx)
    return await get_settings(control, request)


async def get_scenarios(control: Control, request: Request) -> Any:
    """The scenarios by provider."""
    sandbox = control.sandbox(request)
    tx = control.world.transaction(sandbox)
    own = sandbox.tables.get(SCENARIOS, {})
    return {
        "scenarios": {
            provider: [
                {
                    "name": scenario.name,
                    "about": scenario.about,
                    "match": dict(scenario.document.get("match", {})),
                    "default": (tx.get(DEFAULT_SCENARIOS, provider) or {}).get("name") == scenario.name,
                    "own": f"{provider}/{scenario.name}" in own,
                }
                for scenario in sorted(tx.scenarios(provider).by_name.values(), key=lambda each: each.name)
            ]
            for provider in control.world.library.providers
        }
    }


async def put_scenario(control: Control, request: Request) -> Any:
    """Adds a scenario, as YAML or JSON."""
    sandbox = control.sandbox(request)
    provider, name = _provider(control, request.path_params["provider"]), request.path_params["name"]
    if not NAME.fullmatch(name):
        raise ControlError("bad-request", f"the name of a scenario must fit {NAME.pattern}")
    try:
        text = (await _bytes(request)).decode()
        document = files.read_yaml(text)
        scenario = control.world.library.parse(provider, name, document)
    except (files.UnreadableFile, UnicodeDecodeError) as error:
        raise ControlError("broken-scenario", str(error)) from error
    except BrokenScenario as error:
        problems = [
            {"path": list(problem.path), "line": files.line_of(text, problem.path), "message": problem.message}
            for problem in error.problems
        ]
        raise ControlError("broken-scenario", str(error), problems=problems) from error
    tx = control.world.transaction(sandbox)
    tx.put(SCENARIOS, f"{provider}/{name}", document)
    await control.world.commit(sandbox, tx)
    return {"provider": provider, "name": name, "about": scenario.about}


async def put_default_scenario(control: Control, request: Request) -> Any:
    """Chooses what orders get for which nobody chooses: `{provider: name}`; null chooses none."""
    sandbox = control.sandbox(request)
    tx = control.world.transaction(sandbox)
    for provider, name in (await _object(request)).items():
        available = tx.scenarios(_provider(control, provider)).by_name
        if name is None:
            tx.forget(DEFAULT_SCENARIOS, provider)
        elif isinstance(name, str) and name in available:
            tx.put(DEFAULT_SCENARIOS, provider, {"name": name})
        else:
            known = ", ".join(sorted(available))
            raise ControlError("unknown-scenario", f"{provider} has no scenario {name!r}: use one of {known}")
    await control.world.commit(sandbox, tx)
    tx = control.world.transaction(sandbox)
    chosen = {name: tx.get(DEFAULT_SCENARIOS, name) for name in control.world.library.providers}
    return {provider: document["name"] for provider, document in chosen.items() if document}


# -- snapshots


async def get_snapshot(control: Control, request: Request) -> Any:
    """The whole sandbox as one JSON document."""
    sandbox = control.sandbox(request)
    await control.world.settle(sandbox)
    return sandbox.snapshot()


async def put_snapshot(control: Control, request: Request) -> Any:
    """Restores a sandbox from a snapshot."""
    sandbox = control.sandbox(request)
    try:
        snapshot = read_snapshot(control.world.library, await _bytes(request))
    except ValueError as error:
        raise ControlError("bad-request", f"send what GET snapshot has given: {error}") from error
    await control.world.restore(sandbox, snapshot)
    return _sandbox(control, sandbox)


# -- reading requests, showing things


def _sandbox(control: Control, sandbox: Sandbox) -> dict[str, Any]:
    return {
        "name": sandbox.name,
        "seed": sandbox.seed,
        "clock": sandbox.clock.as_json(control.world.real_ms()),
        "orders": len(sandbox.tables[ORDERS]),
        "credentials": credentials_of(sandbox.name, control.world.library.providers),
        "urls": control.addresses.urls(),
    }


def _happened(happened: Happened) -> dict[str, Any]:
    shown: dict[str, Any] = {"happened": happened.items}
    return shown | {"omitted": happened.omitted} if happened.omitted else shown


def _clock(value: Any, first: Origin) -> Origin:
    """An origin with the clock that `{mode, now, rate}` describes; what is not given is as in `first`."""
    if not isinstance(value, dict) or not value.keys() <= {"mode", "now", "rate"}:
        raise ControlError("bad-request", 'clock must be {"mode": "real" | "rate" | "manual", "now"?, "rate"?}')
    mode = value.get("mode", "rate" if "rate" in value else first.mode)
    if mode not in ("real", "rate", "manual"):
        raise ControlError("bad-request", "mode must be real, rate or manual")
    rate = value.get("rate", first.rate if mode == "rate" else 1)
    try:
        kept_rate = parse_rate(str(rate)) if mode == "rate" else "1"
        now_ms = parse_instant_ms(value["now"]) if "now" in value else first.now_ms
    except ValueError as error:
        raise ControlError("bad-request", str(error)) from error
    return Origin(first.seed, mode, kept_rate, now_ms, first.settings)


def _is_http_url(text: str) -> bool:
    try:
        parts = urlsplit(text)
    except ValueError:
        return False
    return parts.scheme in ("http", "https") and bool(parts.hostname)


def _provider(control: Control, name: str) -> str:
    if name not in control.world.library.providers:
        known = ", ".join(control.world.library.providers)
        raise ControlError("unknown-provider", f"no provider {name!r}: use one of {known}")
    return name


def _unknown_order(request: Request) -> ControlError:
    name = request.path_params["order"]
    return ControlError("unknown-order", f"no order {name!r} in this sandbox: GET .../orders lists them")


def _whole(request: Request, name: str, default: int) -> int:
    text = request.query_params.get(name)
    if text is None:
        return default
    if not (text.isascii() and text.isdigit() and len(text) < 16):
        raise ControlError("bad-request", f"{name} must be a whole number")
    return int(text)


async def _bytes(request: Request) -> bytes:
    parts: list[bytes] = []
    size = 0
    try:
        async for part in request.stream():
            parts.append(part)
            size += len(part)
            if size > BODY_LIMIT:
                raise ControlError("bad-request", f"the body is longer than {BODY_LIMIT} bytes")
    except ClientDisconnect as error:
        raise ControlError("bad-request", "the request was not complete") from error
    return b"".join(parts)


async def _object(request: Request, known: set[str] | None = None) -> dict[str, Any]:
    """The JSON object in the body; an empty body is an empty object."""
    body = await _bytes(request)
    try:
        value = wire.decode(body) if body.strip() else {}
    except wire.MalformedJson as error:
        raise ControlError("bad-json", f"the body must be JSON: {error}") from error
    if not isinstance(value, dict):
        raise ControlError("bad-json", "the body must be a JSON object")
    if known is not None and not value.keys() <= known:
        raise ControlError("bad-request", f"unknown: {', '.join(sorted(value.keys() - known))}; known: "
                                          f"{', '.join(sorted(known))}")  # fmt: skip
    return value


def _json(status: int, value: Any) -> Response:
    return Response(wire.encode(value), status, media_type="application/json")


def _error(error: ControlError) -> Response:
    response = _json(ERRORS[error.error], {"error": error.error, "message": error.message, **error.more})
    if error.error == "method-not-allowed":
        response.headers["Allow"] = ", ".join(error.more["allowed"])
    return response


# -- the table

Handler = Callable[[Control, Request], Awaitable[Any]]

_CALLS: tuple[tuple[str, str, Handler], ...] = (
    ("GET", "/health", get_health),
    ("GET", "/ready", get_ready),
    ("GET", "/version", get_version),
    ("GET", "/providers", get_providers),
    ("GET", "/openapi.json", get_own_openapi),
    ("GET", "/openapi/{document}", get_openapi),
    ("GET", "/docs", get_docs),
    ("POST", "/sandboxes", post_sandbox),
    ("GET", "/sandboxes", get_sandboxes),
    ("GET", "/sandboxes/{sandbox}", get_sandbox),
    ("DELETE", "/sandboxes/{sandbox}", delete_sandbox),
    ("POST", "/sandboxes/{sandbox}/reset", post_reset),
    ("GET", "/sandboxes/{sandbox}/clock", get_clock),
    ("PUT", "/sandboxes/{sandbox}/clock", put_clock),
    ("POST", "/sandboxes/{sandbox}/clock/advance", post_advance),
    ("GET", "/sandboxes/{sandbox}/orders", get_orders),
    ("GET", "/sandboxes/{sandbox}/orders/{order}", get_order),
    ("POST", "/sandboxes/{sandbox}/orders/{order}/events", post_event),
    ("POST", "/sandboxes/{sandbox}/commands/{provider}/{name}", post_command),
    ("GET", "/sandboxes/{sandbox}/journal", get_journal),
    ("POST", "/sandboxes/{sandbox}/journal/count", post_count),
    ("GET", "/sandboxes/{sandbox}/faults", get_faults),
    ("POST", "/sandboxes/{sandbox}/faults", post_fault),
    ("DELETE", "/sandboxes/{sandbox}/faults", delete_faults),
    ("DELETE", "/sandboxes/{sandbox}/faults/{fault}", delete_faults),
    ("GET", "/sandboxes/{sandbox}/webhooks", get_webhooks),
    ("POST", "/sandboxes/{sandbox}/webhooks/wait", post_wait),
    ("POST", "/sandboxes/{sandbox}/webhooks/{webhook}/replay", post_replay),
    ("GET", "/sandboxes/{sandbox}/settings", get_settings),
    ("PUT", "/sandboxes/{sandbox}/settings", put_settings),
    ("GET", "/sandboxes/{sandbox}/scenarios", get_scenarios),
    ("PUT", "/sandboxes/{sandbox}/scenarios/{provider}/{name}", put_scenario),
    ("PUT", "/sandboxes/{sandbox}/default-scenario", put_default_scenario),
    ("GET", "/sandboxes/{sandbox}/snapshot", get_snapshot),
    ("PUT", "/sandboxes/{sandbox}/snapshot", put_snapshot),
)


def _routes(control: Control) -> list[Route]:
    by_path: dict[str, dict[str, Handler]] = {}
    for method, path, handler in _CALLS:
        by_path.setdefault(path, {})[method] = handler
    routes = [Route(path, _endpoint(control, handlers)) for path, handlers in by_path.items()]
    return [*routes, Route("/{rest:path}", _endpoint(control, {}))]


def _endpoint(control: Control, handlers: dict[str, Handler]) -> ASGIApp:
    """One path of the API as a plain ASGI application, so that Starlette leaves the method to us."""

    async def endpoint(scope: Scope, receive: Receive, send: Send) -> None:
        request = Request(scope, receive)
        try:
            if not handlers:
                raise _no_such_path()
            handler = handlers.get("GET" if request.method == "HEAD" else request.method)
            if handler is None:
                allowed = ", ".join(handlers)
                raise ControlError("method-not-allowed", f"use {allowed} here", allowed=list(handlers))
            result = await handler(control, request)
        except ControlError as error:
            await _error(error)(scope, receive, send)
            return
        except Exception as failure:
            log.exception("%s %s failed", request.method, request.url.path)
            unforeseen = ControlError("internal", f"the emulator failed: {type(failure).__name__}: {failure}")
            await _error(unforeseen)(scope, receive, send)
            return
        if isinstance(result, Response):
            await result(scope, receive, send)
            return
        status, value = result if isinstance(result, tuple) else (200, result)
        response = Response(status_code=204) if value is None else _json(status, value)
        await response(scope, receive, send)

    return _Plain(endpoint)


def _no_such_path() -> ControlError:
    return ControlError("not-found", "the control API has no such path; /_emulator/docs lists its calls")


async def _nowhere(request: Request, error: Exception) -> Response:
    return _error(_no_such_path())


class _Plain:
    """Marks an ASGI function as an application, which Starlette would otherwise take for a request handler."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        await self._app(scope, receive, send)

"""A request being answered: what a provider's checks and handlers work with."""

import contextlib
from collections.abc import Collection, Iterable, Mapping
from typing import Any
from urllib.parse import parse_qsl

from msgspec import Struct

from emulator.contract.card import Check, Endpoint, Provider
from emulator.contract.diagnosis import Diagnosis
from emulator.contract.order import Order
from emulator.contract.reply import AfterDelivery, AskedFor, Refusal, Reply
from emulator.contract.request import Request
from emulator.core import events, json_text, timeline
from emulator.core.body_problems import with_body_problems
from emulator.core.common_settings import PUBLIC_BASE
from emulator.core.faults.fault import AnswerFault, Rule
from emulator.core.faults.injection import InjectedFault, order_rules, pick, sandbox_rules, scenario_rules
from emulator.core.faults.registry import ON_ANSWERS
from emulator.core.faults.rules import BadRule, check_rule, read_fault_header
from emulator.core.json_text import json_reply
from emulator.core.scenario import HAPPY, Scenario
from emulator.core.suggestion import use_one_of
from emulator.core.transaction import Transaction

SCENARIO_HEADER = "x-emulator-scenario"
FAULT_HEADER = "x-emulator-fault"
UNFORESEEN = "internal"
"""The error in every provider's catalogue for what should never happen."""
_UNKNOWN_SCENARIO = "unknown-scenario"
_BAD_FAULT = "bad-fault"
OWN_ERRORS = (_UNKNOWN_SCENARIO, _BAD_FAULT)
"""Refusals by the emulator itself rather than the provider: a header that is meant for it makes no sense."""


class Interrupted(Exception):
    """A fault was injected before anything was done, so the answer does not matter."""


class UnknownScenario(Exception):
    """The request names a scenario that does not exist; the message lists those that do."""


class Stop(Struct, frozen=True):
    """Where a request was refused."""

    checks: tuple[Check, ...]
    """The checks that it had to pass, in order."""
    at: Check | None
    """The check that refused it; None: it passed them all, and the handler refused it."""
    diagnosis: Diagnosis | None = None


class Answered(Struct, frozen=True):
    """The outcome of a call; if it was refused, with the error and the true reason, for the journal."""

    reply: Reply | AfterDelivery
    refused: bool = False
    """Whether to commit only what a refused command leaves behind."""
    error: str = ""
    reason: str = ""
    interrupted: bool = False
    """Whether a fault came first, so that the call was never handled."""
    stop: Stop | None = None
    """Where it was refused."""
    orders: tuple[str, ...] = ()
    """Ids of the orders that it is about."""


class Call:
    """A request in its sandbox: what the contract says of it, and what only the core looks at."""

    caller: Any = None
    body: Any = None
    fault: InjectedFault[AnswerFault] | None = None
    deferred: Refusal | None = None
    said: tuple[str, str] = ("", "")
    """Error and true reason of an answer that says no although something was done; empty: there is no such answer."""
    stopped_by: Check | None = None
    """The check that refused the request."""
    statuses: Collection[str] = ()
    """Statuses that the answer shows: counting the read may already have moved the orders on."""
    _has_chosen = False
    _choice: Scenario | None = None

    def __init__(self, provider: Provider, request: Request, tx: Transaction) -> None:
        self.provider = provider
        self.request = request
        self.tx = tx
        self.methods, self.parameters = provider.routes.find(request.path)
        self.endpoint: Endpoint | None = self.methods.get(request.method)
        self.plan = plan = tx.plan(provider)
        """How the sandbox treats requests to this provider."""
        self.settings: Mapping[str, Any] = plan.settings
        self.seen: list[Order] = []

    @property
    def base_url(self) -> str:
        return str(self.settings[PUBLIC_BASE] or self.request.base_url).rstrip("/")

    def header(self, name: str) -> str | None:
        return self.request.headers.get(name)

    def scenario(self) -> Scenario | None:
        """As the contract says. Raises UnknownScenario."""
        if not self._has_chosen:
            self._choice = self._choose_scenario()
            self._has_chosen = True
        return self._choice

    def _choose_scenario(self) -> Scenario | None:
        available = self.plan.scenarios
        name = self.request.headers.get(SCENARIO_HEADER)
        if name is None:
            fitting = self.fitting_scenario()
            if fitting is not None:
                return fitting
            name = available.default
            if name is None:
                return None
        chosen = available.by_name.get(name)
        if chosen is None:
            good = use_one_of(name, sorted(available.by_name))
            raise UnknownScenario(f"{self.provider.name} has no scenario {name!r}: {good}")
        return chosen

    def fitting_scenario(self) -> Scenario | None:
        scenarios = self.plan.scenarios
        return scenarios.fitting(self.subject()) if scenarios.may_fit(self.body) else None

    def subject(self) -> dict[str, Any]:
        query = dict(parse_qsl(self.request.query, keep_blank_values=True)) if self.request.query else {}
        return {
            "body": self.body,
            "header": self.request.headers,
            "path": self.parameters,
            "query": query,
            "setting": self.settings,
        }

    def refuse_as_scripted(self, stage: str = "") -> None:
        scenario = self.scenario()
        if scenario is None or scenario.answer is None:
            return
        error = scenario.answer.error
        if not stage or self.provider.errors[error].scripted == stage:
            raise AskedFor(error, f"the scenario {scenario.name} asks for it", **scenario.answer.details)

    def initial_status(self, kind: str) -> str | None:
        scenario = self.scenario()
        wanted = scenario.initial if scenario is not None else None
        return wanted if wanted in self.provider.lifecycle.initial[kind] else None

    def create(self, order: Order, *, waiting: bool = False, scenario: str = "") -> None:
        followed = self.plan.scenarios.by_name.get(scenario) if scenario else self.scenario()
        if followed is None or followed.answer is not None:
            followed, order.chosen = self._fallback(order)
        elif not scenario:
            order.chosen = True
            if followed.conditions:
                order.captured = followed.captured(self.subject())
        if followed is not None and followed.faults and self.fault is None:
            self._inject(pick_fault(self, scenario_rules(followed, order.id)))
        events.create(self.tx, order, followed, waiting=waiting)

    def open_page(self, order: Order) -> None:
        if self.request.method == "GET":
            timeline.open_page(self.tx, order)

    def _fallback(self, order: Order) -> tuple[Scenario | None, bool]:
        """What an order follows if no scenario was chosen, or one that refuses but did not refuse this order; and
        whether that counts as chosen."""
        available = self.plan.scenarios
        default = available.by_name.get(available.default) if available.default is not None else None
        if default is not None and default.answer is None:
            return default, True
        name = self.provider.usual_scenario(self, order.fields, order.kind)
        return available.by_name.get(name or HAPPY), name is not None and self.provider.usual_is_chosen

    def inject_faults(self) -> None:
        """As the contract says. Raises Refusal or Interrupted if the request is not to be handled."""
        header = self.request.headers.get(FAULT_HEADER)
        plan = self.plan
        order_ids = self.parameters.values() if plan.scenarios.has_faults else ()
        if self.endpoint is None or (header is None and not order_ids and not plan.has_fault_rules):
            return
        rules: list[tuple[str, Rule]] = []
        if header is not None:
            rule = read_fault_header(header)
            check_rule(rule, self.tx.library.providers)
            rules.append(("header", rule))
        rules += sandbox_rules(self.tx)
        for order_id in order_ids:
            rules += order_rules(self.tx, order_id)
        if rules:
            self._inject(pick_fault(self, rules))

    def _inject(self, injected: InjectedFault[AnswerFault] | None) -> None:
        self.fault = injected
        if injected is None or injected.when == "after" or injected.fault.handles:
            return
        raise injected.fault.refusal(injected.rule, self.provider) or Interrupted

    def named_orders(self) -> tuple[str, ...]:
        """Ids of the orders in the path, so that their stories show a refused request."""
        return tuple(each for each in self.parameters.values() if self.tx.order(each) is not None)

    def apply_fault(self, reply: Reply) -> Reply:
        """The answer after the injected fault, if any."""
        injected = self.fault
        if injected is None:
            return reply
        fault, rule = injected.fault, injected.rule
        refusal = fault.refusal(rule, self.provider)
        if refusal is not None:
            reply = self.provider.render(self, refusal)
        return fault.on_reply(rule, reply, injected.fraction)

    def refuse(self, error: str, reason: str, **details: Any) -> Reply:
        self.said = (error, reason)
        return self.provider.render(self, Refusal(error, reason, **details))


def answer(call: Call) -> Answered:
    """The provider's answer."""
    try:
        reply = _handle(call)
        return Answered(reply, False, *call.said, orders=tuple(call.tx.concerned))
    except Refusal as refusal:
        reason = refusal.reason
        if not isinstance(refusal, AskedFor):
            reason = with_body_problems(call.request, reason)
        reply = call.provider.render(call, refusal)
        stop = _stop(call, refusal.diagnosis)
        return Answered(reply, True, refusal.error, reason, stop=stop, orders=call.named_orders())
    except Interrupted:
        reply = call.provider.render(call, Refusal(UNFORESEEN, "a fault came first"))
        return Answered(reply, True, interrupted=True, orders=call.named_orders())
    except UnknownScenario as wrong:
        return _own_refusal(call, _UNKNOWN_SCENARIO, str(wrong))
    except BadRule as wrong:
        return _own_refusal(call, _BAD_FAULT, str(wrong))


def _own_refusal(call: Call, error: str, reason: str) -> Answered:
    reply = json_reply(400, {"error": error, "message": reason})
    return Answered(reply, True, error, reason, stop=_stop(call), orders=call.named_orders())


def _stop(call: Call, diagnosis: Diagnosis | None = None) -> Stop:
    return Stop(_checks(call), call.stopped_by, diagnosis)


def _checks(call: Call) -> tuple[Check, ...]:
    endpoint = call.methods.get(call.request.method)
    return call.provider.checks if endpoint is None else call.plan.checks(endpoint)


def _handle(call: Call) -> Reply | AfterDelivery:
    endpoint = call.endpoint
    check = None
    try:
        for check in call.provider.checks if endpoint is None else call.plan.checks(endpoint):
            check(call)
    except Exception:
        call.stopped_by = check
        raise
    if endpoint is None:  # a check may set one that has no path of its own, as for a browser's preflight
        endpoint = call.endpoint
    if endpoint is None:
        raise LookupError(f"the checks of {call.provider.name} must refuse a path without an endpoint")
    reply = endpoint.handle(call)
    if call.seen:
        call.statuses = {order.status for order in call.seen}
    for order in call.seen:
        call.tx.concerned[order.id] = None
        if call.request.method != "HEAD":
            events.count_read(call.tx, order)
    return reply


def pick_fault(call: Call, rules: Iterable[tuple[str, Rule]]) -> InjectedFault[AnswerFault] | None:
    """The fault that one of `rules` asks for in the answer to this request; None: none does."""
    subject = call.subject()
    if subject["body"] is None:
        with contextlib.suppress(json_text.MalformedJson):
            subject["body"] = json_text.decode(call.request.body)
    subject |= {
        "provider": call.provider.name,
        "endpoint": call.endpoint.name if call.endpoint else "",
        "orders": tuple(call.parameters.values()),
    }
    return pick(call.tx, subject, rules, ON_ANSWERS)

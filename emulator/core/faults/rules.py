"""Fault rules as people write them: which requests or deliveries, which fault, and how often. Checks them only."""

import re
from collections.abc import Collection, Iterable, Mapping
from typing import Any

from emulator.contract.card import Provider
from emulator.contract.schemas import Violation
from emulator.core.durations import read_duration_ms
from emulator.core.faults.fault import DURATION, Fault, Rule
from emulator.core.faults.registry import FAULTS, ON_DELIVERIES
from emulator.core.match import read_conditions
from emulator.core.schema import Schema
from emulator.core.suggestion import did_you_mean

CHANCES = 1_000_000
"""The smallest chance is one in this many."""
_WHOLE = re.compile(r"[0-9]{1,9}")

COMMON: dict[str, dict[str, Any]] = {
    "fault": {"enum": list(FAULTS)},
    "when": {
        "enum": ["before", "after"],
        "description": "before anything is done, or afterwards, so that only the answer is lost",
    },
    "provider": {"type": "string", "description": "only at this provider"},
    "endpoint": {"type": "string", "description": "only this call"},
    "event": {"type": "string", "description": "only webhooks of this name"},
    "order": {"type": "string", "description": "only requests and webhooks about the order with this id"},
    "match": {"type": "object", "description": 'only what fits, such as {"body.amountFrom": "151"}'},
    "skip": {"type": "integer", "minimum": 1, "description": "lets this many matches pass before it acts"},
    "times": {
        "type": "integer",
        "minimum": 1,
        "description": "acts this often and never again; without it, always",
    },
    "chance": {
        "type": "number",
        "minimum": 1 / CHANCES,
        "maximum": 1,
        "description": "how likely it is to act, from 0 to 1; without it, always",
    },
}
"""JSON Schemas, by name, of what every rule may have."""
MEMBERS = COMMON | {
    name: schema if name != "status" else {"type": "integer"}
    for fault in FAULTS.values()
    for name, schema in fault.arguments.items()
}
"""JSON Schemas, by name, of everything that any rule may have; which a given rule may have depends on its fault."""
_NOT_FOR = {"answer": ("event",), "delivery": ("when", "endpoint")}
"""Members that make no sense for a rule, by where its fault happens."""
_SUBJECTS = {
    "answer": ("body", "header", "query", "path", "setting", "provider", "endpoint"),
    "delivery": ("url", "provider", "event"),
}
"""What the paths of a `match` can begin with, by where the fault happens."""


class BadRule(ValueError):
    """A rule that cannot work; the message says why, and what would."""


def check_rule(rule: Any, providers: Mapping[str, Provider]) -> None:
    """Raises BadRule unless the rule can work."""
    name = rule.get("fault") if isinstance(rule, Mapping) else None
    fault = FAULTS.get(name) if isinstance(name, str) else None
    if fault is None:
        raise BadRule(f"fault must be one of {', '.join(FAULTS)}{did_you_mean(name, FAULTS)}")
    members = rule_members(fault)
    schema = Schema({"type": "object", "additionalProperties": False, "properties": members})
    problems = [_problem(fault, violation, members) for violation in schema.violations(rule)]
    if problems:
        raise BadRule(f"{'; '.join(problems)}; {fault.name} takes {', '.join(members)}")
    provider = _checked_provider(rule, providers)
    concerned = [provider] if provider else list(providers.values())
    try:
        _check_match(rule, fault)
        for name, argument in fault.arguments.items():
            if argument is DURATION and name in rule:
                read_duration_ms(rule[name])
        fault.check(rule, concerned)
    except ValueError as error:
        raise BadRule(str(error)) from error
    if fault.on == "delivery":
        _check_webhooks(rule, fault, concerned)


def rule_members(fault: Fault) -> dict[str, Any]:
    """JSON Schemas, by name, of what a rule with this fault may have."""
    members = {**COMMON, **fault.arguments}
    return {name: schema for name, schema in members.items() if name not in _NOT_FOR[fault.on]}


def _problem(fault: Fault, violation: Violation, members: Iterable[str]) -> str:
    meant = did_you_mean(violation.unexpected[0], members) if violation.unexpected else ""
    return f"{violation.pointer or fault.name}: {violation.message}{meant}"


def _check_match(rule: Rule, fault: Fault) -> None:
    for condition in read_conditions(rule.get("match", {})):
        if condition.path[0] not in _SUBJECTS[fault.on]:
            known = ", ".join(_SUBJECTS[fault.on])
            raise BadRule(f"match: {'.'.join(condition.path)} is never there: a path begins with one of {known}")


def _check_webhooks(rule: Rule, fault: Fault, providers: Collection[Provider]) -> None:
    possible = {each.name: each.webhooks for each in providers if each.webhooks and fault.possible(rule, each)}
    if not possible:
        names = ", ".join(each.name for each in providers)
        raise BadRule(f"{fault.name} cannot be injected into webhooks of {names}")
    known = {name: [event.name for event in webhooks.events] for name, webhooks in possible.items()}
    if "event" in rule and not any(rule["event"] in names for names in known.values()):
        events = "; ".join(f"{name}: {', '.join(names)}" for name, names in known.items())
        meant = did_you_mean(rule["event"], [name for names in known.values() for name in names])
        raise BadRule(f"no such event; there are {events}{meant}")


def _checked_provider(rule: Rule, providers: Mapping[str, Provider]) -> Provider | None:
    name = rule.get("provider")
    if name is None:
        if "endpoint" in rule:
            raise BadRule("endpoint needs provider beside it")
        return None
    provider = providers.get(name)
    if provider is None:
        raise BadRule(f"provider must be one of {', '.join(providers)}{did_you_mean(name, providers)}")
    endpoints = [endpoint.name for endpoint in provider.endpoints]
    if rule.get("endpoint", endpoints[0]) not in endpoints:
        meant = did_you_mean(rule["endpoint"], endpoints)
        raise BadRule(f"endpoint must be one of {', '.join(endpoints)}{meant}")
    return provider


def read_fault_header(text: str) -> dict[str, Any]:
    """The rule in an `X-Emulator-Fault` header, such as `reset; when=after` or `status; error=limits`.

    Raises BadRule for a header that cannot be read, and for faults that are not injected into requests.
    """
    name, *parts = [part.strip() for part in text.split(";")]
    if name in ON_DELIVERIES:
        raise BadRule(f"{name} is injected into webhooks, not requests: make a rule with POST .../faults")
    rule: dict[str, Any] = {"fault": name}
    for part in parts:
        key, equals, value = part.partition("=")
        if not equals:
            raise BadRule(f"{part!r}: write name=value, as in reset; when=after")
        rule[key.strip()] = int(value) if _WHOLE.fullmatch(value.strip()) else value.strip()
    return rule

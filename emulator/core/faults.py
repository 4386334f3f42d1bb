"""Faults: what may go wrong with an answer or a delivery, when it is asked for. Decides; doing it is for the shell.

A rule says which requests or deliveries, which fault, and how often. One fault is one row of the table `FAULTS`.
"""

import math
import re
from collections.abc import Collection, Iterable, Mapping
from decimal import Decimal
from typing import TYPE_CHECKING, Any, Literal

from msgspec import Struct, field

from emulator.contract.card import Provider
from emulator.contract.chance import Chance
from emulator.contract.delivery import Delivery
from emulator.contract.reply import Reply
from emulator.contract.schemas import Violation
from emulator.contract.webhooks import FORMS
from emulator.core.durations import parse_duration_ms
from emulator.core.match import BadCondition, checked_conditions, difference, parse_conditions
from emulator.core.schema import Schema
from emulator.core.suggestion import did_you_mean

if TYPE_CHECKING:
    from emulator.core.transaction import Transaction

TABLE = "faults"
MAX_RULES = 200
"""How many rules a sandbox may have; every request looks at all of them."""
USED = "faults-used"
"""Table: how often a rule with `times` was used."""
DRAWN = "faults-drawn"
"""Table: how often chance was asked about a rule."""
_CHANCES = 1_000_000
_DEFAULT_LATE = "1h"
_WHOLE = re.compile(r"[0-9]{1,9}")

When = Literal["before", "after"]

_ANSWERS = ("status", "rate-limit")
"""Faults that answer with an error of the provider's catalogue, and do not concern providers that have no such one."""

_DURATION = {"type": ["string", "number"]}


class Fault(Struct, frozen=True):
    """A fault that can be asked for, and what it takes besides the members of every rule."""

    name: str
    on: Literal["answer", "delivery"]
    about: str
    arguments: Mapping[str, Any] = field(default_factory=dict)


FAULTS = {
    fault.name: fault
    for fault in (
        Fault("latency", "answer", "the answer comes later, by real time", {
            "fixed": _DURATION,
            "uniform": {"type": "array", "items": _DURATION, "minItems": 2, "maxItems": 2},
            "lognormal": {"type": "object", "required": ["median"], "additionalProperties": False, "properties": {
                "median": _DURATION, "sigma": {"type": "number", "minimum": 0, "maximum": 5}}}}),
        Fault("status", "answer", "an error of the provider's catalogue, by name or by HTTP status", {
            "error": {"type": "string"}, "status": {"type": "integer"}, "with": {"type": "object"}}),
        Fault("rate-limit", "answer", "429 in the provider's form, with Retry-After", {"retry_after": _DURATION}),
        Fault("gateway", "answer", "what stands before the provider answers, as a proxy does that can not reach it", {
            "status": {"enum": [502, 503, 504, 200]},
            "content_type": {"type": "string", "pattern": "^[!-~]([ -~]{0,198}[!-~])?$"},
            "body": {"type": "string", "maxLength": 65_536}}),
        Fault("malformed", "answer", "a body that is cut so that it can not be parsed, with a length that fits it"),
        Fault("truncate", "answer", "half of the announced body, then the connection is closed"),
        Fault("reset", "answer", "the connection is reset instead of an answer"),
        Fault("timeout", "answer", "no answer at all, until the client gives up"),
        Fault("drop", "delivery", "the webhook is lost; nobody tries again"),
        Fault("duplicate", "delivery", "the webhook is sent twice"),
        Fault("late", "delivery", "the webhook is sent later, by the sandbox's clock", {"by": _DURATION}),
        Fault("reorder", "delivery", "the webhook is sent after the order's next one", {"by": _DURATION}),
        Fault("bad-signature", "delivery", "the signature is wrong"),
        Fault("old-secret", "delivery", "signed with a secret that is no longer valid"),
        Fault("stale-timestamp", "delivery", "stamped an hour ago"),
        Fault("unknown-status", "delivery", "tells of a status that nobody knows"),
        Fault("re-encode", "delivery", "the same body in other legal bytes, rightly signed", {
            "form": {"enum": list(FORMS)}}),
    )
}  # fmt: skip

_COMMON: dict[str, dict[str, Any]] = {
    "fault": {"enum": list(FAULTS)},
    "when": {"enum": ["before", "after"]},
    "provider": {"type": "string"},
    "endpoint": {"type": "string"},
    "event": {"type": "string"},
    "order": {"type": "string"},
    "match": {"type": "object"},
    "times": {"type": "integer", "minimum": 1},
    "chance": {"type": "number", "minimum": 1 / _CHANCES, "maximum": 1},
}
MEMBERS = _COMMON | {
    name: schema if name != "status" else {"type": "integer"}
    for fault in FAULTS.values()
    for name, schema in fault.arguments.items()
}
"""JSON Schema of all that rules may have; which of it a rule may have depends on its fault."""
_NOT_FOR = {"answer": ("event",), "delivery": ("when", "endpoint")}
"""Members of a rule that say nothing about where its fault happens."""
_SUBJECTS = {
    "answer": ("body", "header", "query", "path", "setting", "provider", "endpoint"),
    "delivery": ("url", "provider", "event"),
}
"""With what the paths of a `match` can begin."""
_GATEWAY = {
    200: ("Please wait", "We will be back in a moment"),
    502: ("502 Bad Gateway", "The server behind this one gave no valid answer"),
    503: ("503 Service Temporarily Unavailable", "No server behind this one can answer now"),
    504: ("504 Gateway Time-out", "The server behind this one took too long"),
}
_DISTRIBUTIONS = ("fixed", "uniform", "lognormal")


class BadRule(ValueError):
    """A rule that can not work; the text says why and what is good."""


class Picked(Struct, frozen=True):
    """The fault that befalls a request or a delivery now."""

    name: str
    when: When
    rule: Mapping[str, Any]
    fraction: float = 0.5
    """The chance of it, between 0 and 1, for a fault that varies."""


def check_rule(rule: Any, providers: Mapping[str, Provider]) -> None:
    """Raises BadRule unless the rule can work."""
    name = rule.get("fault") if isinstance(rule, Mapping) else None
    known = FAULTS.get(name) if isinstance(name, str) else None
    if known is None:
        raise BadRule(f"fault must be one of {', '.join(FAULTS)}{did_you_mean(name, FAULTS)}")
    members = {**_COMMON, **known.arguments}
    members = {name: schema for name, schema in members.items() if name not in _NOT_FOR[known.on]}
    schema = Schema({"type": "object", "additionalProperties": False, "properties": members})
    problems = [_problem(known, violation, members) for violation in schema.violations(rule)]
    if problems:
        raise BadRule(f"{'; '.join(problems)}; {known.name} takes {', '.join(members)}")
    if len(rule.keys() & set(_DISTRIBUTIONS)) > 1:
        raise BadRule(f"{known.name} takes one of {', '.join(_DISTRIBUTIONS)}")
    provider = _checked_provider(rule, providers)
    concerned = [provider] if provider else list(providers.values())
    try:
        _check_match(rule, known)
        for name in ("fixed", "by", "retry_after"):
            parse_duration_ms(rule.get(name, 0))
        latency_ms(rule, 0.5)
    except (BadCondition, ValueError) as error:
        raise BadRule(str(error)) from error
    if known.name == "status":
        _check_error(rule, concerned)
    if known.on == "delivery":
        _check_webhooks(rule, known, concerned)


def _problem(fault: Fault, violation: Violation, members: Iterable[str]) -> str:
    meant = did_you_mean(violation.unexpected[0], members) if violation.unexpected else ""
    return f"{violation.pointer or fault.name}: {violation.message}{meant}"


def _check_match(rule: Mapping[str, Any], fault: Fault) -> None:
    for condition in parse_conditions(rule.get("match", {})):
        if condition.path[0] not in _SUBJECTS[fault.on]:
            known = ", ".join(_SUBJECTS[fault.on])
            raise BadRule(f"match: {'.'.join(condition.path)} is never there: a path begins with one of {known}")


def _check_webhooks(rule: Mapping[str, Any], fault: Fault, providers: Iterable[Provider]) -> None:
    suffering = {each.name: each.webhooks for each in providers if each.webhooks and each.webhooks.supports(rule)}
    if not suffering and "form" in rule:
        good = "; ".join(f"{each.name}: {', '.join(each.webhooks.forms)}" for each in providers if each.webhooks)
        raise BadRule(f"the form {rule['form']} changes nothing in these webhooks; there are {good or 'none'}")
    if not suffering:
        raise BadRule(f"{', '.join(each.name for each in providers)} has no webhooks that {fault.name} could befall")
    known = {name: [event.name for event in webhooks.events] for name, webhooks in suffering.items()}
    if "event" in rule and not any(rule["event"] in names for names in known.values()):
        events = "; ".join(f"{name}: {', '.join(names)}" for name, names in known.items())
        meant = did_you_mean(rule["event"], [name for names in known.values() for name in names])
        raise BadRule(f"no such event; there are {events}{meant}")


def _checked_provider(rule: Mapping[str, Any], providers: Mapping[str, Provider]) -> Provider | None:
    name = rule.get("provider")
    if name is None:
        if "endpoint" in rule:
            raise BadRule("endpoint needs provider")
        return None
    provider = providers.get(name)
    if provider is None:
        raise BadRule(f"provider must be one of {', '.join(providers)}{did_you_mean(name, providers)}")
    endpoints = [endpoint.name for endpoint in provider.endpoints]
    if rule.get("endpoint", endpoints[0]) not in endpoints:
        meant = did_you_mean(rule["endpoint"], endpoints)
        raise BadRule(f"endpoint must be one of {', '.join(endpoints)}{meant}")
    return provider


def _check_error(rule: Mapping[str, Any], providers: Collection[Provider]) -> None:
    if ("error" in rule) == ("status" in rule):
        raise BadRule("status takes either error (a name) or status (a number)")
    for provider in providers:
        if error_named(rule, provider) is not None:
            return
    known = "; ".join(
        f"{each.name}: {', '.join(f'{e.name} ({e.status})' for e in each.errors.values())}" for each in providers
    )
    meant = did_you_mean(rule.get("error"), [name for each in providers for name in each.errors])
    raise BadRule(f"no such error; there are {known}{meant}")


def error_named(rule: Mapping[str, Any], provider: Provider) -> str | None:
    """The name of the provider's error that a `status` or `rate-limit` rule means."""
    if rule["fault"] == "rate-limit":
        rule = {"status": 429}
    if "error" in rule:
        return rule["error"] if rule["error"] in provider.errors else None
    return next((case.name for case in provider.errors.values() if case.status == rule["status"]), None)


def parse_header(text: str) -> dict[str, Any]:
    """The rule in an `X-Emulator-Fault` header, as `reset; when=after` or `status; error=limits`.

    Raises BadRule for what can not be read, and for faults that befall no request.
    """
    name, *parts = [part.strip() for part in text.split(";")]
    if name in FAULTS and FAULTS[name].on == "delivery":
        raise BadRule(f"{name} befalls webhooks, not requests: make a rule of it with POST .../faults")
    rule: dict[str, Any] = {"fault": name}
    for part in parts:
        key, equals, value = part.partition("=")
        if not equals:
            raise BadRule(f"{part!r}: write name=value, as reset; when=after")
        rule[key.strip()] = int(value) if _WHOLE.fullmatch(value.strip()) else value.strip()
    return rule


def pick(
    tx: "Transaction", subject: Mapping[str, Any], rules: Iterable[tuple[str, Mapping[str, Any]]], on: str
) -> Picked | None:
    """The first of `rules` (with their ids) that befalls `subject`, and counts it.

    `subject` has provider, endpoint or event, order (or several), and what `match` looks at.
    """
    for rule_id, rule in rules:
        if FAULTS[rule["fault"]].on != on or not _concerns(rule, subject):
            continue
        if rule["fault"] in _ANSWERS and error_named(rule, tx.library.providers[subject["provider"]]) is None:
            continue
        used = int(tx.get(USED, rule_id) or 0)
        if used >= rule.get("times", math.inf):
            continue
        certain = not {"chance", "uniform", "lognormal"} & rule.keys()
        dice = None if certain else _dice(tx, rule_id)
        if dice is not None and dice.below(_CHANCES) >= int(Decimal(str(rule.get("chance", 1))) * _CHANCES):
            continue
        if "times" in rule:
            tx.put(USED, rule_id, used + 1, even_if_refused=True)
        fraction = 0.5 if dice is None else (dice.below(_CHANCES) + 0.5) / _CHANCES
        return Picked(rule["fault"], rule.get("when", "before"), rule, fraction)
    return None


def _dice(tx: "Transaction", rule_id: str) -> Chance:
    """Chance for one use of a rule. Its count lasts: a request that is refused must not leave the same for the next."""
    uses = int(tx.get(DRAWN, rule_id) or 0)
    tx.put(DRAWN, rule_id, uses + 1, even_if_refused=True)
    return tx.chance.apart(f"{rule_id}|{uses}")


def _concerns(rule: Mapping[str, Any], subject: Mapping[str, Any]) -> bool:
    for name in ("provider", "endpoint", "event"):
        if name in rule and rule[name] != subject.get(name):
            return False
    if "order" in rule and rule["order"] not in subject["orders"]:
        return False
    return not difference(subject, checked_conditions(rule.get("match", {})))


def sandbox_rules(tx: "Transaction") -> list[tuple[str, Mapping[str, Any]]]:
    """The rules that were put into the sandbox, oldest first, with their ids."""
    return list(tx.scan(TABLE))


def order_rules(tx: "Transaction", order_id: str) -> list[tuple[str, Mapping[str, Any]]]:
    """The rules of the scenario of an order."""
    order = tx.order(order_id)
    scenario = tx.scenario(order.provider, order.scenario) if order is not None else None
    rules = scenario.faults if scenario is not None else ()
    return [(f"{order_id}/{place}", rule) for place, rule in enumerate(rules)]


def gateway_reply(rule: Mapping[str, Any]) -> Reply:
    """The answer of a `gateway` rule: no provider's, but that of the proxy, or of what else there is before it."""
    status = rule.get("status", 502)
    title, text = _GATEWAY[status]
    page = (
        f"<html>\r\n<head><title>{title}</title></head>\r\n<body>\r\n<center><h1>{title}</h1></center>\r\n"
        f"<hr><center>{text}</center>\r\n</body>\r\n</html>\r\n"
    )
    return Reply(status, rule.get("body", page).encode(), rule.get("content_type", "text/html"))


def latency_ms(rule: Mapping[str, Any], fraction: float) -> int:
    """Real time of a `latency` rule; `fraction`, between 0 and 1, is the chance of it."""
    if "uniform" in rule:
        low_ms, high_ms = (parse_duration_ms(each) for each in rule["uniform"])
        return int(low_ms + (high_ms - low_ms) * fraction)
    if "lognormal" in rule:
        from statistics import NormalDist  # takes long to import, and hardly anybody needs it

        median_ms = parse_duration_ms(rule["lognormal"]["median"])
        sigma = float(rule["lognormal"].get("sigma", 0.5))
        return int(median_ms * math.exp(sigma * NormalDist().inv_cdf(min(max(fraction, 1e-6), 1 - 1e-6))))
    return parse_duration_ms(rule.get("fixed", "1s"))


def late_ms(rule: Mapping[str, Any]) -> int:
    """Sandbox time by which a `late` or `reorder` rule holds a delivery back at most."""
    return parse_duration_ms(rule.get("by", _DEFAULT_LATE))


def delivery_subject(delivery: Delivery) -> dict[str, Any]:
    """What a rule on deliveries looks at."""
    return {"provider": delivery.provider, "event": delivery.event, "orders": (delivery.order_id,), "url": delivery.url}

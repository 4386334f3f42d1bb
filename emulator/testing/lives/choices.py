"""What lives are drawn from: lists that follow from a provider's tables and from the registry of faults."""

from collections.abc import Collection, Iterator, Mapping
from decimal import Decimal
from functools import cache
from itertools import product
from typing import Any

from emulator import providers
from emulator.contract.card import Provider
from emulator.contract.command import Command, CommandRefused
from emulator.core.faults.fault import DURATION, Fault
from emulator.core.faults.registry import ON_ANSWERS, ON_DELIVERIES
from emulator.core.faults.rules import BadRule, check_rule
from emulator.core.settings import read_settings
from emulator.core.suggestion import use_one_of
from emulator.core.transaction import Transaction
from emulator.testing.lives.rehearsal import Refused, Rehearsal, library_of
from emulator.testing.lives.steps import Rule

_DURATIONS = ("1s", "1h")
_TOO_MANY_REQUESTS = 429
_SERVER_ERROR = 500
_FRACTIONS = ("", ".10", ".30", ".07", ".000001", ".123456789012345678")
"""What amounts end with that a binary float cannot hold, or not for long."""


def kinds_of(provider: str, kind: str | None) -> list[str]:
    """The kinds of orders whose lives are drawn: all, or one. Raises ValueError."""
    known = list(providers.load(provider).lifecycle.initial)
    if kind is None:
        return known
    found = next((each for each in known if each.lower() == kind.lower()), None)
    if found is None:
        raise ValueError(f"{provider} has no kind of order {kind!r}: {use_one_of(kind, known)}")
    return [found]


def chosen_faults(faults: bool | Collection[str]) -> list[str]:
    """Names of the faults that are drawn. Raises ValueError."""
    drawn = [name for name, fault in ON_ANSWERS.items() if not fault.handles] + list(ON_DELIVERIES)
    if isinstance(faults, bool):
        return drawn if faults else []
    for name in faults:
        if name not in drawn:
            raise ValueError(f"no fault {name!r} in lives: {use_one_of(name, drawn)}")
    return [name for name in drawn if name in faults]


# -- settings


def given_settings(provider: str, settings: Mapping[str, Any]) -> dict[str, Any]:
    """Settings that are given, by their own names. Raises ValueError for what makes no sense."""
    return read_settings(library_of(provider), {provider: settings})[provider] if settings else {}


@cache
def settings_of(provider: str, kind: str) -> dict[str, tuple[Any, ...]]:
    """The settings on which the course of an order depends, each with its values, the usual one first: those that the
    guards of the life cycle look at, and those with which an order begins in another way."""
    card = providers.load(provider)
    read = {name for status in card.lifecycle.statuses for name in _read_by_guards(provider, kind, status)}
    usual = _begun(provider, kind, {})
    found = {}
    for name, setting in card.settings.items():
        others = [each for each in _values(setting.schema) if each != setting.default]
        if name not in read:
            others = [each for each in others if _begun(provider, kind, {name: each}) not in (None, usual)]
        if others:
            found[name] = (setting.default, *others)
    return found


def _begun(provider: str, kind: str, settings: Mapping[str, Any]) -> tuple[Any, ...] | None:
    """How the usual order begins: its status, what falls due, and what is known of it; None: it is refused."""
    rehearsal = Rehearsal(provider, settings, kind)
    try:
        rehearsal.create(rehearsal.usual_body(), None)
    except (CommandRefused, Refused):
        return None
    order = rehearsal.order
    return order.status, sorted(order.timers), sorted(order.fields)


def _values(schema: Mapping[str, Any]) -> list[Any]:
    """All values that a schema takes, where they are few."""
    return list(schema.get("enum", (False, True) if schema.get("type") == "boolean" else ()))


class _Watched(Transaction):
    """Remembers which settings are read."""

    __slots__ = ("read",)

    def __init__(self, rehearsal: Rehearsal) -> None:
        super().__init__(rehearsal.sandbox, rehearsal.library, rehearsal.now_ms, rehearsal.now_ms)
        self.read: set[str] = set()

    def settings(self, provider: str) -> Mapping[str, Any]:
        """Every setting of a provider."""
        return _Noting(super().settings(provider), self.read)


class _Noting(dict[str, Any]):
    def __init__(self, values: Mapping[str, Any], read: set[str]) -> None:
        super().__init__(values)
        self._read = read

    def __getitem__(self, name: str) -> Any:
        self._read.add(name)
        return super().__getitem__(name)


def _read_by_guards(provider: str, kind: str, status: str) -> set[str]:
    """What is read when every guard is asked about an order of this kind in this status."""
    rehearsal = Rehearsal(provider, {}, kind)
    rehearsal.create(rehearsal.usual_body(), None)
    tx, order = _Watched(rehearsal), rehearsal.order
    order.status = status
    for row in rehearsal.card.lifecycle.rows(kind, status):
        if row.when is not None:
            row.when(tx, order, {})
    return tx.read


# -- amounts


def amounts_of(provider: str, kind: str, body: Mapping[str, Any], settings: Mapping[str, Any]) -> list[dict[str, Any]]:
    """Members by which a create call differs from the usual one in its amount; the first is the usual one. `body`:
    members that are given; so are `settings`. Raises ValueError where the provider refuses such a call."""
    rehearsal = Rehearsal(provider, settings, kind)
    usual = rehearsal.usual_body() | dict(body)
    try:
        rehearsal.create(usual, None)
    except Refused as refusal:
        raise ValueError(f"{provider} refuses such an order: {refusal}; give another body") from refusal
    found: list[dict[str, Any]] = [{}]
    members = [name for name, value in usual.items() if name not in body and str(value) == rehearsal.amount]
    if members:
        whole = usual[members[0]]
        for text in (f"{int(Decimal(str(whole)))}{fraction}" for fraction in _FRACTIONS):
            value = text if isinstance(whole, str) else Decimal(text) if "." in text else int(text)
            changed = {members[0]: value}
            if value != whole and _is_accepted(Rehearsal(provider, settings, kind), usual | changed):
                found.append(changed)
    return found


def _is_accepted(rehearsal: Rehearsal, body: Mapping[str, Any]) -> bool:
    try:
        rehearsal.create(body, None)
    except Refused:
        return False
    return True


# -- faults


def rules_on_calls(card: Provider, names: Collection[str], errors: Collection[str]) -> dict[str, list[Rule]]:
    """Fault rules on the next answer, by fault; `errors`: those of the catalogue that it may be."""
    found = {}
    for name in names:
        fault = ON_ANSWERS.get(name)
        rules = [] if fault is None else list(_rules(card, fault, {"when": ("after", "before")}, errors))
        happens = [rule for rule in rules if _happens(card, rule)]
        if happens:
            found[name] = happens
    return found


def _happens(card: Provider, rule: Rule) -> bool:
    """What the provider itself refuses was not done. It may fail, or ask for patience, after the deed."""
    if "error" not in rule or rule["when"] == "before":
        return True
    status = card.errors[rule["error"]].status
    return status >= _SERVER_ERROR or status == _TOO_MANY_REQUESTS


def rules_on_webhooks(card: Provider, names: Collection[str]) -> dict[str, list[Rule]]:
    """Fault rules on the next webhook, by fault."""
    found = {}
    for name in names:
        fault = ON_DELIVERIES.get(name)
        rules = [] if fault is None else list(_rules(card, fault, {}, ()))
        if rules:
            found[name] = rules
    return found


def _rules(
    card: Provider, fault: Fault, members: Mapping[str, tuple[Any, ...]], errors: Collection[str]
) -> Iterator[Rule]:
    """The rules that are possible at a provider, with every value of the arguments that have few."""
    given = {name: values for name, schema in fault.arguments.items() if (values := _arguments(name, schema, errors))}
    choices = {**given, **members}
    for values in product(*choices.values()):
        rule = {"fault": fault.name, "provider": card.name, "times": 1, **dict(zip(choices, values, strict=True))}
        try:
            check_rule(rule, {card.name: card})
        except BadRule:
            continue
        if fault.possible(rule, card):
            yield rule


def _arguments(name: str, schema: Mapping[str, Any], errors: Collection[str]) -> tuple[Any, ...]:
    if name == "error":
        return tuple(errors)
    return _DURATIONS if schema == DURATION else tuple(schema.get("enum", ()))


def errors_on_create(card: Provider) -> list[str]:
    """Errors with which a correct create call may be refused."""
    return [each.name for each in card.errors.values() if each.scripted]


def errors_anywhere(card: Provider) -> list[str]:
    """What any call may get, whatever it asks for: too many requests, and failures of the provider's own."""
    return [
        each.name for each in card.errors.values() if each.status >= _SERVER_ERROR or each.status == _TOO_MANY_REQUESTS
    ]


# -- commands


def commands_of(card: Provider) -> dict[str, list[dict[str, Any]]]:
    """Commands that can be run without knowing anything, each with the arguments that it may be given."""
    found = {name: list(_arguments_of(command)) for name, command in card.commands.items()}
    return {name: arguments for name, arguments in found.items() if arguments}


def _arguments_of(command: Command) -> Iterator[dict[str, Any]]:
    needed = {name: _values(command.schema["properties"][name]) for name in command.schema.get("required", ())}
    for values in product(*needed.values()):
        yield dict(zip(needed, values, strict=True))

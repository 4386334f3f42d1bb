"""Which fault is injected now: the rules of a sandbox and of an order, how often they were used, and their chances."""

import math
from collections.abc import Iterable, Mapping
from decimal import Decimal
from typing import Any, Generic, Literal, TypeVar

from msgspec import Struct

from emulator.contract.chance import Chance
from emulator.core.faults.fault import Fault, Rule
from emulator.core.faults.rules import CHANCES
from emulator.core.match import checked_conditions, difference
from emulator.core.plan import FAULT_RULES
from emulator.core.scenario import Scenario
from emulator.core.transaction import Transaction

MAX_RULES = 200
"""How many rules a sandbox may have; every request looks at all of them."""
USED = "faults-used"
"""Table: how often a rule with `times` or `skip` was used or skipped."""
DRAWN = "faults-drawn"
"""Table: how often a rule drew random numbers."""

F = TypeVar("F", bound=Fault)


class InjectedFault(Struct, Generic[F], frozen=True):
    """A fault that is injected into a request or a delivery."""

    fault: F
    when: Literal["before", "after"]
    rule: Rule
    fraction: float = 0.5
    """A random number between 0 and 1, for a fault that varies."""

    @property
    def name(self) -> str:
        """Name of the fault."""
        return self.fault.name


def pick(
    tx: Transaction, subject: Mapping[str, Any], rules: Iterable[tuple[str, Rule]], faults: Mapping[str, F]
) -> InjectedFault[F] | None:
    """The fault that the first fitting one of `rules` (with their ids) asks for, out of `faults`; counts the use.

    `subject`: provider, endpoint or event, orders, and what the rule's `match` looks at.
    """
    provider = tx.provider(subject["provider"])
    for rule_id, rule in rules:
        fault = faults.get(rule["fault"])
        if fault is None or not _concerns(rule, subject) or not fault.possible(rule, provider):
            continue
        used, skipped = int(tx.get(USED, rule_id) or 0), rule.get("skip", 0)
        if used >= skipped + rule.get("times", math.inf):
            continue
        if used < skipped:
            tx.put(USED, rule_id, used + 1, even_if_refused=True)
            continue
        certain = "chance" not in rule and not fault.drawn & rule.keys()
        dice = None if certain else _dice(tx, rule_id)
        if dice is not None and dice.below(CHANCES) >= int(Decimal(str(rule.get("chance", 1))) * CHANCES):
            continue
        if "times" in rule:
            tx.put(USED, rule_id, used + 1, even_if_refused=True)
        fraction = 0.5 if dice is None else (dice.below(CHANCES) + 0.5) / CHANCES
        return InjectedFault(fault, rule.get("when", "before"), rule, fraction)
    return None


def count_used(tx: Transaction, rule_id: str, rule: Rule) -> int:
    """How often a rule with `times` was used."""
    return max(0, int(tx.get(USED, rule_id) or 0) - int(rule.get("skip", 0)))


def _dice(tx: Transaction, rule_id: str) -> Chance:
    """The chance for one use of a rule. The use counts even if the request is refused, so that the next one differs."""
    uses = int(tx.get(DRAWN, rule_id) or 0)
    tx.put(DRAWN, rule_id, uses + 1, even_if_refused=True)
    return tx.chance.apart(f"{rule_id}|{uses}")


def _concerns(rule: Rule, subject: Mapping[str, Any]) -> bool:
    for name in ("provider", "endpoint", "event"):
        if name in rule and rule[name] != subject.get(name):
            return False
    if "order" in rule and rule["order"] not in subject["orders"]:
        return False
    return not difference(subject, checked_conditions(rule.get("match", {})))


def sandbox_rules(tx: Transaction) -> list[tuple[str, Rule]]:
    """The sandbox's own rules, oldest first, with their ids."""
    return list(tx.scan(FAULT_RULES))


def order_rules(tx: Transaction, order_id: str) -> list[tuple[str, Rule]]:
    """The rules of the scenario that an order follows, with their ids."""
    order = tx.order(order_id)
    scenario = tx.scenario(order.provider, order.scenario) if order is not None else None
    return scenario_rules(scenario, order_id) if scenario is not None else []


def scenario_rules(scenario: Scenario, order_id: str) -> list[tuple[str, Rule]]:
    """The rules of a scenario for one of its orders, with their ids."""
    return [(f"{order_id}/{place}", rule) for place, rule in enumerate(scenario.faults)]

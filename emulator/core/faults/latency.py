"""The answer comes later."""

import math
from collections.abc import Collection

from msgspec.structs import replace

from emulator.contract.card import Provider
from emulator.contract.reply import Reply
from emulator.core.durations import read_duration_ms
from emulator.core.faults.fault import DURATION, AnswerFault, Rule

_DISTRIBUTIONS = {
    "fixed": DURATION,
    "uniform": {
        "type": "array",
        "items": DURATION,
        "minItems": 2,
        "maxItems": 2,
        "description": 'between two durations, such as ["1s", "3s"]',
    },
    "lognormal": {
        "type": "object",
        "required": ["median"],
        "additionalProperties": False,
        "description": 'by chance, such as {"median": "300ms", "sigma": 0.8}',
        "properties": {"median": DURATION, "sigma": {"type": "number", "minimum": 0, "maximum": 5}},
    },
}


def _delay_ms(rule: Rule, fraction: float) -> int:
    """In real time; `fraction`: a random number between 0 and 1."""
    if "uniform" in rule:
        low_ms, high_ms = (read_duration_ms(each) for each in rule["uniform"])
        return int(low_ms + (high_ms - low_ms) * fraction)
    if "lognormal" in rule:
        from statistics import NormalDist  # takes long to import, and is rarely needed

        median_ms = read_duration_ms(rule["lognormal"]["median"])
        sigma = float(rule["lognormal"].get("sigma", 0.5))
        return int(median_ms * math.exp(sigma * NormalDist().inv_cdf(min(max(fraction, 1e-6), 1 - 1e-6))))
    return read_duration_ms(rule.get("fixed", "1s"))


def _check(rule: Rule, providers: Collection[Provider]) -> None:
    if len(rule.keys() & _DISTRIBUTIONS.keys()) > 1:
        raise ValueError(f"latency takes one of {', '.join(_DISTRIBUTIONS)}")
    _delay_ms(rule, 0.5)


def _hold_back(rule: Rule, reply: Reply, fraction: float) -> Reply:
    return replace(reply, delay_ms=_delay_ms(rule, fraction))


FAULT = AnswerFault(
    "latency",
    "the answer comes later, in real time",
    _DISTRIBUTIONS,
    drawn=frozenset({"uniform", "lognormal"}),
    check=_check,
    handles=True,
    on_reply=_hold_back,
)

"""Why a request was refused: one sentence, what was signed next to what should have been, and the provider's checks in
order, with the one that refused it."""

from collections.abc import Callable
from functools import partial
from typing import Any

from emulator.contract.card import Check, CheckWhere, Provider
from emulator.contract.diagnosis import Diagnosis
from emulator.core.call import Stop
from emulator.core.journal import Entry, as_json, hide_secrets

_PREFIXES = ("require_", "inject_", "check_")
_NOT_REACHED = "not reached"


def diagnosis_of(entry: Entry, provider: Provider) -> dict[str, Any]:
    """What is known about a refused request, without secrets."""
    shown = as_json(entry)
    stop: Stop | None = entry.stop
    diagnosis = stop.diagnosis if stop is not None else None

    hide = partial(hide_secrets, entry)
    reason = str(shown["reason"] or "")
    more = hide(diagnosis.more) if diagnosis is not None and diagnosis.more else ""
    sentence = reason.removesuffix(f"; {more}") if more else reason
    error = provider.errors.get(entry.error)
    return {
        "request": shown,
        "sentence": sentence,
        "found": diagnosis is not None and diagnosis.found,
        "reason": reason,
        "means": error.about if error is not None else None,
        "came": None if diagnosis is None or diagnosis.came is None else hide(diagnosis.came),
        "good": [] if diagnosis is None else _good(diagnosis, hide),
        "signature": None
        if diagnosis is None or not (diagnosis.expected or diagnosis.received)
        else {
            "received": diagnosis.received or None,
            "expected": diagnosis.expected or None,
            "made_by": diagnosis.made_by,
        },
        "checks": _checks(stop, provider, entry.endpoint),
    }


def _good(diagnosis: Diagnosis, hide: Callable[[str], str]) -> list[dict[str, str]]:
    """What would have been accepted. A text to sign contains what the client sent; header lines are our own."""
    return [{"name": each.name, "text": hide(each.text) if diagnosis.made_by else each.text} for each in diagnosis.good]


def _checks(stop: Stop | None, provider: Provider, endpoint: str) -> list[dict[str, Any]]:
    """The checks, each with its outcome; last the call itself."""
    if stop is None:
        return []
    functions = [_function(check) for check in stop.checks]
    failed = functions.index(_function(stop.at)) if stop.at is not None else len(functions)
    about = next((each.about for each in provider.endpoints if each.name == endpoint), "")
    steps = [(name_check(function), about_check(function)) for function in functions]
    if endpoint:
        steps.append((endpoint, about))
    return [
        {
            "name": name,
            "about": text,
            "outcome": "passed" if place < failed else "refused" if place == failed else _NOT_REACHED,
        }
        for place, (name, text) in enumerate(steps)
    ]


def _function(check: Check) -> Callable[..., Any]:
    return check.check if isinstance(check, CheckWhere) else check


def name_check(check: Check) -> str:
    """The name of a check, after its function or what made that."""
    name = _function(check).__qualname__.partition(".")[0].lstrip("_")
    for prefix in _PREFIXES:
        name = name.removeprefix(prefix)
    return name.replace("_", " ")


def about_check(check: Check) -> str:
    """The first paragraph of its docstring."""
    first, _, _ = (_function(check).__doc__ or "").strip().partition("\n\n")
    return " ".join(first.split())

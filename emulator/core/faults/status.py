"""One of the provider's own errors."""

from collections.abc import Collection

from emulator.contract.card import Provider
from emulator.contract.reply import AskedFor
from emulator.core.faults.fault import AnswerFault, Rule
from emulator.core.suggestion import did_you_mean


def first_error(provider: Provider, status: int) -> str | None:
    """The name of the first error in the provider's catalogue with this HTTP status; None if there is none."""
    return next((case.name for case in provider.errors.values() if case.status == status), None)


def _error(rule: Rule, provider: Provider) -> str | None:
    if "error" in rule:
        return rule["error"] if rule["error"] in provider.errors else None
    return first_error(provider, rule["status"])


def _refusal(rule: Rule, provider: Provider) -> AskedFor | None:
    error = _error(rule, provider)
    if error is None:
        return None
    return AskedFor(error, f"the fault {rule['fault']} asks for it", **rule.get("with", {}))


def _check(rule: Rule, providers: Collection[Provider]) -> None:
    if ("error" in rule) == ("status" in rule):
        raise ValueError("status takes either error (a name) or status (a number)")
    if any(_error(rule, provider) is not None for provider in providers):
        return
    known = "; ".join(
        f"{each.name}: {', '.join(f'{e.name} ({e.status})' for e in each.errors.values())}" for each in providers
    )
    meant = did_you_mean(rule.get("error"), [name for each in providers for name in each.errors])
    raise ValueError(f"no such error; there are {known}{meant}")


FAULT = AnswerFault(
    "status",
    "an error in the provider's catalogue, by name or by HTTP status",
    {
        "error": {"type": "string", "description": "name of one of the provider's errors"},
        "status": {"type": "integer", "description": "instead of error: the first one with this HTTP status"},
        "with": {"type": "object", "description": "what goes into its body"},
    },
    check=_check,
    possible=lambda rule, provider: _error(rule, provider) is not None,
    refusal=_refusal,
)

"""The provider's own 429."""

from collections.abc import Collection

from emulator.contract.card import Provider
from emulator.contract.reply import AskedFor
from emulator.core.durations import read_duration_ms
from emulator.core.faults.fault import DURATION, AnswerFault, Rule
from emulator.core.faults.status import first_error

_STATUS = 429


def _refusal(rule: Rule, provider: Provider) -> AskedFor | None:
    error = first_error(provider, _STATUS)
    if error is None:
        return None
    return AskedFor(error, f"the fault {rule['fault']} asks for it", retry_after_s=-(-_retry_after_ms(rule) // 1000))


def _retry_after_ms(rule: Rule) -> int:
    return read_duration_ms(rule.get("retry_after", 1))


def _check(rule: Rule, providers: Collection[Provider]) -> None:
    _retry_after_ms(rule)


FAULT = AnswerFault(
    "rate-limit",
    "429 in the provider's form, with Retry-After",
    {"retry_after": DURATION},
    check=_check,
    possible=lambda rule, provider: first_error(provider, _STATUS) is not None,
    refusal=_refusal,
)

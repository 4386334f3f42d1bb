"""The provider's own 429."""

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
    retry_after_ms = read_duration_ms(rule.get("retry_after", 1))
    return AskedFor(error, f"the fault {rule['fault']} asks for it", retry_after_s=-(-retry_after_ms // 1000))


FAULT = AnswerFault(
    "rate-limit",
    "429 in the provider's form, with Retry-After",
    {"retry_after": DURATION},
    possible=lambda rule, provider: first_error(provider, _STATUS) is not None,
    refusal=_refusal,
)

"""A sandbox's clock: a value that maps real time to sandbox time. Never reads the real clock itself."""

from contextlib import suppress
from decimal import ROUND_CEILING, Decimal, InvalidOperation
from typing import Any, Literal

from msgspec import Struct

from emulator.core.durations import LAST_INSTANT_MS, format_instant

Mode = Literal["real", "rate", "manual"]


class Clock(Struct, frozen=True):
    """Sandbox time = `anchor_ms` + (real time - `real_anchor_ms`) x rate; a manual clock stays at `anchor_ms`."""

    mode: Mode = "real"
    rate: str = "1"
    anchor_ms: int = 0
    real_anchor_ms: int = 0

    def now_ms(self, real_ms: int) -> int:
        """Sandbox time, in ms since 1970, at the real time `real_ms`; between the anchor and LAST_INSTANT_MS."""
        if self.mode == "manual":
            return self.anchor_ms
        elapsed_ms = max(0, real_ms - self.real_anchor_ms)
        if self.rate != "1":
            elapsed_ms = int(elapsed_ms * Decimal(self.rate))
        return min(self.anchor_ms + elapsed_ms, LAST_INSTANT_MS)

    def real_ms(self, moment_ms: int) -> int | None:
        """The first real time at which the sandbox's time is `moment_ms`; None on a manual clock."""
        if self.mode == "manual":
            return None
        ahead_ms = max(0, moment_ms - self.anchor_ms)
        if self.rate == "1":
            return self.real_anchor_ms + ahead_ms
        return self.real_anchor_ms + int((ahead_ms / Decimal(self.rate)).to_integral_value(ROUND_CEILING))

    def moved_to(self, moment_ms: int, real_ms: int) -> "Clock":
        """The same clock, set so that it shows `moment_ms` at the real time `real_ms`."""
        return clock_at(self.mode, self.rate, moment_ms, real_ms)

    def as_json(self, real_ms: int) -> dict[str, Any]:
        """`{mode, rate, now, now_ms}` for the control API."""
        now_ms = self.now_ms(real_ms)
        rate: Decimal | int = Decimal(self.rate) if self.mode != "manual" else 0
        return {"mode": self.mode, "rate": rate, "now": format_instant(now_ms), "now_ms": now_ms}


def clock_at(mode: Mode, rate: str, moment_ms: int, real_ms: int) -> Clock:
    """A clock that shows `moment_ms` at the real time `real_ms`, which a manual clock ignores."""
    return Clock(mode, rate, moment_ms, 0 if mode == "manual" else real_ms)


def read_clock_rate(text: str) -> str:
    """A rate in the form that clocks keep: a decimal number from 0.001 to 1000000. Raises ValueError for others."""
    with suppress(InvalidOperation):
        rate = Decimal(text) if len(text) <= 20 else Decimal(0)
        if rate.is_finite() and Decimal("0.001") <= rate <= 1_000_000:
            return f"{rate:f}"
    raise ValueError("a rate is a number from 0.001 to 1000000")

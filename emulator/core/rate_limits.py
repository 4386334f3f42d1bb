"""Rate limits: a number of requests per fixed window of the sandbox's time."""

from typing import NamedTuple

from emulator.contract.transaction import Transaction

TABLE = "request-windows"

RATE_PATTERN = "^[1-9][0-9]{0,6}/[1-9][0-9]{0,6}$"
"""A rate as settings write it, times and seconds, such as `2/30`."""


class Rate(NamedTuple):
    """A number of requests in a window."""

    times: int
    window_ms: int

    def __str__(self) -> str:
        return f"{self.times} in {self.window_ms // 1000}s"


def read_rate(text: str) -> Rate:
    """Reads a rate that RATE_PATTERN matches."""
    times, seconds = map(int, text.split("/"))
    return Rate(times, seconds * 1000)


def take(tx: Transaction, key: str, rate: Rate) -> int | None:
    """Counts a request against `key`; a window begins with its first request.

    Returns None if the request is within the rate, else the ms until the window ends. The request counts even if it is
    refused later.
    """
    window = tx.get(TABLE, key)
    if window is None or tx.now_ms >= window["ends_ms"]:
        window = {"ends_ms": tx.now_ms + rate.window_ms, "used": 0}
    if window["used"] >= rate.times:
        return int(window["ends_ms"]) - tx.now_ms
    window["used"] += 1
    tx.put(TABLE, key, window, even_if_refused=True)
    return None

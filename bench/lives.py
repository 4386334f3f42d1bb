"""How long lives take that are drawn and played in process. Run as a process of its own.

`python -m bench.lives COUNT`: so many lives with faults, as many of each provider. Those before, which load what is
loaded when used, do not count.
"""

import json
import sys
import time
from typing import Any

from hypothesis import HealthCheck, Phase, given, settings

from emulator.providers import NAMES
from emulator.testing import BackgroundServer
from emulator.testing.lives import Life, lives

_WARM_UP = 4


def measure(server: BackgroundServer, provider: Any, count: int) -> list[float]:
    """How many ms each of so many lives takes, from the end of the one before."""
    ends: list[float] = []

    @settings(
        max_examples=_WARM_UP + count, phases=[Phase.generate], database=None, deadline=None, derandomize=True,
        suppress_health_check=list(HealthCheck),
    )  # fmt: skip
    @given(life=lives(provider, faults=True))
    def play(life: Life) -> None:
        with server.sandbox() as emulator:
            emulator.play(None, life)
        ends.append(time.perf_counter())

    play()
    return [1000 * (end - before) for before, end in zip(ends[_WARM_UP - 1 :], ends[_WARM_UP:], strict=False)]


if __name__ == "__main__":
    with BackgroundServer(sockets=False) as running:
        began_s = time.process_time()
        found = [each for name in NAMES for each in measure(running, name, int(sys.argv[1]) // len(NAMES))]
        print(json.dumps({"durations_ms": found, "processor_s": time.process_time() - began_s}))

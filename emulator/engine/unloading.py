"""Unloads unused sandboxes, with a store that keeps them; they come back when they are next used."""

from emulator.engine import real_time
from emulator.engine.engine import Engine

_MOST_BETWEEN_MS = 60_000
_LEAST_BETWEEN_MS = 50


async def unload_unused(engine: Engine) -> None:
    """Unloads, again and again, the sandboxes that are unused by then. Runs until it is cancelled."""
    between_ms = min(_MOST_BETWEEN_MS, max(_LEAST_BETWEEN_MS, engine.unload_after_ms // 4))
    while True:
        await real_time.pause(between_ms)
        for sandbox in list(engine.sandboxes.values()):
            engine.unload_unused(sandbox, engine.unload_after_ms)

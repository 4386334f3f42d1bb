"""The first state of a sandbox: the providers' first documents, before anything has happened."""

from emulator.core.clock import clock_at
from emulator.core.library import Library
from emulator.core.origin import ORIGIN, Origin
from emulator.core.plan import SETTINGS
from emulator.core.sandbox import Sandbox
from emulator.core.transaction import Transaction


def build_sandbox(library: Library, name: str, origin: Origin, real_ms: int) -> Sandbox:
    """A sandbox in its first state, not registered or stored anywhere."""
    now_ms = real_ms if origin.now_ms is None else origin.now_ms
    sandbox = Sandbox(name, origin.seed, clock_at(origin.mode, origin.rate, now_ms, real_ms))
    tx = Transaction(sandbox, library, now_ms, real_ms)
    tx.put(ORIGIN, ORIGIN, origin)
    for provider, changed in origin.settings.items():
        tx.put(SETTINGS, provider, changed)
    sandbox.apply(tx.changes())
    tx = Transaction(sandbox, library, now_ms, real_ms)
    for outline in library.outlines.values():
        outline.seed(tx, name)
        tx.plan_recurring(outline.name, sandbox.settings(outline))
        if origin.webhook_url is not None:
            webhooks = library.providers[outline.name].webhooks
            if webhooks is not None:
                webhooks.subscribe(tx, origin.webhook_url)
    sandbox.apply(tx.changes())
    sandbox.revision = 0
    return sandbox

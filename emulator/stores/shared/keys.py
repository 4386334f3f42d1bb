"""Where everything is in Redis; docs/stores.md tells what each key holds."""

LOG, COUNT, HEADS = "emulator:log", "emulator:count", "emulator:heads"
LIVES, ORDER = "emulator:lives", "emulator:sandboxes"


def sandbox_keys(name: str) -> list[str]:
    """The keys that keep a sandbox, after those that all share."""
    return [HEADS, COUNT, LOG, *(_key(name, part) for part in ("state", "documents", "rows", "lease", "journal"))]


def journal_keys(name: str) -> list[str]:
    """The keys that keep a sandbox's journal."""
    return [_key(name, "state"), _key(name, "journal")]


def lease_key(name: str) -> str:
    """The key that says who sends a sandbox's webhooks."""
    return _key(name, "lease")


def _key(name: str, part: str) -> str:
    return f"emulator:{name}:{part}"

"""The keys in Redis; docs/stores.md says what each of them holds."""

LOG, COUNT, HEADS = "emulator:log", "emulator:count", "emulator:heads"
LIVES, ORDER = "emulator:lives", "emulator:sandboxes"


def sandbox_keys(name: str) -> list[str]:
    """The keys of a sandbox, preceded by those that all sandboxes share."""
    return [HEADS, COUNT, LOG, *(_key(name, part) for part in ("state", "documents", "rows", "lease", "journal"))]


def journal_keys(name: str) -> list[str]:
    """The keys of a sandbox's journal."""
    return [_key(name, "state"), _key(name, "journal")]


def lease_key(name: str) -> str:
    """The key of a sandbox's lease."""
    return _key(name, "lease")


def _key(name: str, part: str) -> str:
    return f"emulator:{name}:{part}"

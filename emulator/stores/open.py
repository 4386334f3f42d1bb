"""Opens the store that a URL names."""

from pathlib import Path

from emulator.core.suggestion import use_one_of
from emulator.stores import Store, StoreError
from emulator.stores.memory import MemoryStore

MEMORY = "memory"
FORMS = (MEMORY, "sqlite:///PATH", "redis://HOST:PORT/DB", "valkey://HOST:PORT/DB")
_SQLITE = "sqlite:///"
_SHARED = ("redis://", "rediss://", "valkey://", "valkeys://")
"""The second and the fourth use TLS."""


def open_store(url: str, *, keeps_journals: bool = False) -> Store:
    """The store that `--store` names. The path in `sqlite:///PATH` is relative to the current folder, in
    `sqlite:////PATH` it is absolute. Raises StoreError, which says what to do."""
    if url == MEMORY:
        if keeps_journals:
            raise StoreError("--journal-kept needs a persistent store: give --store sqlite:///PATH, or leave it out")
        return MemoryStore()
    if url.startswith(_SQLITE) and url != _SQLITE:
        from emulator.stores.sqlite import SqliteStore

        return SqliteStore(Path(url.removeprefix(_SQLITE)), keeps_journals=keeps_journals)
    if url.startswith(_SHARED):
        from emulator.stores.shared.redis import RedisStore

        return RedisStore(url, keeps_journals=keeps_journals)
    kind = url.partition(":")[0]
    raise StoreError(f"--store: no store {kind!r}; {use_one_of(kind, FORMS)}")

"""Stores, which keep sandboxes beyond the process: the interface that all of them have."""

from collections.abc import AsyncIterator, Collection, Sequence
from typing import Protocol, runtime_checkable

from msgspec import Struct

from emulator.core.journal import Entry
from emulator.core.kept_journal import KeptJournal
from emulator.core.sandbox import OLDEST_SNAPSHOT, SNAPSHOT_VERSION, Changes, Snapshot


class StoreError(RuntimeError):
    """The store cannot be read or written; the message says what to do."""


def require_readable(sandbox: str, version: int) -> None:
    """Raises StoreError for a sandbox that was stored in a form that this emulator does not read."""
    if not OLDEST_SNAPSHOT <= version <= SNAPSHOT_VERSION:
        raise StoreError(
            f"the sandbox {sandbox!r} was stored by another version of the emulator (form {version}, this one reads "
            f"{OLDEST_SNAPSHOT} to {SNAPSHOT_VERSION}): take a snapshot with that version, and restore it here"
        )


class Kept(Struct, frozen=True):
    """All changes were stored."""


class Conflict(Struct, frozen=True):
    """Nothing was stored, because another process has changed the sandbox in the meantime."""

    kept: tuple[Changes, ...]
    """What the store knows to have been stored since `base`, oldest first."""


class Store(Protocol):
    """Keeps sandboxes. A command is acknowledged only when `append` has returned Kept.

    The order of rows matters: the rows of a table come back in the order in which they were first written. A row that
    is written again stays in its place; one that was removed and is written again goes to the end.

    A `revision` is the number of commands that were appended to a sandbox since `begin`.
    """

    name: str
    """The kind of store, such as `memory`."""
    keeps: bool
    """Whether anything outlasts the process; if not, nobody waits for the store."""
    keeps_journals: bool
    """Whether journals are stored, too. `append` then stores the entries about its changes in the same step."""

    def load(self) -> AsyncIterator[tuple[Snapshot, int]]:
        """The sandboxes as of their latest appended changes, each with its revision."""

    async def read(self, sandbox: str) -> tuple[Snapshot, int] | None:
        """The sandbox of this name, with its revision; None if there is none."""

    async def begin(self, snapshot: Snapshot, *, new: bool = False, begun_ms: int = 0, whole: bool = False) -> bool:
        """Stores a sandbox that was restored or reset, replacing any of its name; a `new` one only if there is none of
        its name. Returns whether it is stored. `begun_ms`, `whole`: those of its journal, which is empty."""

    async def append(self, sandbox: str, base: int, changes: Sequence[Changes]) -> Kept | Conflict:
        """Stores the outcome of one or more commands, in order: all of it or nothing. `base` is the revision at which
        the first was decided; if the sandbox is at another one, nothing is stored. If it raises, nothing is stored."""

    async def append_entry(self, sandbox: str, begun_ms: int, entry: Entry) -> int:
        """Stores an entry of the journal that began then, if it is still the sandbox's. Returns its number; 0: it is
        not. If it raises, the entry is not stored."""

    async def read_journal(self, sandbox: str) -> KeptJournal:
        """The stored part of a sandbox's journal."""

    async def forget(self, sandbox: str) -> None:
        """Removes a sandbox."""

    async def close(self) -> None:
        """Stores what is still to be stored, and releases its resources."""


class Appended(Struct, frozen=True):
    """Another process has stored a command."""

    sandbox: str
    revision: int
    """The sandbox's revision after it."""
    changes: Changes


class Confirmed(Struct, frozen=True):
    """This process has stored a command; `append` returns that, too, but perhaps later."""

    sandbox: str
    revision: int


class Replaced(Struct, frozen=True):
    """A sandbox is new, or was reset or restored, or what is known about it is too old."""

    sandbox: str
    snapshot: Snapshot | None
    """None: it was removed."""
    revision: int = 0


class Wanted(Struct, frozen=True):
    """Another process asks for the lease of a sandbox."""

    sandbox: str
    by: str


class Journaled(Struct, frozen=True):
    """Journal entries were stored, by this process or another."""

    sandbox: str
    begun_ms: int
    """When the journal that they belong to began."""
    newest: int
    """Number of the last of them."""
    entries: tuple[Entry, ...]


class Lease(Struct, frozen=True):
    """A lease has changed hands, or, with `busy`, its holder cannot give it up now."""

    sandbox: str
    held: bool
    """Whether this process holds it now."""
    busy: bool = False


News = Appended | Confirmed | Replaced | Wanted | Journaled | Lease


@runtime_checkable
class SharedStore(Store, Protocol):
    """Keeps the sandboxes of several processes, each of which holds all of them and decides the requests that it gets.

    A sandbox's webhooks are sent by one process at a time, which holds its lease: `append` refuses the beginning of an
    attempt in any other. Every method may raise StoreError while the store cannot be reached, and works again later.
    """

    held: set[str]
    """Names of the sandboxes whose leases this process holds, as far as it knows."""

    async def news(self) -> Sequence[News]:
        """What has been stored since the last call, in order, up to now. One call at a time."""

    def catch_up(self, sandbox: str) -> bool:
        """Whether a sandbox is still as `Replaced` said, so that it can be taken over now; if not, `news` reports it
        again. Until this returns True, nothing that is decided in the sandbox is stored."""

    def doubt(self, sandbox: str) -> None:
        """Makes `news` report a sandbox as a whole."""

    async def wait_for_news(self) -> None:
        """Returns when there may be news, or after a while."""

    async def renew(self, sandboxes: Collection[str]) -> Sequence[Lease]:
        """Renews the leases that are held, takes those that are free, and returns what has changed."""

    async def ask_for(self, sandbox: str) -> bool:
        """Takes a lease if it is free, else asks its holder for it. Returns whether this process holds it now."""

    async def hand_over(self, sandbox: str, to: str, *, busy: bool) -> None:
        """Hands a lease to the process that asked for it, or, with `busy`, says that it cannot be given up now."""

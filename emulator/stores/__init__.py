"""Where sandboxes are kept beyond the process. One port; the memory store keeps nothing."""

from collections.abc import AsyncIterator, Collection, Sequence
from typing import Protocol, runtime_checkable

from msgspec import Struct

from emulator.core.journal import Entry
from emulator.core.kept_journal import KeptJournal
from emulator.core.sandbox import OLDEST_SNAPSHOT, SNAPSHOT_VERSION, Changes, Snapshot


class StoreError(RuntimeError):
    """What is kept cannot be reached, or nothing can be added to it; the text says what to do."""


def require_readable(sandbox: str, version: int) -> None:
    """Raises StoreError for a sandbox that was kept in a form that this emulator does not read."""
    if not OLDEST_SNAPSHOT <= version <= SNAPSHOT_VERSION:
        raise StoreError(
            f"the sandbox {sandbox!r} was kept by another version of the emulator (form {version}, this one reads "
            f"{OLDEST_SNAPSHOT} to {SNAPSHOT_VERSION}): take a snapshot with that version, and restore it here"
        )


class Kept(Struct, frozen=True):
    """The changes are kept, all of them."""


class Conflict(Struct, frozen=True):
    """Nothing was kept, because somebody else has changed the sandbox meanwhile."""

    kept: tuple[Changes, ...]
    """What was kept there since `base`, oldest first."""


class Store(Protocol):
    """Keeps sandboxes. A command is acknowledged only when `append` has said that it is kept.

    The order of rows counts: the rows of a table come back in the order in which they were first written. A row that is
    written again stays where it is; one that was removed and is written again goes to the end.

    A `revision` is the number of commands that were appended to a sandbox since `begin`.
    """

    name: str
    """What kind it is, as `memory`."""
    keeps: bool
    """False: nothing outlasts the process, and nobody waits for it."""
    keeps_journals: bool
    """Whether journals are kept, too. `append` then keeps what its changes tell, in the same step."""

    def load(self) -> AsyncIterator[tuple[Snapshot, int]]:
        """The sandboxes as they were after the last appended changes, each with its revision."""
        ...

    async def read(self, sandbox: str) -> tuple[Snapshot, int] | None:
        """One of them; None: there is none by this name."""
        ...

    async def begin(self, snapshot: Snapshot, *, new: bool = False, begun_ms: int = 0, whole: bool = False) -> bool:
        """Keeps a sandbox that was restored or reset, in place of what was kept under its name; a `new` one only if
        there is none by this name. Tells whether it is kept. `begun_ms`, `whole`: of its journal, which is empty."""
        ...

    async def append(self, sandbox: str, base: int, changes: Sequence[Changes]) -> Kept | Conflict:
        """Keeps the outcome of one or more commands, in their order: all of it or nothing. `base` is the revision on
        which the first was decided; if the sandbox is at another one, nothing is kept. May raise: nothing is kept."""
        ...

    async def append_entry(self, sandbox: str, begun_ms: int, entry: Entry) -> int:
        """Keeps an entry of the journal that began then, if it is still the sandbox's, and gives its number. May raise:
        it is not kept."""
        ...

    async def read_journal(self, sandbox: str) -> KeptJournal:
        """What is kept of a sandbox's journal."""
        ...

    async def forget(self, sandbox: str) -> None:
        """Keeps nothing of this sandbox any more."""
        ...

    async def close(self) -> None:
        """Keeps what is still to be kept, and lets go of what it holds."""
        ...


class Appended(Struct, frozen=True):
    """Another process has kept a command."""

    sandbox: str
    revision: int
    """The sandbox's after it."""
    changes: Changes


class Confirmed(Struct, frozen=True):
    """This process has kept a command; who awaits `append` hears of it as well, perhaps later."""

    sandbox: str
    revision: int


class Replaced(Struct, frozen=True):
    """A sandbox is new, or was reset or restored, or what is known of it is too old."""

    sandbox: str
    snapshot: Snapshot | None
    """None: it is no more."""
    revision: int = 0


class Wanted(Struct, frozen=True):
    """Another process asks for the lease of a sandbox."""

    sandbox: str
    by: str


class Journaled(Struct, frozen=True):
    """Entries were kept, of this process or another."""

    sandbox: str
    begun_ms: int
    """Which journal's they are."""
    newest: int
    """Number of the last of them."""
    entries: tuple[Entry, ...]


class Lease(Struct, frozen=True):
    """Whose a lease is has changed, or `busy`: its holder cannot give it up just now."""

    sandbox: str
    held: bool
    """By this process."""
    busy: bool = False


News = Appended | Confirmed | Replaced | Wanted | Journaled | Lease


@runtime_checkable
class SharedStore(Store, Protocol):
    """Keeps the sandboxes of several processes, each of which holds all of them, and decides where it is asked.

    Webhooks of a sandbox are sent by one process at a time, which holds its lease: `append` refuses an attempt to send
    one that begins in another. Every method may raise StoreError while the store is away, and works again afterwards.
    """

    held: set[str]
    """The sandboxes whose lease this process holds, as far as it knows."""

    async def news(self) -> Sequence[News]:
        """What others have kept since the last call, in its order, up to now. One call at a time."""
        ...

    def catch_up(self, sandbox: str) -> bool:
        """Whether a sandbox is still as `Replaced` has told, so that it can be taken over now; else it is told again.
        Until then nothing is kept that was decided in it."""
        ...

    def doubt(self, sandbox: str) -> None:
        """Has `news` tell of a sandbox as a whole."""
        ...

    async def wait_for_news(self) -> None:
        """Returns when there is something new, or after a while."""
        ...

    async def renew(self, sandboxes: Collection[str]) -> Sequence[Lease]:
        """Renews the leases that are held, takes those that are free, and tells what has changed."""
        ...

    async def ask_for(self, sandbox: str) -> bool:
        """Takes a lease if it is free; else asks its holder for it. Tells whether it is held now."""
        ...

    async def hand_over(self, sandbox: str, to: str, *, busy: bool) -> None:
        """Gives a lease that is held to who has asked for it, or says that it cannot be given up now: `busy`."""
        ...

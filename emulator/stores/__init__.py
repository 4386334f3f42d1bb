"""Where sandboxes are kept beyond the process. One port; the memory store keeps nothing."""

from collections.abc import AsyncIterator, Sequence
from typing import Protocol

from msgspec import Struct

from emulator.core.sandbox import Changes, Snapshot


class StoreError(RuntimeError):
    """What is kept can not be reached, or nothing can be added to it; the text says what to do."""


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

    def load(self) -> AsyncIterator[tuple[Snapshot, int]]:
        """The sandboxes as they were after the last appended changes, each with its revision."""
        ...

    async def begin(self, snapshot: Snapshot) -> None:
        """Keeps a sandbox that is new, or that was restored or reset, in place of what was kept under its name."""
        ...

    async def append(self, sandbox: str, base: int, changes: Sequence[Changes]) -> Kept | Conflict:
        """Keeps the outcome of one or more commands, in their order: all of it or nothing. `base` is the revision on
        which the first was decided; if the sandbox is at another one, nothing is kept. May raise: nothing is kept."""
        ...

    async def forget(self, sandbox: str) -> None:
        """Keeps nothing of this sandbox any more."""
        ...

    async def close(self) -> None:
        """Keeps what is still to be kept, and lets go of what it holds."""
        ...

"""Where what happened is kept. One port; the memory store keeps nothing beyond the process."""

from collections.abc import AsyncIterator, Awaitable
from typing import Protocol

from emulator.core.sandbox import Changes, Snapshot


class Store(Protocol):
    """Keeps sandboxes beyond the process. A command is acknowledged only after `append` has returned.

    What is called here may not be running in a task yet. What needs one, as timeouts do, has to be put into a task.
    """

    def load(self) -> AsyncIterator[Snapshot]:
        """The sandboxes that were kept, as they were after the last appended changes."""
        ...

    async def begin(self, snapshot: Snapshot) -> None:
        """Keeps a sandbox that is new, or that was restored or reset, in place of what was kept under its name."""
        ...

    def append(self, sandbox: str, changes: Changes) -> Awaitable[None] | None:
        """Keeps the outcome of one command; all of it or nothing. None: it is kept already."""
        ...

    async def forget(self, sandbox: str) -> None:
        """Keeps nothing of this sandbox any more."""
        ...

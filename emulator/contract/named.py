"""Tables of things that have a name."""

from typing import Protocol, TypeVar


class Named(Protocol):
    """Anything with a name."""

    @property
    def name(self) -> str:
        """Unique in its table."""


N = TypeVar("N", bound=Named)


def by_name(*things: N) -> dict[str, N]:
    """The things by their names, in the order given."""
    return {thing.name: thing for thing in things}

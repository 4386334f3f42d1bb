"""An order. A plain value, which is changed only inside a transaction and stored as JSON."""

from typing import Any

from msgspec import Struct, field

STEP = "step"
"""Name of the timer of the next timeline step; all other timers have the name of the event that they fire."""


class Timer(Struct, frozen=True, order=True, array_like=True, gc=False):
    """When (ms since 1970) something falls due, and its place among what is due at the same instant."""

    due_ms: int
    number: int


class Change(Struct, frozen=True, array_like=True, gc=False):
    """An entry in an order's history: the order entered `status` at `at_ms`, by `event`, because of `cause`."""

    at_ms: int
    status: str
    event: str
    cause: str


class Order(Struct, omit_defaults=True):
    """An order. `fields` is the provider's own part, in the provider's own words."""

    id: str
    provider: str
    owner: str
    """The provider's account that the order belongs to: a user, a partner, a merchant."""
    kind: str
    """Decides which rows of the lifecycle apply; empty if the provider has only one kind."""
    status: str
    created_ms: int
    updated_ms: int
    fields: dict[str, Any]
    keys: tuple[str, ...] = ()
    """What the order can be found by besides its id, such as `external:inv-77`; fixed when it is created."""
    scenario: str = ""
    captured: dict[str, str] = field(default_factory=dict)
    """Named groups of the scenario's `match`, which its steps may use."""
    step: int = 0
    """Index of the timeline step that comes next."""
    waiting: bool = False
    """Whether the timeline stands still until the provider starts it."""
    chosen: bool = False
    """Whether somebody chose its scenario: by header, by match, or for the sandbox."""
    opened: bool = False
    """Whether its payer has opened the page."""
    taken_over: bool = False
    """Whether a person has acted on it: only timeline steps that follow by themselves or wait for events remain."""
    reads: int = 0
    """How often the client has read the order since the previous step."""
    timers: dict[str, Timer] = field(default_factory=dict)
    history: list[Change] = field(default_factory=list)

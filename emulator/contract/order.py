"""One order of one provider. A plain value: it is changed only inside a transaction and kept as JSON bytes."""

from typing import Any

from msgspec import Struct, field

STEP = "step"
"""The timer of the order's next timeline step; all other timers bear the name of the event that they fire."""


class Timer(Struct, frozen=True, order=True, array_like=True, gc=False):
    """When (ms since 1970) something falls due, and its place among those due at the same instant."""

    due_ms: int
    number: int


class Change(Struct, frozen=True, array_like=True, gc=False):
    """One entry of an order's history: the order entered `status` at `at_ms`, by `event`, because of `cause`."""

    at_ms: int
    status: str
    event: str
    cause: str


class Order(Struct, omit_defaults=True):
    """What is known of an order. `fields` is the provider's own part, in the provider's own words."""

    id: str
    provider: str
    owner: str
    """The provider's account that the order belongs to: a user, a partner, a merchant."""
    kind: str
    """Which rows of the lifecycle hold for it; empty where all orders are alike."""
    status: str
    created_ms: int
    updated_ms: int
    fields: dict[str, Any]
    keys: tuple[str, ...] = ()
    """What the order can be found by besides its id, such as `external:inv-77`; fixed at creation."""
    scenario: str = ""
    captured: dict[str, str] = field(default_factory=dict)
    """Named groups of the scenario's match, which its steps may use."""
    step: int = 0
    """Index of the timeline step that comes next."""
    waiting: bool = False
    """The timeline stands still until the provider starts it."""
    chosen: bool = False
    """Somebody chose its scenario: by header, by match, or for the sandbox."""
    opened: bool = False
    """Its payer has opened the page."""
    taken_over: bool = False
    """A person has acted on it: of its timeline only what follows by itself, and what waits for events, is still to
    come."""
    reads: int = 0
    """How often the client has read the order since the step before."""
    timers: dict[str, Timer] = field(default_factory=dict)
    history: list[Change] = field(default_factory=list)

"""What a fault is: a value with its name, its arguments, and what it does, as functions from values to values.

Each fault is a module beside this one, with its value under the name `FAULT`, and a line in the registry.
"""

from collections.abc import Callable, Collection, Mapping
from typing import Any, ClassVar, Literal, Protocol

from msgspec import Struct, field

from emulator.contract.card import Provider
from emulator.contract.delivery import Delivery, Message
from emulator.contract.reply import Refusal, Reply
from emulator.contract.transaction import Transaction
from emulator.contract.webhooks import Webhooks
from emulator.core.delivery_states import Event

Rule = Mapping[str, Any]
"""What somebody asked for: which fault, where, how often, and the fault's own arguments."""

DURATION = {"type": ["string", "number"], "description": "a duration, such as 250ms, 30s or 1h"}
"""The schema of an argument that is a duration; whether it is a valid one is checked for every fault."""


class Fault(Struct, frozen=True):
    """A fault that can be asked for."""

    on: ClassVar[Literal["answer", "delivery"]]
    name: str
    about: str
    arguments: Mapping[str, Any] = field(default_factory=dict)
    """JSON Schemas, by name, of what a rule may have besides the members of every rule."""
    drawn: frozenset[str] = frozenset()
    """Arguments that make the effect vary by chance."""
    check: Callable[[Rule, Collection[Provider]], None] = lambda rule, providers: None
    """Raises ValueError, which says what is possible, for arguments that fit the schemas but make no sense; gets the
    providers that the rule is about."""
    possible: Callable[[Rule, Provider], bool] = lambda rule, provider: True
    """Whether it can be injected at this provider; if not, the rule is not used up."""


class AnswerFault(Fault, frozen=True):
    """A fault in the answer to a request."""

    on = "answer"
    handles: bool = False
    """Whether the request is handled as usual, whatever the rule says about `when`."""
    refusal: Callable[[Rule, Provider], Refusal | None] = lambda rule, provider: None
    """The provider's own error that replaces the answer; None: there is none."""
    on_reply: Callable[[Rule, Reply, float], Reply] = lambda rule, reply, fraction: reply
    """What the client gets instead of the reply. `fraction`: a random number between 0 and 1."""


class DeliveryTransaction(Transaction, Protocol):
    """A transaction that also decides when deliveries are attempted."""

    def keep_delivery(self, delivery: Delivery) -> None:
        """Stores a delivery as it is now."""

    def schedule_attempt(self, delivery: Delivery, due_ms: int, event: Event) -> None:
        """Plans the next attempt for `due_ms`, because of an event that leads to `pending`."""


class DeliveryFault(Fault, frozen=True):
    """A fault in the first attempt to deliver a webhook. What only the provider can build into the message is done by
    its `compose`, which looks at `Delivery.fault_now`."""

    on = "delivery"
    possible: Callable[[Rule, Provider], bool] = lambda rule, provider: provider.webhooks is not None
    on_delivery: Callable[[DeliveryTransaction, Delivery, Rule], bool] = lambda tx, delivery, rule: True
    """What happens to the delivery before it is sent; returns whether the attempt is still made now."""
    on_message: Callable[[Message, Webhooks], Message] = lambda message, webhooks: message
    """What is sent instead of the message."""
    until_next: bool = False
    """Whether the delivery waits at most until the next one about the same subject to the same receiver."""


def supported_by_provider(rule: Rule, provider: Provider) -> bool:
    """The `possible` of a fault that the provider's `compose` builds into the message."""
    return provider.webhooks is not None and rule["fault"] in provider.webhooks.supported_faults

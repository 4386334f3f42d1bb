"""What a fault is: a value with its name, what rules may say of it, and what it does, as functions that touch nothing.

Each fault is a module beside this one, with its value by the name `FAULT`, and a line in the registry.
"""

from collections.abc import Callable, Collection, Mapping
from typing import Any, ClassVar, Final, Literal, Protocol

from msgspec import Struct, field

from emulator.contract.card import Provider
from emulator.contract.delivery import Delivery, Message
from emulator.contract.reply import Refusal, Reply
from emulator.contract.transaction import Transaction
from emulator.contract.webhooks import Webhooks
from emulator.core.delivery_states import Event

Rule = Mapping[str, Any]
"""What somebody has asked for: which fault, where, how often, and the fault's own arguments."""

DURATION: Final = {"type": ["string", "number"], "description": "a duration, as 250ms, 30s or 1h"}


class Fault(Struct, frozen=True):
    """A fault that can be asked for."""

    on: ClassVar[Literal["answer", "delivery"]]
    name: str
    about: str
    arguments: Mapping[str, Any] = field(default_factory=dict)
    """What a rule may say besides the members of every rule: JSON Schemas by name."""
    drawn: frozenset[str] = frozenset()
    """Arguments with which the effect varies by chance."""
    check: Callable[[Rule, Collection[Provider]], None] = lambda rule, providers: None
    """Raises ValueError, with what is good, for arguments that fit the schemas and make no sense all the same; gets
    the providers that the rule concerns."""
    possible: Callable[[Rule, Provider], bool] = lambda rule, provider: True
    """Whether it can be injected at this provider; a rule is not used up where it cannot."""


class AnswerFault(Fault, frozen=True):
    """A fault of the answer to a request."""

    on = "answer"
    handles: bool = False
    """The request is handled as ever, whatever the rule says of `when`."""
    refusal: Callable[[Rule, Provider], Refusal | None] = lambda rule, provider: None
    """The provider's own error that takes the place of the answer; None: there is none."""
    on_reply: Callable[[Rule, Reply, float], Reply] = lambda rule, reply, fraction: reply
    """What the client gets in place of the reply. `fraction`, between 0 and 1, is the chance of it."""


class DeliveryTransaction(Transaction, Protocol):
    """A transaction in which it is decided when deliveries are made."""

    def keep_delivery(self, delivery: Delivery) -> None:
        """Keeps a delivery as it is now."""

    def schedule_attempt(self, delivery: Delivery, due_ms: int, event: Event) -> None:
        """Makes the next attempt at `due_ms`, because of an event that leads to `pending`."""


class DeliveryFault(Fault, frozen=True):
    """A fault of the first attempt to deliver a webhook. What only the provider can build into the message, its
    `compose` does, by `Delivery.fault_now`."""

    on = "delivery"
    possible: Callable[[Rule, Provider], bool] = lambda rule, provider: provider.webhooks is not None
    on_delivery: Callable[[DeliveryTransaction, Delivery, Rule], bool] = lambda tx, delivery, rule: True
    """What becomes of the delivery before it is sent; tells whether the attempt is made now all the same."""
    on_message: Callable[[Message, Webhooks], Message] = lambda message, webhooks: message
    """What is sent in place of the message."""
    until_next: bool = False
    """The delivery is deferred until the next one about the same thing to the same receiver, at most."""


def supported_by_provider(rule: Rule, provider: Provider) -> bool:
    """`possible` of a fault that the provider's `compose` builds into the message."""
    return provider.webhooks is not None and rule["fault"] in provider.webhooks.supported_faults

"""What can be triggered at a provider that concerns no order."""

from collections.abc import Callable, Mapping
from typing import Any

from msgspec import Struct

from emulator.contract.transaction import Transaction


class CommandRefused(Exception):
    """A command cannot be carried out; the message says what to do about it. Nothing has changed."""


class Command(Struct, frozen=True):
    """Something that happens at the provider and concerns no order, such as incoming money; the control API runs it."""

    name: str
    about: str
    schema: Mapping[str, Any]
    """JSON Schema of its arguments, which are an object."""
    run: Callable[[Transaction, Mapping[str, Any]], Any]
    """Carries it out and returns what the control API answers; may raise CommandRefused."""

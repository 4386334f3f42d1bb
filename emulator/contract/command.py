"""What can be made to happen at a provider apart from any order."""

from collections.abc import Callable, Mapping
from typing import Any

from msgspec import Struct

from emulator.contract.transaction import Transaction


class CommandRefused(Exception):
    """A command cannot be done; the text says what to do about it. Nothing has changed."""


class Command(Struct, frozen=True):
    """Something that happens at the provider apart from any order, as money that comes in; the control API gives it."""

    name: str
    about: str
    schema: Mapping[str, Any]
    """JSON Schema of its arguments, an object."""
    run: Callable[[Transaction, Mapping[str, Any]], Any]
    """Does it and gives what the control API answers; may raise CommandRefused."""

"""How commands end, and what they show."""

import os
import sys
from typing import NoReturn

import click

EXIT_BROKEN = 1
EXIT_REFUSED = 1
EXIT_USAGE = 2
EXIT_PORT = 3
EXIT_UNREACHABLE = 4
"""No emulator answers where one was asked for."""


def colors() -> bool:
    """Whether colour is wanted on standard output."""
    return sys.stdout.isatty() and not os.environ.get("NO_COLOR")


def fail(message: str, code: int) -> NoReturn:
    """Says what is wrong, on standard error, and ends."""
    click.echo(f"emulator: {message}", err=True)
    sys.exit(code)

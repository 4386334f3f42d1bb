"""How commands end, and what they show."""

import os
import sys
from typing import NoReturn, TextIO

import click

EXIT_BROKEN = 1
EXIT_REFUSED = 1
EXIT_USAGE = 2
EXIT_PORT = 3
EXIT_UNREACHABLE = 4
"""No emulator answers where one was asked for."""


def colors(stream: TextIO | None = None) -> bool:
    """Whether colour is wanted there; without a stream, on standard output."""
    return (stream or sys.stdout).isatty() and not os.environ.get("NO_COLOR")


def fail(message: str, code: int) -> NoReturn:
    """Says what is wrong, on standard error, and ends."""
    click.echo(f"emulator: {message}", err=True)
    sys.exit(code)

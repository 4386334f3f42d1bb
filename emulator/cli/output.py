"""How commands end, and what they show."""

import os
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import IO, Any, TextIO

import click

EXIT_BROKEN = 1
EXIT_REFUSED = 1
EXIT_USAGE = 2
EXIT_PORT = 3
EXIT_UNREACHABLE = 4
"""No emulator answers at the URL."""


class Failed(click.ClickException):
    """Ends a command; the text says what is wrong and what to do."""

    def __init__(self, message: str, exit_code: int) -> None:
        super().__init__(message)
        self.exit_code = exit_code  # type: ignore[misc]  # click has one for each class

    def show(self, file: IO[Any] | None = None) -> None:
        """Prints the text on standard error."""
        click.echo(f"emulator: {self.message}", err=True)


def unknown_provider(name: str, known: Sequence[str]) -> Failed:
    """What ends a command that names a provider that does not exist."""
    from emulator.core.suggestion import use_one_of

    return Failed(f"no provider {name!r}: {use_one_of(name, known)}", EXIT_USAGE)


def colors(stream: TextIO | None = None) -> bool:
    """Whether colour is wanted there; without a stream, on standard output."""
    return (stream or sys.stdout).isatty() and not os.environ.get("NO_COLOR")


def write_table(columns: Sequence[str], rows: Sequence[Sequence[Any]]) -> str:
    """A table for standard output."""
    from emulator.views.tables import table

    return table(columns, rows, color=colors())


def write_json(document: Any) -> str:
    """JSON for people and for `jq`, with its numbers as they were written."""
    from emulator.core import json_text

    return json_text.write_indented(document)


def write_file(path: Path, text: str) -> None:
    """Writes a file that the user has asked for, and says so. Raises Failed."""
    try:
        path.write_text(text, "utf-8")
    except OSError as error:
        raise Failed(f"{path} cannot be written: {error.strerror}", EXIT_USAGE) from error
    click.echo(f"emulator: wrote {path}", err=True)

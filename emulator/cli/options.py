"""Flags with their environment variables."""

import re
from collections.abc import Callable
from pathlib import Path
from typing import Any, TypeVar

import click

F = TypeVar("F", bound=Callable[..., Any])
READ_FILE = click.Path(exists=True, dir_okay=False, path_type=Path)
"""A file that is read."""
WRITTEN_FILE = click.Path(dir_okay=False, path_type=Path)
"""A file that is written."""
READ_FOLDER = click.Path(exists=True, file_okay=False, path_type=Path)
WRITTEN_FOLDER = click.Path(file_okay=False, path_type=Path)


class Option(click.Option):
    """An option that ignores its variable if a container platform has set it for a service of this name."""

    def resolve_envvar_value(self, ctx: click.Context) -> str | None:
        value = super().resolve_envvar_value(ctx)
        return None if value and is_about_a_service(str(self.envvar), value) else value


def is_about_a_service(variable: str, value: str) -> bool:
    """Whether it is what Kubernetes sets for a service `emulator`: `EMULATOR_PORT=tcp://10.0.0.1:8900`."""
    return variable.endswith("_PORT") and re.match("[a-z]+://", value) is not None


def option(flag: str, *names: str, **attributes: Any) -> Callable[[F], F]:
    """A flag with its environment variable."""
    variable = "EMULATOR_" + flag.removeprefix("--").replace("-", "_").upper()
    return click.option(flag, *names, cls=Option, envvar=variable, show_envvar=True, **attributes)


def json_option(about: str = "Print the result as JSON.") -> Callable[[F], F]:
    """The flag `--json`, whose argument is `as_json`."""
    return click.option("--json", "as_json", is_flag=True, help=about)

"""The `emulator` command. Flags win over EMULATOR_* variables, and those over defaults."""

import gc
import json
import logging
import os
import re
import sys
from collections.abc import Callable
from itertools import zip_longest
from pathlib import Path
from typing import Any, TypeVar

import click

from emulator import __version__

F = TypeVar("F", bound=Callable[..., Any])

log = logging.getLogger("emulator")

EXIT_BROKEN = 1
EXIT_USAGE = 2
EXIT_PORT = 3


class _ServeByDefault(click.Group):
    """`emulator --port 0` means `emulator serve --port 0`."""

    def parse_args(self, ctx: click.Context, args: list[str]) -> list[str]:
        first = next(iter(args), "")
        if first and not first.startswith("-") and first not in self.commands:
            from emulator.core.suggestion import use_one_of

            _fail(f"no command {first!r}: {use_one_of(first, list(self.commands))}", EXIT_USAGE)
        if first not in self.commands and first not in ("--help", "-h", "--version"):
            args = ["serve", *args]
        return super().parse_args(ctx, args)


class _Serve(click.Command):
    """Removes the ready file of an earlier run before anything else is done, so that nobody takes it for this one's."""

    def parse_args(self, ctx: click.Context, args: list[str]) -> list[str]:
        ready_file = _ready_file(args)
        if ready_file and not {"-h", "--help"} & set(args):
            try:
                Path(ready_file).unlink(missing_ok=True)
            except OSError as error:
                _fail(f"--ready-file: {error}", EXIT_USAGE)
        return super().parse_args(ctx, args)


def _ready_file(args: list[str]) -> str | None:
    """What `--ready-file` says, whatever else is wrong with the arguments."""
    found = os.environ.get("EMULATOR_READY_FILE")
    for argument, following in zip_longest(args, args[1:]):
        flag, equals, value = argument.partition("=")
        if flag == "--ready-file":
            found = value if equals else following
    return found


class _Option(click.Option):
    """An option whose variable is not read where a container platform has written it about a service of this name."""

    def resolve_envvar_value(self, ctx: click.Context) -> str | None:
        value = super().resolve_envvar_value(ctx)
        return None if value and _is_about_a_service(str(self.envvar), value) else value


def _is_about_a_service(variable: str, value: str) -> bool:
    """Whether it is what Kubernetes sets for a service `emulator`: `EMULATOR_PORT=tcp://10.0.0.1:8900`."""
    return variable.endswith("_PORT") and re.match("[a-z]+://", value) is not None


def _option(flag: str, *names: str, **attributes: Any) -> Callable[[F], F]:
    """A flag with its environment variable."""
    variable = "EMULATOR_" + flag.removeprefix("--").replace("-", "_").upper()
    return click.option(flag, *names, cls=_Option, envvar=variable, show_envvar=True, **attributes)


@click.group(
    cls=_ServeByDefault,
    context_settings={"help_option_names": ["-h", "--help"]},
    epilog="""\b
Examples:
  emulator                                  serve on ports 8900 to 8904
  emulator --port 0 --ready-file ready.json free ports, written to a file
  emulator serve --set changelly.edition=C  with a setting for new sandboxes
  emulator validate scenarios/              check scenario files
  emulator providers koywe --json           what a provider can do""",
)
@click.version_option(__version__, prog_name="emulator")
def main() -> None:
    """Behaves like the order APIs of Baanx, BassWallet, Changelly Fiat and Koywe.

    Without a command it serves; `emulator serve --help` shows how.
    """


@main.command(
    cls=_Serve,
    epilog="""\b
Examples:
  emulator serve --port 9000
  emulator serve --clock manual --now 2026-01-05T12:00:00Z --seed 7
  emulator serve --set basswallet.accept_json=false --sandboxes auto""",
)
@_option("--host", default="127.0.0.1", show_default=True, help="Address to listen on; 0.0.0.0 for all.")
@_option(
    "--port",
    default=8900,
    show_default=True,
    type=click.IntRange(0, 65531),
    help="First of five ports: front door, baanx, basswallet, changelly, koywe. 0 takes free ones.",
)
@_option(
    "--sandboxes",
    type=click.Choice(["named", "auto"]),
    default="named",
    show_default=True,
    help="auto: a well-formed key of an unknown sandbox creates that sandbox.",
)
@_option(
    "--max-sandboxes",
    default=1000,
    show_default=True,
    type=click.IntRange(min=1),
    help="How many sandboxes there may be, the default one included.",
)
@_option(
    "--ready-file",
    type=click.Path(dir_okay=False, path_type=Path),
    help="Write URLs and credentials here once it serves.",
)
@_option("--control-token", help="Require 'Authorization: Bearer TOKEN' on the control API.")
@_option(
    "--allowed-host",
    multiple=True,
    metavar="NAME",
    help="Also answer for the control API and the pages when called by this host name; without it only by addresses, "
    "localhost, names without a dot and the providers' own. May be repeated.",
)
@_option(
    "--scenarios",
    type=click.Path(exists=True, file_okay=False, path_type=Path),
    help="A folder with scenarios of your own: <provider>/<name>.yaml.",
)
@_option(
    "--set",
    "settings",
    multiple=True,
    metavar="PROVIDER.SETTING=VALUE",
    help="A setting for new sandboxes; may be repeated. In the variable, several have spaces between them, so that a "
    "value can have none.",
)
@_option(
    "--clock",
    type=click.Choice(["real", "manual"]),
    default="real",
    show_default=True,
    help="manual: time stands still until it is advanced.",
)
@_option("--rate", default="1", show_default=True, help="How fast a real clock runs: 60 makes a minute of a second.")
@_option("--now", help="The instant at which the clock starts, as 2026-01-05T12:00:00Z.  [default: the real time]")
@_option("--seed", default="default", show_default=True, help="Where the default sandbox's ids and chances come from.")
@_option(
    "--self-check",
    is_flag=True,
    help="Hold every answer and webhook to its JSON Schema; one that breaks it becomes a loud 500.",
)
@_option(
    "--webhook-allow",
    multiple=True,
    metavar="HOST",
    help="Also send webhooks to this host; without it only to loopback and private addresses. May be repeated.",
)
@_option(
    "--webhook-ca",
    type=click.Path(exists=True, dir_okay=False, path_type=Path),
    metavar="FILE",
    help="Also trust the certificates in this file (PEM) where webhooks go to https.",
)
@_option(
    "--webhook-verify",
    is_flag=True,
    help="Also check the certificates of receivers on loopback addresses.",
)
@_option(
    "--max-connections",
    type=click.IntRange(1),
    default=1000,
    show_default=True,
    help="So many connections at once; beyond that the one that is idle longest ends for a new one.",
)
@_option(
    "--keep-alive",
    metavar="SECONDS",
    type=click.FloatRange(0, 86_400, min_open=True),
    default=75,
    show_default=True,
    help="How long a connection may be idle.",
)
@_option(
    "--log-level",
    type=click.Choice(["debug", "info", "warning", "error"]),
    default="info",
    show_default=True,
    help="What to log on standard error.",
)
@click.option("--json", "as_json", is_flag=True, help="Print URLs and credentials as JSON instead of a table.")
def serve(
    settings: tuple[str, ...], now: str | None, rate: str, log_level: str, as_json: bool,
    max_connections: int, keep_alive: float, **options: Any,
) -> None:  # fmt: skip
    """Run the emulator until SIGTERM or Ctrl-C."""
    gc.disable()  # what is made now stays to the end, so that looking for garbage in it only costs time, now and later
    from emulator.core.durations import parse_instant_ms
    from emulator.scenario_files import BrokenFiles
    from emulator.server import Options, PortInUse, Server, build_library, run, set_up_logging
    from emulator.web.limits import Limits

    try:
        chosen = Options(
            settings=_parse_settings(settings), rate=_parse_rate(rate, options["clock"]),
            now_ms=None if now is None else parse_instant_ms(now),
            limits=Limits(connections=max_connections, keep_alive_s=keep_alive), **options,
        )  # fmt: skip
        library, folders = build_library(options["scenarios"])
        server = Server(chosen, library, folders)
    except BrokenFiles as error:
        _fail(f"scenario files are broken:\n{error}", EXIT_BROKEN)
    except ValueError as error:
        _fail(str(error), EXIT_USAGE)
    finally:
        gc.enable()
    set_up_logging(log_level)
    _tell_of_ignored_variables()
    gc.freeze()
    try:
        run(server, _print_json if as_json else _print_table)
    except PortInUse as error:
        _fail(
            f"{error}\nFree it, or choose another block with --port N (N to N+4), or --port 0 for free ports.",
            EXIT_PORT,
        )
    except OSError as error:
        _fail(str(error), EXIT_USAGE)


@main.command(
    epilog="""\b
Examples:
  emulator validate scenarios/koywe/happy.yaml
  emulator validate my-scenarios/ --json"""
)
@click.argument("paths", nargs=-1, required=True, type=click.Path(exists=True, path_type=Path))
@click.option("--json", "as_json", is_flag=True, help="Print the result as JSON.")
def validate(paths: tuple[Path, ...], as_json: bool) -> None:
    """Check scenario files; a folder means all files in it. Exits with 1 if one is broken, or if there are none."""
    from emulator import files
    from emulator.core.library import Library
    from emulator.core.schema import Schema
    from emulator.providers import load_all
    from emulator.scenario_files import check_file

    library = Library(load_all(), Schema(files.scenario_schema()))
    found = [each for path in paths for each in (files.scenario_paths(path) if path.is_dir() else [path])]
    problems = [problem for path in found for problem in check_file(library, path)[1]]
    if as_json:
        shown = [
            {"path": str(each.path), "line": each.line, "column": each.column, "message": each.message}
            for each in problems
        ]
        click.echo(json.dumps({"checked": len(found), "problems": shown}, indent=2))
    else:
        for problem in problems:
            click.echo(str(problem), err=True)
        click.echo(f"{len(found)} scenario files checked, {len(problems)} problems")
    if not found:
        _fail("there is no scenario file (*.yaml) here", EXIT_BROKEN)
    if problems:
        sys.exit(EXIT_BROKEN)


@main.command(
    epilog="""\b
Examples:
  emulator providers
  emulator providers changelly
  emulator providers --json | jq .koywe.statuses"""
)
@click.argument("names", nargs=-1, metavar="[PROVIDER]...")
@click.option("--json", "as_json", is_flag=True, help="Print everything as JSON.")
def providers(names: tuple[str, ...], as_json: bool) -> None:
    """Show endpoints, statuses, events, errors, settings and scenarios of each provider."""
    from emulator.core.suggestion import use_one_of
    from emulator.describe import describe
    from emulator.providers import NAMES
    from emulator.server import build_library

    unknown = next((name for name in names if name not in NAMES), None)
    if unknown is not None:
        _fail(f"no provider {unknown!r}: {use_one_of(unknown, NAMES)}", EXIT_USAGE)
    library, _ = build_library()
    shown = {name: describe(library.providers[name], library.shipped[name], None) for name in names or NAMES}
    if as_json:
        from emulator.core import wire

        click.echo(json.dumps(json.loads(wire.encode(shown)), indent=2, ensure_ascii=False))
    else:
        from emulator.tables import provider_table

        for description in shown.values():
            click.echo(provider_table(description, color=_colors()))


def _parse_settings(texts: tuple[str, ...]) -> dict[str, dict[str, Any]]:
    """`changelly.edition=C` as `{"changelly": {"edition": "C"}}`; values are JSON, or else plain text."""
    from emulator.core import wire
    from emulator.core.redaction import quote_text

    parsed: dict[str, dict[str, Any]] = {}
    for text in texts:
        name, equals, written = text.partition("=")
        provider, dot, setting = name.partition(".")
        if not (equals and dot and setting):
            raise ValueError(f"--set {quote_text(text)}: write PROVIDER.SETTING=VALUE, as changelly.edition=C")
        try:
            value = wire.decode(written.encode())
        except wire.MalformedJson:
            value = written
        parsed.setdefault(provider, {})[setting] = value
    return parsed


def _parse_rate(text: str, clock: str) -> str:
    from emulator.core.clock import parse_rate

    try:
        rate = parse_rate(text)
    except ValueError as error:
        raise ValueError(f"--rate {text}: {error}") from error
    if clock == "manual" and rate != "1":
        raise ValueError("--rate is for a clock that runs: leave it out, or --clock manual")
    return rate


def _tell_of_ignored_variables() -> None:
    for option in serve.params:
        value = os.environ.get(str(option.envvar), "")
        if _is_about_a_service(str(option.envvar), value):
            log.warning("%s=%s is about a service of this name, and is ignored", option.envvar, value)


def _colors() -> bool:
    return sys.stdout.isatty() and not os.environ.get("NO_COLOR")


def _print_table(server: Any) -> None:
    from emulator.tables import start_table

    click.echo(start_table(server.ready_document(), color=_colors()))


def _print_json(server: Any) -> None:
    click.echo(json.dumps(server.ready_document(), indent=2))


def _fail(message: str, code: int) -> Any:
    click.echo(f"emulator: {message}", err=True)
    sys.exit(code)

"""`emulator serve`: runs the emulator until it is told to stop."""

import gc
import json
import logging
import os
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import partial
from itertools import zip_longest
from pathlib import Path
from typing import Any

import click

from emulator.cli.known import known_option
from emulator.cli.options import (
    READ_FILE,
    READ_FOLDER,
    WRITTEN_FILE,
    WRITTEN_FOLDER,
    is_about_a_service,
    json_option,
    option,
)
from emulator.cli.output import EXIT_BROKEN, EXIT_PORT, EXIT_USAGE, Failed, colors
from emulator.cli.pairs import read_settings
from emulator.providers import NAMES

log = logging.getLogger("emulator")

_SCREENS = ("DISPLAY", "WAYLAND_DISPLAY", "BROWSER")
"""Variables that show that a browser has a window, or that the user has chosen one."""


class _Serve(click.Command):
    """Removes the ready file of an earlier run before anything else happens, lest somebody take it for this one's."""

    def parse_args(self, ctx: click.Context, args: list[str]) -> list[str]:
        ready_file = _ready_file(args)
        if ready_file and not {"-h", "--help"} & set(args):
            try:
                Path(ready_file).unlink(missing_ok=True)
            except OSError as error:
                raise Failed(f"--ready-file: {error}", EXIT_USAGE) from error
        return super().parse_args(ctx, args)


def _ready_file(args: list[str]) -> str | None:
    """What `--ready-file` says, whatever else is wrong with the arguments."""
    found = os.environ.get("EMULATOR_READY_FILE")
    for argument, following in zip_longest(args, args[1:]):
        flag, equals, value = argument.partition("=")
        if flag == "--ready-file":
            found = value if equals else following
    return found


@click.command(
    cls=_Serve,
    epilog="""\b
Examples:
  emulator serve --port 9000
  emulator serve --clock manual --now 2026-01-05T12:00:00Z --seed 7
  emulator serve --set basswallet.accept_json=false --sandboxes auto""",
)
@option("--host", default="127.0.0.1", show_default=True, help="Address to listen on; 0.0.0.0 for all.")
@option(
    "--port",
    default=8900,
    show_default=True,
    type=click.IntRange(0, 65535 - len(NAMES)),
    help=f"First of {len(NAMES) + 1} ports: front door, {', '.join(NAMES)}. 0 takes free ones.",
)
@option(
    "--sandboxes",
    type=click.Choice(["named", "auto"]),
    default="named",
    show_default=True,
    help="auto: a well-formed key of an unknown sandbox creates that sandbox.",
)
@option(
    "--max-sandboxes",
    default=1000,
    show_default=True,
    type=click.IntRange(min=1),
    help="Maximum number of sandboxes, including the default one.",
)
@option("--ready-file", type=WRITTEN_FILE, help="Write URLs and credentials to this file once it is serving.")
@option(
    "--store",
    default="memory",
    show_default=True,
    metavar="URL",
    help="Where orders are kept: memory, sqlite:///PATH, a file that outlasts the process, or redis://HOST:PORT/DB "
    "(also valkey://, and rediss:// with TLS), which several emulators may share.",
)
@option("--journal-kept", is_flag=True, help="With a persistent --store: keep the journals there, too.")
@option(
    "--unload-after",
    default="30m",
    show_default=True,
    metavar="DURATION",
    help="With a persistent --store: unload a sandbox from memory when nobody has used it for this long, and load it "
    "again when it is needed. 0: never.",
)
@option(
    "--tls",
    is_flag=True,
    help="Also serve the front door over HTTPS, with a certificate of the emulator's own authority.",
)
@option(
    "--tls-port",
    default=8443,
    show_default=True,
    type=click.IntRange(0, 65535),
    help="The port for HTTPS. 0 takes a free one.",
)
@option("--tls-name", multiple=True, metavar="NAME", help="Another host name for the certificate. May be repeated.")
@option(
    "--tls-ca-folder",
    type=WRITTEN_FOLDER,
    help="Where the authority is kept; `emulator ca` shows it.  [default: the user's state folder]",
)
@option(
    "--workers",
    default=1,
    show_default=True,
    type=click.IntRange(1, 64),
    help="Number of processes on the same ports; needs a --store that they can share.",
)
@option("--otel", is_flag=True, help="Send spans of requests and webhooks by OpenTelemetry; needs the extra [otel].")
@option("--control-token", help="Require 'Authorization: Bearer TOKEN' on the control API.")
@option(
    "--allowed-host",
    multiple=True,
    metavar="NAME",
    help="Also serve the control API and the pages under this host name; without it only under addresses, localhost, "
    "names without a dot and the providers' own. May be repeated.",
)
@option("--scenarios", type=READ_FOLDER, help="A folder with scenarios of your own: <provider>/<name>.yaml.")
@known_option()
@option(
    "--seed-file",
    type=READ_FILE,
    metavar="FILE",
    help="Sandboxes, settings, users, balances and orders to start with; `emulator init` writes an example.",
)
@option(
    "--set",
    "settings",
    multiple=True,
    metavar="PROVIDER.SETTING=VALUE",
    help="A setting for new sandboxes; may be repeated. In the variable, several are separated by spaces, so a value "
    "there cannot contain one.",
)
@option(
    "--clock",
    type=click.Choice(["real", "manual"]),
    default="real",
    show_default=True,
    help="manual: time stands still until it is advanced.",
)
@option("--rate", default="1", show_default=True, help="How fast a real clock runs: at 60, one second is a minute.")
@option("--now", help="The instant at which the clock starts, such as 2026-01-05T12:00:00Z.  [default: the real time]")
@option(
    "--seed", default="default", show_default=True, help="The default sandbox's ids and random choices follow from it."
)
@option(
    "--public-url",
    default="",
    metavar="URL",
    help="The front door's public URL, used in all URLs that are handed out; without it each is built from the "
    "request that asks for it.",
)
@option(
    "--trust-proxy",
    is_flag=True,
    help="Trust Forwarded and X-Forwarded-Proto, -Host, -Port and -Prefix to tell which URL the client used.",
)
@option(
    "--demo",
    is_flag=True,
    help="For trying it out: orders wait ten minutes for somebody to pay them on their page (payer_wait_s of all "
    "providers), and the front page opens in the browser, if there is one.",
)
@option(
    "--self-check",
    is_flag=True,
    help="Check every answer and webhook against its JSON Schema; one that breaks it becomes a loud 500.",
)
@option(
    "--webhook-allow",
    multiple=True,
    metavar="HOST",
    help="Also send webhooks to this host; without it only to loopback and private addresses. May be repeated.",
)
@option(
    "--webhook-ca",
    type=READ_FILE,
    metavar="FILE",
    help="Also trust the certificates in this file (PEM) for webhooks to https URLs.",
)
@option("--webhook-verify", is_flag=True, help="Also check the certificates of receivers on loopback addresses.")
@option(
    "--max-connections",
    type=click.IntRange(1),
    default=1000,
    show_default=True,
    help="Maximum number of open connections; beyond it, the one idle longest is closed to make room for a new one.",
)
@option(
    "--keep-alive",
    metavar="SECONDS",
    type=click.FloatRange(0, 86_400, min_open=True),
    default=75,
    show_default=True,
    help="How long a connection may be idle.",
)
@option(
    "--log-level",
    type=click.Choice(["debug", "info", "warning", "error"]),
    default="info",
    show_default=True,
    help="What to log on standard error.",
)
@option(
    "--log-format",
    type=click.Choice(["text", "json"]),
    default="text",
    show_default=True,
    help="json: each line of the log is a JSON document.",
)
@json_option("Print URLs and credentials as JSON instead of a table.")
def serve(
    settings: tuple[str, ...], now: str | None, rate: str, log_level: str, as_json: bool,
    max_connections: int, keep_alive: float, otel: bool, workers: int, unload_after: str, **options: Any,
) -> None:  # fmt: skip
    """Run the emulator until SIGTERM or Ctrl-C."""
    gc.disable()  # what is made now stays to the end: looking for garbage in it would only cost time
    from emulator.core.durations import read_instant_ms
    from emulator.files.yaml_file import BrokenFiles
    from emulator.stores import StoreError
    from emulator.web.application import Options
    from emulator.web.library import load_library
    from emulator.web.limits import Limits
    from emulator.web.server import Server, set_up_logging
    from emulator.web.workers import require_workers

    try:
        chosen = Options(
            settings=_read_settings(settings), rate=_read_rate(rate, options["clock"]),
            now_ms=None if now is None else read_instant_ms(now), unload_after_ms=_read_unload_after(unload_after),
            limits=Limits(connections=max_connections, keep_alive_s=keep_alive),
            traces=_traces() if otel else None, log_lives=True,
            log_color=colors(sys.stderr) and options["log_format"] == "text", **options,
        )  # fmt: skip
        library, folders = load_library(options["scenarios"], options["known"])
        server = Server(chosen, library, folders)
        require_workers(workers, server)
    except BrokenFiles as error:
        raise Failed(f"files are broken:\n{error}", EXIT_BROKEN) from error
    except (ValueError, StoreError) as error:
        raise Failed(str(error), EXIT_USAGE) from error
    finally:
        gc.enable()
    set_up_logging(log_level, as_json=chosen.log_format == "json")
    _tell_of_ignored_variables()
    _run(server, workers, partial(_started, as_json=as_json, demo=options["demo"]))


def _run(server: Any, workers: int, started: Callable[[dict[str, Any]], None]) -> None:
    """Serves with `workers` processes until a signal arrives; `started` gets what the ready file says."""
    from emulator.providers import load_all
    from emulator.web.server import run
    from emulator.web.workers import WorkerFailed, Workers

    try:
        if workers == 1:
            run(server, lambda server: started(server.ready_document()))
        else:
            load_all()  # once for all of them
            gc.freeze()
            Workers(server, workers, _code_of).run(started)
    except WorkerFailed as failure:
        sys.exit(failure.code)
    except Exception as error:
        sys.exit(_code_of(error))


def _code_of(error: Exception) -> int:
    """Says what went wrong; the exit code. Raises what should not have happened."""
    from emulator.files.yaml_file import BrokenFiles
    from emulator.stores import StoreError
    from emulator.web.server import PortInUse

    if isinstance(error, BrokenFiles):
        click.echo(f"emulator: the seed file cannot be carried out:\n{error}", err=True)
        return EXIT_BROKEN
    if isinstance(error, PortInUse):
        way_out = "Free it, or choose another block with --port N (N to N+4), or --port 0 for free ports."
        click.echo(f"emulator: {error}\n{way_out}", err=True)
        return EXIT_PORT
    if isinstance(error, (OSError, StoreError, ValueError)):
        click.echo(f"emulator: {error}", err=True)
        return EXIT_USAGE
    raise error


def _traces() -> Any:
    try:
        from emulator.engine.traces import exporting
    except ModuleNotFoundError as error:
        told = f"--otel needs an extra: pip install 'payment-provider-emulator[otel]' ({error})"
        raise Failed(told, EXIT_USAGE) from error
    return exporting()


@contextmanager
def _about(flag: str) -> Iterator[None]:
    """Says which flag it is that makes no sense."""
    try:
        yield
    except ValueError as error:
        raise ValueError(f"{flag} {error}") from error


def _read_settings(texts: tuple[str, ...]) -> dict[str, dict[str, Any]]:
    with _about("--set"):
        return read_settings(texts)


def _read_rate(text: str, clock: str) -> str:
    from emulator.core.clock import read_clock_rate

    with _about(f"--rate {text}:"):
        rate = read_clock_rate(text)
    if clock == "manual" and rate != "1":
        raise ValueError("--rate is for a running clock: leave out --rate, or --clock manual")
    return rate


def _read_unload_after(text: str) -> int:
    from emulator.core.durations import read_duration_ms

    with _about("--unload-after:"):
        return read_duration_ms(text)


def _tell_of_ignored_variables() -> None:
    for flag in serve.params:
        value = os.environ.get(str(flag.envvar), "")
        if is_about_a_service(str(flag.envvar), value):
            log.warning("%s=%s was set for a Kubernetes service of this name, and is ignored", flag.envvar, value)


def _started(document: dict[str, Any], *, as_json: bool, demo: bool) -> None:
    from emulator.views.tables import start_table

    click.echo(json.dumps(document, indent=2) if as_json else start_table(document, color=colors()))
    if demo:
        _open_browser(document["control"].removesuffix("/_emulator") + "/")


def _open_browser(url: str) -> None:
    """Opens a page in the user's browser, without waiting for it; if there is none, or it fails, nothing happens."""
    import threading
    import webbrowser

    has_screen = sys.platform in ("darwin", "win32") or any(map(os.environ.get, _SCREENS))
    if has_screen:  # else a browser for terminals would take this one
        threading.Thread(target=webbrowser.open, args=(url,), daemon=True).start()

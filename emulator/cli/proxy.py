"""`emulator proxy`: between a client and the real provider, checking and recording what passes."""

import socket
from collections.abc import Callable
from itertools import count
from pathlib import Path
from typing import TYPE_CHECKING

import click

from emulator.cli.known import known_option, load_known
from emulator.cli.options import READ_FILE, WRITTEN_FILE
from emulator.cli.output import EXIT_BROKEN, EXIT_PORT, EXIT_USAGE, Failed, colors
from emulator.providers import NAMES

if TYPE_CHECKING:
    from emulator.contract.card import Provider
    from emulator.files.recorder import Recorder
    from emulator.traffic.proxied_call import ProxiedCall
    from emulator.traffic.report import Report
    from emulator.web.forwarding import Upstream

_PORT = 8910


@click.command(
    epilog="""\b
Examples:
  emulator proxy koywe --to https://api-sandbox.koywe.com
  emulator proxy changelly --to https://fiat-api.changelly.com --port 0 --record calls.har"""
)
@click.argument("provider", type=click.Choice(NAMES), metavar="PROVIDER")
@click.option("--to", required=True, metavar="URL", help="The provider's own base URL.")
@click.option("--port", type=click.IntRange(0, 65535), default=_PORT, show_default=True, help="0: a free one.")
@click.option("--host", default="127.0.0.1", show_default=True, metavar="ADDRESS", help="Address to listen on.")
@click.option(
    "--record",
    type=WRITTEN_FILE,
    metavar="FILE",
    help="Write each call here, without secrets: as HAR if the name ends in .har, else one per line.",
)
@click.option(
    "--timeout",
    "timeout_s",
    type=click.FloatRange(min=0.1, max=600),
    default=60,
    show_default=True,
    metavar="SECONDS",
    help="How long to wait for the provider.",
)
@click.option("--ca", type=READ_FILE, metavar="FILE", help="Also trust these certificates (PEM).")
@known_option()
def proxy(
    provider: str, to: str, port: int, host: str, record: Path | None, timeout_s: float, ca: Path | None,
    known: Path | None,
) -> None:  # fmt: skip
    """Forward requests to the real provider, and check the traffic: print each difference from the emulator at once.

    Stop it with Ctrl-C; it exits with 1 if there was any difference.
    """
    from emulator.engine.sender import trusted
    from emulator.traffic.report import Report
    from emulator.views.drift import write_report
    from emulator.web.forwarding import Forwarding, read_upstream
    from emulator.web.proxy_server import serve

    try:
        upstream = read_upstream(to, "--to")
        context = trusted(ca, "--ca")
    except ValueError as error:
        raise Failed(str(error), EXIT_USAGE) from error
    bound = _bind(host, port)
    url = f"http://{f'[{host}]' if ':' in host else host}:{bound.getsockname()[1]}"
    if upstream.origin == url:
        raise Failed(f"--to: {to} is this proxy itself: give the provider's own base URL", EXIT_USAGE)
    card, report = load_known(known)[provider], Report()
    recorder = _open(record, provider, upstream)
    click.echo(f"listening at {url}, forwarding to {upstream.base_url}", err=True)
    serve(bound, Forwarding(upstream, context, timeout_s, _teller(card, upstream, report, recorder)))
    if recorder is not None:
        recorder.close()
    click.echo(write_report(report, color=colors()))
    if report.drifts:
        raise SystemExit(EXIT_BROKEN)


def _bind(host: str, port: int) -> socket.socket:
    from emulator.web.server import bind

    try:
        [bound] = bind(host, port, 1)
    except OSError as error:
        raise Failed(str(error), EXIT_PORT) from error
    bound.listen()
    return bound


def _open(path: Path | None, provider: str, upstream: "Upstream") -> "Recorder | None":
    from emulator.files.recorder import Recorder

    try:
        return None if path is None else Recorder(path, provider, upstream.origin)
    except OSError as error:
        raise Failed(f"--record {path}: {error.strerror}", EXIT_USAGE) from error


def _teller(
    card: "Provider", upstream: "Upstream", report: "Report", recorder: "Recorder | None"
) -> "Callable[[ProxiedCall], None]":
    """A function that judges each call, prints the differences that are new, and records the call."""
    from emulator.traffic.judge import Judge

    judge, numbers = Judge({card.name: card}, card.name), count(1)

    def tell(call: "ProxiedCall") -> None:
        recorded = call.recorded(card.name, upstream.host, f"call {next(numbers)}")
        for drift in report.add(recorded.place, recorded.host, judge.judge(recorded)):
            click.echo(f"{recorded.place}: {drift.line}")
        if recorder is not None:
            methods, _ = card.routes.find(recorded.path)
            secrets = [name for endpoint in methods.values() for name in endpoint.secrets]
            recorder.write(call.redacted(secrets))

    return tell

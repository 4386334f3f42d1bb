"""`emulator listen`: a receiver of webhooks that shows each, and whether it is signed correctly."""

import base64
import json
import threading
from collections.abc import Mapping
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

import click

from emulator.cli.output import EXIT_PORT, Failed, colors
from emulator.cli.target import Target, with_target

MAX_WEBHOOK_BYTES = 1024 * 1024
"""Longer bodies are refused with 413."""
_PORT = 9000
_IDLE_S = 30
"""How much real time a sender has for its request."""


@click.command(
    epilog="""\b
Examples:
  emulator listen --subscribe
  emulator listen --port 0 --json | jq .event"""
)
@click.option("--port", type=click.IntRange(0, 65535), default=_PORT, show_default=True, help="0: a free one.")
@click.option("--host", default="127.0.0.1", show_default=True, metavar="ADDRESS", help="Address to listen on.")
@click.option("--subscribe", is_flag=True, help="Send the sandbox's webhooks here, until it is reset.")
@with_target
def listen(target: Target, port: int, host: str, subscribe: bool) -> None:
    """Receive webhooks; verify and show each as it arrives, with the sandbox's keys, until Ctrl-C."""
    target.ask("GET", "")
    try:
        server = ThreadingHTTPServer((host, port), _handler(target))
    except OSError as error:
        told = f"{host}:{port}: {error.strerror}; give another port with --port, or 0 for a free one"
        raise Failed(told, EXIT_PORT) from error
    url = f"http://{host}:{server.server_address[1]}/"
    with server:
        if subscribe:
            target.ask("POST", "webhooks/subscribe", {"url": url})
        click.echo(f"listening at {url}", err=True)
        try:
            server.serve_forever(poll_interval=0.1)
        except KeyboardInterrupt:
            click.echo("stopped", err=True)


def _handler(target: Target) -> type[BaseHTTPRequestHandler]:
    printing = threading.Lock()

    class Handler(BaseHTTPRequestHandler):
        timeout = _IDLE_S
        protocol_version = "HTTP/1.1"

        def do_POST(self) -> None:
            length = self.headers.get("Content-Length", "")
            if not length.isdecimal() or int(length) > MAX_WEBHOOK_BYTES:
                self.close_connection = True
                self._answer(413 if length.isdecimal() else 411)
                return
            body = self.rfile.read(int(length))
            url = f"http://{self.headers.get('Host', '')}{self.path}"
            headers = {name.lower(): value for name, value in reversed(self.headers.items())}
            webhook = {"url": url, "headers": headers, "body_base64": base64.b64encode(body).decode()}
            try:
                verdict = target.ask("POST", "receiver/verify", webhook)
            except Failed as refused:
                verdict = {"at": None, "provider": None, "event": None, "order": None, "verified": False,
                           "reason": f"it could not be verified: {refused}"}  # fmt: skip
            with printing:
                click.echo(_shown(target, verdict, webhook))
            self._answer(200)

        do_PUT = do_POST

        def _answer(self, status: int) -> None:
            self.send_response(status)
            self.send_header("Content-Length", "0")
            self.end_headers()

        def log_message(self, format: str, *arguments: object) -> None:
            """Prints nothing but the webhooks."""

    return Handler


def _shown(target: Target, verdict: Mapping[str, Any], webhook: Mapping[str, Any]) -> str:
    if target.as_json:
        return json.dumps({**verdict, **webhook})
    from emulator.views.lines import received_line

    return received_line(verdict, color=colors())

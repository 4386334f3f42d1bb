"""Commands about webhooks: `webhooks`, `webhooks send`, `resend`, `hold` and `release`."""

import base64
from pathlib import Path
from typing import Any

import click

from emulator.cli.options import READ_FILE
from emulator.cli.output import EXIT_USAGE, Failed, write_table
from emulator.cli.pairs import only_set
from emulator.cli.target import Target, with_target
from emulator.providers import NAMES


@click.group(
    invoke_without_command=True,
    epilog="""\b
Examples:
  emulator webhooks
  emulator webhooks --order 7632100000000000
  emulator webhooks --json | jq '.webhooks[0].attempts[0]'
  emulator webhooks send captured.json --to http://127.0.0.1:9000/hook""",
)
@click.option("--order", metavar="ORDER", help="Only those about this order.")
@with_target
def webhooks(target: Target, order: str | None) -> None:
    """List the webhooks of a sandbox, or send one that was captured."""
    context = click.get_current_context()
    if context.invoked_subcommand is not None:  # which takes over the flags that were written before it
        flags = {"url": target.url, "sandbox": target.sandbox, "token": target.token, "as_json": target.as_json}
        context.default_map = {context.invoked_subcommand: flags}
        return
    from emulator.views.lines import short_id

    answer = target.ask("GET", "webhooks", order=order)
    rows = [
        (*(each[name] for name in ("id", "provider", "event", "state")), short_id(each["order"]), _attempts(each))
        for each in answer["webhooks"]
    ]
    columns = ("webhook", "provider", "event", "state", "order", "attempts")
    target.show(answer, lambda: write_table(columns, rows) if rows else "no webhooks")


@webhooks.command(
    epilog="""\b
Examples:
  emulator webhooks send captured.json
  emulator webhooks send body.json --provider koywe --to http://127.0.0.1:9000/hook
  emulator listen --json > captured.jsonl; emulator webhooks send captured.jsonl"""
)
@click.argument("file", type=READ_FILE)
@click.option("--to", metavar="URL", help="Where to send them; without it, where the sandbox's webhooks go.")
@click.option("--provider", type=click.Choice(NAMES), help="Whose they are, if the file does not say so.")
@with_target
def send(target: Target, file: Path, to: str | None, provider: str | None) -> None:
    """Send the webhooks in a file: their bodies byte for byte, with new headers and a new signature.

    The file is the body of one, or a record: HAR, lines of `emulator listen --json`, the answer of `GET webhooks`.
    """
    from emulator.files.captured_webhooks import read_captured
    from emulator.providers import load_all

    try:
        found = read_captured(load_all(), file.read_bytes(), provider or "")
    except (ValueError, OSError) as error:
        raise Failed(f"{file}: {error}", EXIT_USAGE) from error
    for each in found:
        wanted = {"provider": each.provider, "body_base64": base64.b64encode(each.body).decode(), "url": to}
        _show(target, target.ask("POST", "webhooks/send", only_set(**wanted)))


@click.command(
    epilog="""\b
Examples:
  emulator resend 12"""
)
@click.argument("webhook")
@with_target
def resend(target: Target, webhook: str) -> None:
    """Send a webhook again now, and show the outcome."""
    _do(target, webhook, "resend")


@click.command(
    epilog="""\b
Examples:
  emulator inject hold event=order.paid
  emulator hold 12"""
)
@click.argument("webhook")
@with_target
def hold(target: Target, webhook: str) -> None:
    """Hold back a webhook that is waiting to be sent or tried again.

    The fault `hold` does so before the first attempt.
    """
    _do(target, webhook, "hold")


@click.command(
    epilog="""\b
Examples:
  emulator release 12"""
)
@click.argument("webhook")
@with_target
def release(target: Target, webhook: str) -> None:
    """Send a webhook that was held back, and show the outcome."""
    _do(target, webhook, "release")


def _do(target: Target, webhook: str, word: str) -> None:
    _show(target, target.ask("POST", f"webhooks/{webhook}/{word}"))


def _show(target: Target, webhook: dict[str, Any]) -> None:
    told = f"{webhook['state']} ({_attempts(webhook)})"
    target.show(webhook, lambda: f"webhook {webhook['id']} to {webhook['url']}: {told}")


def _attempts(webhook: dict[str, Any]) -> str:
    attempts = webhook["attempts"]
    if not attempts:
        return "none yet"
    last = attempts[-1]
    return f"{len(attempts)}, the last {last['error'] or last['status']}"

"""Commands about webhooks: `webhooks` and `resend`."""

from typing import Any

import click

from emulator.cli.output import colors
from emulator.cli.target import Target, with_target


@click.command(
    epilog="""\b
Examples:
  emulator webhooks
  emulator webhooks --order 7632100000000000
  emulator webhooks --json | jq '.webhooks[0].attempts[0]'"""
)
@click.option("--order", metavar="ORDER", help="Only those about this order.")
@with_target
def webhooks(target: Target, order: str | None) -> None:
    """List the webhooks of a sandbox with what came of each."""
    from emulator.views.lines import short_id
    from emulator.views.tables import table

    answer = target.ask("GET", "webhooks", order=order)
    rows = [
        (*(each[name] for name in ("id", "provider", "event", "state")), short_id(each["order"]), _attempts(each))
        for each in answer["webhooks"]
    ]
    columns = ("webhook", "provider", "event", "state", "order", "attempts")
    target.show(answer, lambda: table(columns, rows, color=colors()) if rows else "no webhooks")


@click.command(
    epilog="""\b
Examples:
  emulator resend 12"""
)
@click.argument("webhook")
@with_target
def resend(target: Target, webhook: str) -> None:
    """Send a webhook again now, and say what came of it."""
    answer = target.ask("POST", f"webhooks/{webhook}/resend")
    target.show(answer, lambda: f"webhook {answer['id']} to {answer['url']}: {answer['state']} ({_attempts(answer)})")


def _attempts(webhook: dict[str, Any]) -> str:
    attempts = webhook["attempts"]
    if not attempts:
        return "none yet"
    last = attempts[-1]
    return f"{len(attempts)}, the last {last['error'] or last['status']}"

"""Commands about webhooks: `webhooks`, `resend`, `hold` and `release`."""

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
    """Hold a webhook back that waits for a try; the fault `hold` does it before the first one."""
    _do(target, webhook, "hold")


@click.command(
    epilog="""\b
Examples:
  emulator release 12"""
)
@click.argument("webhook")
@with_target
def release(target: Target, webhook: str) -> None:
    """Send a webhook now that was held back, and say what came of it."""
    _do(target, webhook, "release")


def _do(target: Target, webhook: str, word: str) -> None:
    answer = target.ask("POST", f"webhooks/{webhook}/{word}")
    target.show(answer, lambda: f"webhook {answer['id']} to {answer['url']}: {answer['state']} ({_attempts(answer)})")


def _attempts(webhook: dict[str, Any]) -> str:
    attempts = webhook["attempts"]
    if not attempts:
        return "none yet"
    last = attempts[-1]
    return f"{len(attempts)}, the last {last['error'] or last['status']}"

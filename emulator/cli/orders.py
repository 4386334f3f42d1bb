"""Commands about orders: `orders`, `show`, `create`, `fire`, `move`."""

from typing import Any

import click

from emulator.cli.output import colors, write_table
from emulator.cli.pairs import only_set, read_pairs
from emulator.cli.target import Target, with_target


@click.command(
    epilog="""\b
Examples:
  emulator orders
  emulator orders --provider koywe --status PENDING
  emulator orders --json | jq -r '.orders[].id'"""
)
@click.option("--provider", metavar="PROVIDER", help="Only orders of this provider.")
@click.option("--status", metavar="STATUS", help="Only those in this status, in the provider's own word.")
@with_target
def orders(target: Target, provider: str | None, status: str | None) -> None:
    """List the orders of a sandbox."""
    answer = target.ask("GET", "orders", provider=provider, status=status)
    rows = [
        (each["id"], each["provider"], each["status"], each["scenario"] or "-", _next(each))
        for each in answer["orders"]
    ]
    columns = ("order", "provider", "status", "scenario", "next")
    target.show(answer, lambda: write_table(columns, rows) if rows else "no orders; make one with `emulator create`")


@click.command(
    epilog="""\b
Examples:
  emulator show ord_d1d898d1ddbdc3ac15e1b630"""
)
@click.argument("order")
@with_target
def show(target: Target, order: str) -> None:
    """Show an order with its full story."""
    answer = target.ask("GET", f"orders/{order}")
    target.show(answer, lambda: _story(answer))


@click.command(
    epilog="""\b
Examples:
  emulator create basswallet
  emulator create koywe PAYOUT --scenario manual
  emulator create changelly amountFrom='"200"' country=EE"""
)
@click.argument("provider")
@click.argument("kind_and_members", nargs=-1, metavar="[KIND] [NAME=VALUE]...")
@click.option("--scenario", metavar="NAME", help="The scenario that the order follows.")
@with_target
def create(target: Target, provider: str, kind_and_members: tuple[str, ...], scenario: str | None) -> None:
    """Create an order with a valid, signed request; NAME=VALUE replaces members of its body."""
    kind = next((each for each in kind_and_members[:1] if "=" not in each), None)
    members = read_pairs(kind_and_members[1 if kind else 0 :])
    wanted = only_set(provider=provider, kind=kind, scenario=scenario, body=members or None)
    answer = target.ask("POST", "orders", wanted)
    target.show(answer, lambda: _one(answer))


@click.command(
    epilog="""\b
Examples:
  emulator fire ord_d1d898d1ddbdc3ac15e1b630 pay
  emulator fire 7632100000000000 pay amount=25.50"""
)
@click.argument("order")
@click.argument("event")
@click.argument("arguments", nargs=-1, metavar="[NAME=VALUE]...")
@with_target
def fire(target: Target, order: str, event: str, arguments: tuple[str, ...]) -> None:
    """Make an event happen to an order now. `emulator show ORDER` says which are possible."""
    _after(target, order, {**read_pairs(arguments), "event": event})


@click.command(
    epilog="""\b
Examples:
  emulator move ord_d1d898d1ddbdc3ac15e1b630 COMPLETED
  emulator move ord_d1d898d1ddbdc3ac15e1b630 STARTED --force"""
)
@click.argument("order")
@click.argument("status")
@click.option("--force", is_flag=True, help="Even where the provider's life cycle has no such transition.")
@with_target
def move(target: Target, order: str, status: str, force: bool) -> None:
    """Move an order to a status now."""
    _after(target, order, only_set(to=status, force=force or None))


def _after(target: Target, order: str, body: dict[str, Any]) -> None:
    from emulator.views.lines import line_of

    answer = target.ask("POST", f"orders/{order}/events", body)
    lines = [line_of(each, color=colors()) for each in answer["happened"]]
    target.show(answer, lambda: "\n".join([*lines, _one(answer)]))


def _one(order: dict[str, Any]) -> str:
    told = [f"{order['id']} is {order['status']}"]
    if order.get("next"):
        told.append(f"next: {_next(order)}")
    if order.get("events"):
        told.append(f"possible now: {', '.join(order['events'])}")
    if order.get("page"):
        told.append(f"its payer pays at {order['page']}")
    return "\n".join(told)


def _story(order: dict[str, Any]) -> str:
    from emulator.views.lines import line_of

    head = [f"{order['provider']} {order['id']}, scenario {order['scenario'] or 'none'}"]
    lines, status = [], ""
    for each in order["story"]:
        known = {"provider": "", "order": order["id"], "sent": True, "reason": None, "error": None, "source": status}
        lines.append(line_of({**known, "path": each.get("endpoint", ""), **each}, color=colors()))
        if each["kind"] in ("created", "transition"):
            status = each["status"]
    return "\n".join([*head, *(f"  {line}" for line in lines), _one(order)])


def _next(order: dict[str, Any]) -> str:
    following = order["next"]
    return f"{following['what']} at {following['at']}" if following else "-"

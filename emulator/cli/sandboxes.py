"""Commands about sandboxes: `sandboxes` and `reset`."""

from typing import Any

import click

from emulator.cli.output import colors, write_table
from emulator.cli.pairs import only_set
from emulator.cli.target import Target, with_target


@click.command(
    epilog="""\b
Examples:
  emulator sandboxes
  emulator sandboxes --create alice --seed 7
  emulator sandboxes --remove alice"""
)
@click.option("--create", metavar="NAME", help="Create one.")
@click.option("--seed", metavar="TEXT", help="With --create: its ids and random choices follow from it.")
@click.option("--remove", metavar="NAME", help="Remove one, with everything in it.")
@with_target
def sandboxes(target: Target, create: str | None, seed: str | None, remove: str | None) -> None:
    """List the sandboxes, create one, or remove one."""
    if create is not None:
        made = target.ask_emulator("POST", "sandboxes", only_set(name=create, seed=seed))
        target.show(made, lambda: _credentials(made))
        return
    if remove is not None:
        target.ask_emulator("DELETE", f"sandboxes/{remove}")
    answer = target.ask_emulator("GET", "sandboxes")
    target.show(answer, lambda: _list(answer))


@click.command(
    epilog="""\b
Examples:
  emulator reset
  emulator reset --sandbox alice"""
)
@with_target
def reset(target: Target) -> None:
    """Reset a sandbox to its initial state, in place."""
    answer = target.ask("POST", "reset")
    target.show(answer, lambda: f"the sandbox {target.sandbox!r} is in its initial state")


def _list(answer: dict[str, Any]) -> str:
    rows = [(each["name"], each["clock"]["now"], each["clock"]["mode"]) for each in answer["sandboxes"]]
    return write_table(("sandbox", "now", "clock"), rows)


def _credentials(made: dict[str, Any]) -> str:
    from emulator.views.tables import credentials_table

    return credentials_table(made["urls"], made["credentials"], color=colors())

"""Commands about time: `clock` and `advance`."""

from typing import Any

import click

from emulator.cli.output import EXIT_REFUSED, EXIT_USAGE, Failed, colors
from emulator.cli.pairs import only_set
from emulator.cli.target import Target, with_target


@click.command(
    epilog="""\b
Examples:
  emulator clock
  emulator clock --mode manual --now 2026-01-05T12:00:00Z
  emulator clock --rate 60"""
)
@click.option(
    "--mode", type=click.Choice(["real", "rate", "manual"]), help="manual: time stands still until it is advanced."
)
@click.option("--now", metavar="INSTANT", help="Set it to this instant.")
@click.option("--rate", metavar="N", help="How fast it runs: at 60, one second is a minute.")
@with_target
def clock(target: Target, mode: str | None, now: str | None, rate: str | None) -> None:
    """Show the clock of a sandbox, or change it."""
    changes = only_set(mode=mode or ("rate" if rate else None), now=now, rate=rate)
    answer = target.ask("PUT", "clock", changes) if changes else target.ask("GET", "clock")
    target.show(answer, lambda: _clock(answer))


@click.command(
    epilog="""\b
Examples:
  emulator advance 30s
  emulator advance 1h30m
  emulator advance idle
  emulator advance 2026-01-05T12:00:00Z"""
)
@click.argument("how_far", metavar="DURATION|INSTANT|idle")
@click.option("--budget", metavar="DURATION", help="How much real time it may take.  [default: 20s]")
@with_target
def advance(target: Target, how_far: str, budget: str | None) -> None:
    """Move the clock, and run everything that falls due on the way."""
    from emulator.views.lines import line_of

    answer = target.ask("POST", "clock/advance", {**_how_far(how_far), **only_set(budget=budget)})
    lines = [line_of({"sent": True, **each}, color=colors()) for each in answer["happened"]]
    target.show(answer, lambda: "\n".join([*lines, f"it is {answer['now']}"]))
    if not answer.get("settled", True):
        silent = [f"{each['receiver']} has not answered webhook {each['webhook']}" for each in answer["silent"]]
        raise Failed("\n".join(["this advance ran out of time: allow more with --budget", *silent]), EXIT_REFUSED)


def _how_far(text: str) -> dict[str, Any]:
    from emulator.core.durations import read_duration_ms

    if text == "idle":
        return {"until": "idle"}
    if "T" in text:
        return {"to": text}
    try:
        read_duration_ms(text)
    except ValueError as error:
        raise Failed(f"{error}; or write `idle`, or an instant like 2026-01-05T12:00:00Z", EXIT_USAGE) from error
    return {"by": text}


def _clock(clock: dict[str, Any]) -> str:
    rate = f", {clock['rate']} times as fast as real time" if str(clock["rate"]) not in ("0", "1") else ""
    return f"{clock['now']} ({clock['mode']}{rate})"

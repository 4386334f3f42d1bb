"""`emulator tail`: what happens in a sandbox, one line each."""

import contextlib
import json
from collections.abc import Iterator

import click

from emulator.cli.output import EXIT_UNREACHABLE, Failed, colors
from emulator.cli.pairs import only_set
from emulator.cli.target import Target, with_target

_ALIVE_S = 60
"""The emulator says something at least every 15 s."""


@click.command(
    epilog="""\b
Examples:
  emulator tail
  emulator tail --kind transition --provider koywe
  emulator tail --json | jq .reason"""
)
@click.option("--kind", metavar="KIND", help="Only this kind: request, transition or delivery.")
@click.option("--provider", metavar="PROVIDER", help="Only entries of this provider.")
@click.option("--order", metavar="ORDER", help="Only entries about this order.")
@with_target
def tail(target: Target, kind: str | None, provider: str | None, order: str | None) -> None:
    """Show what happens in a sandbox, as it happens, until Ctrl-C."""
    from emulator.views.lines import line_of

    with contextlib.suppress(KeyboardInterrupt):
        for document in _documents(target, only_set(kind=kind, provider=provider, order=order)):
            click.echo(document if target.as_json else line_of(json.loads(document), color=colors()))


def _documents(target: Target, query: dict[str, str]) -> Iterator[str]:
    """The JSON of each entry. Raises Failed, also when the emulator stops."""
    import httpx

    url = f"{target.control_url}/sandboxes/{target.sandbox}/events"
    try:
        with (
            httpx.Client(trust_env=False, timeout=_ALIVE_S, headers=target.headers()) as client,
            client.stream("GET", url, params=query) as answer,
        ):
            if answer.status_code != httpx.codes.OK:
                target.read(answer.status_code, answer.read())
            for line in answer.iter_lines():
                if line.startswith("data: ") and line != "data: {}":
                    yield line.removeprefix("data: ")
    except httpx.TransportError as error:
        raise target.unreachable(str(error) or type(error).__name__) from error
    raise Failed(f"the emulator at {target.url} has stopped, or the sandbox is gone", EXIT_UNREACHABLE)

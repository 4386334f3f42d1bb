"""`emulator providers`: what each provider has."""

from pathlib import Path

import click

from emulator.cli.known import known_option, load_known
from emulator.cli.options import json_option
from emulator.cli.output import colors, unknown_provider, write_json


@click.command(
    epilog="""\b
Examples:
  emulator providers
  emulator providers changelly
  emulator providers koywe --assumed
  emulator providers koywe --known known.yaml
  emulator providers --json | jq .koywe.statuses"""
)
@click.argument("names", nargs=-1, metavar="[PROVIDER]...")
@click.option("--assumed", is_flag=True, help="Show only what is assumed: neither documented nor observed.")
@known_option()
@json_option("Print everything as JSON.")
def providers(names: tuple[str, ...], assumed: bool, known: Path | None, as_json: bool) -> None:
    """Show what each provider has: calls, statuses, events, errors, settings and scenarios."""
    from emulator.providers import NAMES
    from emulator.views.describe import describe
    from emulator.web.library import load_library

    unknown = next((name for name in names if name not in NAMES), None)
    if unknown is not None:
        raise unknown_provider(unknown, NAMES)
    load_known(known)
    library, _ = load_library(known=known)
    wanted = {name: library.providers[name] for name in names or NAMES}
    if assumed:
        from emulator.views.marks import assumptions
        from emulator.views.tables import assumptions_table

        found = {name: assumptions(provider) for name, provider in wanted.items()}
        for name, items in found.items() if not as_json else ():
            click.echo(assumptions_table(wanted[name].title, items, color=colors()))
        if as_json:
            click.echo(write_json(found))
        return
    shown = {name: describe(provider, library.shipped[name], None) for name, provider in wanted.items()}
    if as_json:
        click.echo(write_json(shown))
    else:
        from emulator.views.tables import provider_table

        for description in shown.values():
            click.echo(provider_table(description, color=colors()))

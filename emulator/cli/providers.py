"""`emulator providers`: what each provider has."""

import json

import click

from emulator.cli.output import EXIT_USAGE, colors, fail


@click.command(
    epilog="""\b
Examples:
  emulator providers
  emulator providers changelly
  emulator providers --json | jq .koywe.statuses"""
)
@click.argument("names", nargs=-1, metavar="[PROVIDER]...")
@click.option("--json", "as_json", is_flag=True, help="Print everything as JSON.")
def providers(names: tuple[str, ...], as_json: bool) -> None:
    """Show what each provider has: calls, statuses, events, errors, settings and scenarios."""
    from emulator.core.suggestion import use_one_of
    from emulator.providers import NAMES
    from emulator.views.describe import describe
    from emulator.web.application import build_library

    unknown = next((name for name in names if name not in NAMES), None)
    if unknown is not None:
        fail(f"no provider {unknown!r}: {use_one_of(unknown, NAMES)}", EXIT_USAGE)
    library, _ = build_library()
    shown = {name: describe(library.providers[name], library.shipped[name], None) for name in names or NAMES}
    if as_json:
        from emulator.core import json_text

        click.echo(json.dumps(json.loads(json_text.encode(shown)), indent=2, ensure_ascii=False))
    else:
        from emulator.views.tables import provider_table

        for description in shown.values():
            click.echo(provider_table(description, color=colors()))

"""`emulator coverage`: how much of the providers' behaviour clients have met."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import click
from click.core import ParameterSource

from emulator.cli.options import READ_FILE, WRITTEN_FILE
from emulator.cli.output import EXIT_BROKEN, EXIT_USAGE, Failed, colors, unknown_provider, write_file
from emulator.cli.target import Target, with_target


@click.command(
    epilog="""\b
Examples:
  emulator coverage
  emulator coverage --provider koywe --fail-under 60
  emulator coverage --sandbox alice --html coverage.html
  emulator coverage --junit coverage.xml --json > coverage.json
  emulator coverage unit.json integration.json"""
)
@click.argument("files", nargs=-1, type=READ_FILE, metavar="[FILE]...")
@click.option("--provider", "providers", multiple=True, metavar="NAME",
              help="Only this provider, counted even if nobody has touched it; may be repeated.")  # fmt: skip
@click.option("--junit", type=WRITTEN_FILE, help="Write JUnit XML to this file.")
@click.option("--html", type=WRITTEN_FILE, help="Write a page to this file.")
@click.option("--fail-under", type=click.FloatRange(0, 100), metavar="PERCENT", help="Exit with 1 if less is covered.")
@with_target
def coverage(
    target: Target,
    files: tuple[Path, ...],
    providers: tuple[str, ...],
    junit: Path | None,
    html: Path | None,
    fail_under: float | None,
) -> None:
    """Show how much of the providers' behaviour clients have met, and how to meet the rest.

    Without FILE it asks the running emulator, about all its sandboxes or the one that --sandbox names; with FILEs it
    merges what earlier runs wrote there. Exits with 1 if nothing was exercised at all.
    """
    from emulator.views.coverage import count
    from emulator.views.coverage_reports import find_problem, write_junit, write_tables

    _require_known(providers)
    document = _merged(files, providers) if files else _asked(target, providers)
    if providers:
        document["providers"] = [each for each in document["providers"] if each["name"] in providers]
        document = count(document, providers)
    if junit is not None:
        write_file(junit, write_junit(document))
    if html is not None:
        from emulator.providers import load_all
        from emulator.web.console.coverage import write_page

        write_file(html, write_page(document, load_all()))
    target.show(document, lambda: write_tables(document, color=colors()))
    problem = find_problem(document, fail_under)
    if problem is not None:
        raise Failed(problem, EXIT_BROKEN)


def _require_known(providers: tuple[str, ...]) -> None:
    from emulator.providers import NAMES

    for name in providers:
        if name not in NAMES:
            raise unknown_provider(name, NAMES)


def _asked(target: Target, providers: tuple[str, ...]) -> dict[str, Any]:
    query = {"provider": list(providers) or None}
    given = click.get_current_context().get_parameter_source("sandbox") in (
        ParameterSource.COMMANDLINE,
        ParameterSource.ENVIRONMENT,
    )
    answer = target.ask("GET", "coverage", **query) if given else target.ask_emulator("GET", "coverage", **query)
    return dict(answer)


def _merged(files: tuple[Path, ...], providers: tuple[str, ...]) -> dict[str, Any]:
    from emulator.views.coverage import merge

    return merge(_read(files), providers)


def _read(files: tuple[Path, ...]) -> Iterator[dict[str, Any]]:
    from emulator.views.coverage import BadDocument, read_document

    for path in files:
        try:
            yield read_document(path.read_bytes())
        except BadDocument as error:
            raise Failed(f"{path}: {error}", EXIT_USAGE) from error

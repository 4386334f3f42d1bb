"""`emulator validate`: checks scenario files."""

import json
import sys
from pathlib import Path

import click

from emulator.cli.output import EXIT_BROKEN, fail


@click.command(
    epilog="""\b
Examples:
  emulator validate scenarios/koywe/happy.yaml
  emulator validate my-scenarios/ --json"""
)
@click.argument("paths", nargs=-1, required=True, type=click.Path(exists=True, path_type=Path))
@click.option("--json", "as_json", is_flag=True, help="Print the result as JSON.")
def validate(paths: tuple[Path, ...], as_json: bool) -> None:
    """Check scenario files; a folder means all files in it. Exits with 1 if one is broken, or if there are none."""
    from emulator.core.library import Library
    from emulator.core.schema import Schema
    from emulator.files import shipped
    from emulator.files.scenario_folders import check_file
    from emulator.providers import load_all

    library = Library(load_all(), Schema(shipped.scenario_schema()))
    found = [each for path in paths for each in (shipped.scenario_paths(path) if path.is_dir() else [path])]
    problems = [problem for path in found for problem in check_file(library, path)[1]]
    if as_json:
        shown = [
            {"path": str(each.path), "line": each.line, "column": each.column, "message": each.message}
            for each in problems
        ]
        click.echo(json.dumps({"checked": len(found), "problems": shown}, indent=2))
    else:
        for problem in problems:
            click.echo(str(problem), err=True)
        click.echo(f"{len(found)} scenario files checked, {len(problems)} problems")
    if not found:
        fail("there is no scenario file (*.yaml) here", EXIT_BROKEN)
    if problems:
        sys.exit(EXIT_BROKEN)

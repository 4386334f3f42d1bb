"""`emulator validate`: checks scenario files, seed files, and files with what is known of the providers."""

import json
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

import click

from emulator.cli.options import json_option
from emulator.cli.output import EXIT_BROKEN, Failed

if TYPE_CHECKING:
    from emulator.core.library import Library
    from emulator.files.yaml_file import FileProblem


@click.command(
    epilog="""\b
Examples:
  emulator validate scenarios/koywe/happy.yaml
  emulator validate my-scenarios/ --json"""
)
@click.argument("paths", nargs=-1, required=True, type=click.Path(exists=True, path_type=Path))
@json_option()
def validate(paths: tuple[Path, ...], as_json: bool) -> None:
    """Check scenario files, seed files, and files for --known; a folder means all files in it.

    Exits with 1 if one is broken, or if there are none.
    """
    from emulator.core.library import Library
    from emulator.core.wording import counted
    from emulator.files import shipped
    from emulator.providers import LateProviders

    providers = LateProviders()
    library = Library(providers, shipped.scenario_schema(providers))
    found = [each for path in paths for each in (shipped.scenario_paths(path) if path.is_dir() else [path])]
    problems = [problem for path in found for problem in _check(library, path)]
    if as_json:
        shown = [
            {"path": str(each.path), "line": each.line, "column": each.column, "message": each.message}
            for each in problems
        ]
        click.echo(json.dumps({"checked": len(found), "problems": shown}, indent=2))
    else:
        for problem in problems:
            click.echo(str(problem), err=True)
        click.echo(f"{counted(len(found), 'file')} checked, {counted(len(problems), 'problem')}")
    if not found:
        raise Failed("there is no scenario or seed file (*.yaml) here", EXIT_BROKEN)
    if problems:
        sys.exit(EXIT_BROKEN)


def _check(library: "Library", path: Path) -> "Sequence[FileProblem]":
    from emulator.files.facts_file import is_facts_file, read_facts
    from emulator.files.scenario_folders import read_scenario_file
    from emulator.files.seed_file import is_seed_file
    from emulator.files.yaml_file import BrokenFiles

    try:
        if is_seed_file(path):
            from emulator.web.seed_trial import problems_of

            return problems_of(path)
        if is_facts_file(path, library.providers):
            read_facts(path, library.providers)
        else:
            read_scenario_file(library, path)
    except BrokenFiles as error:
        return error.problems
    return ()

"""`emulator reproduce`: does again what was done in a sandbox, and shows where it comes out otherwise."""

import asyncio
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from emulator.cli.output import EXIT_BROKEN, EXIT_USAGE, fail
from emulator.cli.target import Target, with_target, write_json

if TYPE_CHECKING:
    from emulator.views.reproduction import Reproduction
    from emulator.web.replay import Played

_FILE = click.Path(dir_okay=False, path_type=Path)


@click.command(
    epilog="""\b
Examples:
  emulator reproduce --save course.json
  emulator reproduce course.json
  emulator reproduce course.json --as-test test_course.py
  emulator reproduce course.json --keep course"""
)
@click.argument("file", required=False, type=click.Path(exists=True, dir_okay=False, path_type=Path))
@click.option("--save", type=_FILE, help="Write what was done in the sandbox of a running emulator to this file.")
@click.option("--as-test", type=_FILE, help="Write it to this file as a test for pytest.")
@click.option("--keep", metavar="NAME", help="Keep the end state in a new sandbox of a running emulator.")
@click.option("--scenarios", type=click.Path(exists=True, file_okay=False, path_type=Path),
              help="The folder with your own scenarios that the emulator used.")  # fmt: skip
@with_target
def reproduce(
    target: Target,
    file: Path | None,
    save: Path | None,
    as_test: Path | None,
    keep: str | None,
    scenarios: Path | None,
) -> None:
    """Replay what was done in a sandbox, and show where the result differs.

    It plays in an emulator of its own, whose time and receivers are as they were. Exits with 1 at the first answer that
    is not the same byte for byte, and with 2 for a file that cannot be played.
    """
    if save is not None and file is None:
        _save(target, save)
        return
    if file is None or save is not None:
        fail("give either a FILE to play, or --save FILE to write one", EXIT_USAGE)
    found = _read(file)
    if as_test is not None:
        from emulator.files.reproduction_test import write_test

        _write(as_test, write_test(found))
        return
    from emulator.web.replay import play, show

    played = asyncio.run(play(found, scenarios))
    if keep is not None:
        _keep(target, keep, played)
    difference = played.difference
    target.show(
        _document(played),
        lambda: show(difference) if difference else f"{played.requests} answers, all the same byte for byte",
    )
    if difference is not None:
        fail(f"{file} comes out otherwise", EXIT_BROKEN)


def _save(target: Target, path: Path) -> None:
    """Raises Refused."""
    document = target.ask("GET", "reproduction")
    _write(path, write_json(document) + "\n")
    if not document["complete"]:
        fail(f"{path} is incomplete, and cannot be played: {document['why_not']}", EXIT_BROKEN)


def _read(file: Path) -> "Reproduction":
    from emulator.views.reproduction import BadReproduction, read_reproduction

    try:
        return read_reproduction(file.read_bytes())
    except BadReproduction as error:
        fail(f"{file}: {error}", EXIT_USAGE)


def _keep(target: Target, name: str, played: "Played") -> None:
    """Puts the end into a new sandbox of the running emulator. Raises Refused."""
    target.ask_emulator("POST", "sandboxes", {"name": name})
    target.ask_emulator("PUT", f"sandboxes/{name}/snapshot", played.snapshot)
    click.echo(f"emulator: the sandbox {name} is as it was at the end", err=True)


def _document(played: "Played") -> dict[str, Any]:
    difference = played.difference
    shown = None
    if difference is not None:
        then, now = (each.decode("utf-8", "backslashreplace") for each in (difference.then, difference.now))
        shown = {"step": difference.step, "what": difference.what, "place": difference.place, "then": then, "now": now}
    return {"requests": played.requests, "difference": shown}


def _write(path: Path, text: str) -> None:
    try:
        path.write_text(text, "utf-8")
    except OSError as error:
        fail(f"{path} cannot be written: {error}", EXIT_USAGE)
    click.echo(f"emulator: wrote {path}", err=True)

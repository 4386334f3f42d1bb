"""`emulator reproduce`: replays what was done in a sandbox, and shows where the result differs."""

import asyncio
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from emulator.cli.options import READ_FILE, READ_FOLDER, WRITTEN_FILE
from emulator.cli.output import EXIT_BROKEN, EXIT_USAGE, Failed, write_file, write_json
from emulator.cli.target import Target, with_target

if TYPE_CHECKING:
    from emulator.views.reproduction import Reproduction
    from emulator.web.replay import Played


@click.command(
    epilog="""\b
Examples:
  emulator reproduce --save course.json
  emulator reproduce course.json
  emulator reproduce course.json --as-test test_course.py
  emulator reproduce course.json --keep course"""
)
@click.argument("file", required=False, type=READ_FILE)
@click.option(
    "--save", type=WRITTEN_FILE, help="Write what was done in the sandbox of a running emulator to this file."
)
@click.option("--as-test", type=WRITTEN_FILE, help="Write it to this file as a test for pytest.")
@click.option("--keep", metavar="NAME", help="Keep the end state in a new sandbox of a running emulator.")
@click.option("--scenarios", type=READ_FOLDER,
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

    It runs in an emulator of its own, where time and receivers are as they were. Exits with 1 at the first answer that
    is not the same byte for byte, and with 2 for a file that cannot be replayed.
    """
    if save is not None and file is None:
        save_reproduction(target, save)
        return
    if file is None or save is not None:
        raise Failed("give either a FILE to replay, or --save FILE to write one", EXIT_USAGE)
    if as_test is not None:
        write_as_test(file, as_test)
        return
    from emulator.web.replay import show

    played = replay(file, scenarios)
    if keep is not None:
        keep_end(target, keep, played)
    difference = played.difference
    target.show(
        describe(played),
        lambda: show(difference) if difference else f"{played.requests} answers, all the same byte for byte",
    )
    if difference is not None:
        raise Failed(f"the result of {file} differs", EXIT_BROKEN)


def save_reproduction(target: Target, path: Path) -> None:
    """Writes what was done in the sandbox. Raises Failed, also for a reproduction that is incomplete."""
    document = target.ask("GET", "reproduction")
    write_file(path, write_json(document) + "\n")
    if not document["complete"]:
        raise Failed(f"{path} is incomplete, and cannot be replayed: {document['why_not']}", EXIT_BROKEN)


def write_as_test(path: Path, test: Path) -> None:
    """Writes a reproduction as a test for pytest. Raises Failed."""
    from emulator.files.reproduction_as_test import write_test

    write_file(test, write_test(_read(path)))


def replay(path: Path, scenarios: Path | None = None) -> "Played":
    """What comes of a reproduction now. Raises Failed."""
    from emulator.web.replay import play

    return asyncio.run(play(_read(path), scenarios))


def keep_end(target: Target, name: str, played: "Played") -> None:
    """Puts the end state into a new sandbox of the running emulator. Raises Failed."""
    target.ask_emulator("POST", "sandboxes", {"name": name})
    target.ask_emulator("PUT", f"sandboxes/{name}/snapshot", played.snapshot)
    click.echo(f"emulator: the sandbox {name} is as it was at the end", err=True)


def describe(played: "Played") -> dict[str, Any]:
    """`{requests, difference}` for JSON: how many answers were compared, and the first that differs."""
    difference = played.difference
    shown = None
    if difference is not None:
        then, now = (each.decode("utf-8", "backslashreplace") for each in (difference.then, difference.now))
        shown = {"step": difference.step, "what": difference.what, "place": difference.place, "then": then, "now": now}
    return {"requests": played.requests, "difference": shown}


def _read(path: Path) -> "Reproduction":
    from emulator.views.reproduction import BadReproduction, read_reproduction

    try:
        return read_reproduction(path.read_bytes())
    except OSError as error:
        raise Failed(f"{path}: {error.strerror}", EXIT_USAGE) from error
    except BadReproduction as error:
        raise Failed(f"{path}: {error}", EXIT_USAGE) from error

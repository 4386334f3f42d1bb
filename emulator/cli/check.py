"""`emulator check`: recorded real traffic, compared with what the emulator knows."""

import sys
from contextlib import suppress
from pathlib import Path
from typing import IO

import click

from emulator.cli.known import known_option, load_known
from emulator.cli.options import WRITTEN_FILE, json_option
from emulator.cli.output import EXIT_BROKEN, EXIT_USAGE, Failed, colors, write_file, write_json
from emulator.providers import NAMES


@click.command(
    epilog="""\b
Examples:
  emulator check recorded.har
  emulator tail --json | emulator check -
  emulator check staging.jsonl --provider koywe --host pay.staging.example
  emulator check *.har --junit drift.xml --json"""
)
@click.argument("files", nargs=-1, required=True, type=click.File("rb", lazy=True), metavar="FILE...")
@click.option("--provider", type=click.Choice(NAMES), help="The provider of calls whose host does not show it.")
@click.option("--host", metavar="NAME", default="", help="With --provider: only calls to this host.")
@known_option()
@click.option("--junit", type=WRITTEN_FILE, help="Also write the result here as JUnit.")
@json_option()
def check(
    files: tuple[IO[bytes], ...], provider: str | None, host: str, known: Path | None, junit: Path | None, as_json: bool
) -> None:
    """Show where recorded traffic differs from the emulator: HAR, lines of the journal, or plain JSON.

    Exits with 1 if anything differs, or if nothing in the files is a provider's.
    """
    from emulator.files.recorded_traffic import UnreadableRecord, read_recording
    from emulator.traffic.judge import Judge
    from emulator.traffic.report import Report
    from emulator.views.drift import write_junit, write_report

    if host and provider is None:
        raise Failed("--host needs --provider: it says whose calls they are", EXIT_USAGE)
    judge, report = Judge(load_known(known), provider or "", host), Report()
    with suppress(KeyboardInterrupt):  # Ctrl-C ends input that does not end by itself
        for file in files:
            try:
                for recorded in read_recording(file):
                    place = f"{file.name} {recorded.place}" if len(files) > 1 else recorded.place
                    report.add(place, recorded.host, judge.judge(recorded))
            except (UnreadableRecord, OSError) as error:
                raise Failed(f"{file.name}: {error}", EXIT_USAGE) from error
    if junit is not None:
        write_file(junit, write_junit(report))
    click.echo(write_json(report.as_json()) if as_json else write_report(report, color=colors()))
    if not report.matched:
        raise Failed("no call here is known as a provider's: say whose they are with --provider", EXIT_BROKEN)
    if report.drifts:
        sys.exit(EXIT_BROKEN)

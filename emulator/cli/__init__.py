"""The `emulator` command, a file for each word. Flags win over EMULATOR_* variables, and those over defaults."""

import click

from emulator import __version__
from emulator.cli.output import EXIT_USAGE, fail
from emulator.cli.providers import providers
from emulator.cli.serve import serve
from emulator.cli.validate import validate


class _ServeByDefault(click.Group):
    """`emulator --port 0` means `emulator serve --port 0`."""

    def parse_args(self, ctx: click.Context, args: list[str]) -> list[str]:
        first = next(iter(args), "")
        if first and not first.startswith("-") and first not in self.commands:
            from emulator.core.suggestion import use_one_of

            fail(f"no command {first!r}: {use_one_of(first, list(self.commands))}", EXIT_USAGE)
        if first not in self.commands and first not in ("--help", "-h", "--version"):
            args = ["serve", *args]
        return super().parse_args(ctx, args)


@click.group(
    cls=_ServeByDefault,
    context_settings={"help_option_names": ["-h", "--help"]},
    epilog="""\b
Examples:
  emulator                                  serve on the usual ports, 8900 and up
  emulator --port 0 --ready-file ready.json free ports, written to a file
  emulator serve --set changelly.edition=C  with a setting for new sandboxes
  emulator validate scenarios/              check scenario files
  emulator providers koywe --json           what a provider can do""",
)
@click.version_option(__version__, prog_name="emulator")
def main() -> None:
    """Behaves like the order APIs of Baanx, BassWallet, Changelly Fiat and Koywe.

    Without a command it serves; `emulator serve --help` shows how.
    """


for _command in (serve, validate, providers):
    main.add_command(_command)

"""The `emulator` command, a file for each subject. Flags win over EMULATOR_* variables, and those over defaults."""

import gc
from importlib import import_module

import click

from emulator import __version__
from emulator.cli.output import EXIT_USAGE, Failed

COMMANDS = {
    "serve": ("serve", "Run the emulator until SIGTERM or Ctrl-C."),
    "validate": ("validate", "Check scenario files, seed files, and files for --known."),
    "providers": ("providers", "Show what each provider has: calls, statuses, events, errors, settings."),
    "check": ("check", "Show where recorded traffic differs from the emulator."),
    "proxy": ("proxy", "Forward requests to the real provider, and check the traffic."),
    "init": ("init", "Write an example seed file."),
    "ca": ("ca", "Print the path of the emulator's own CA certificate."),
    "orders": ("orders", "List the orders of a sandbox."),
    "show": ("orders", "Show an order with its full story."),
    "create": ("orders", "Create an order with a valid, signed request."),
    "fire": ("orders", "Make an event happen to an order now."),
    "move": ("orders", "Move an order to a status now."),
    "clock": ("clock", "Show the clock of a sandbox, or change it."),
    "advance": ("clock", "Move the clock, and run everything that falls due."),
    "webhooks": ("webhooks", "List the webhooks of a sandbox, or send one that was captured."),
    "resend": ("webhooks", "Send a webhook again now."),
    "hold": ("webhooks", "Hold back a webhook that is waiting to be sent or tried again."),
    "release": ("webhooks", "Send a webhook that was held back."),
    "explain": ("explain", "Explain why a request was refused, or send it again, corrected."),
    "coverage": ("coverage", "Show how much of the providers' behaviour clients have met."),
    "reproduce": ("reproduce", "Replay what was done in a sandbox, and show where the result differs."),
    "tail": ("tail", "Show what happens in a sandbox, as it happens."),
    "listen": ("listen", "Receive webhooks; verify and show each as it arrives."),
    "faults": ("behaviour", "List the fault rules of a sandbox, or remove some."),
    "inject": ("behaviour", "Add a fault rule for future requests or webhooks."),
    "scenario": ("behaviour", "List scenarios, or choose one for new orders."),
    "settings": ("behaviour", "Show the settings of a sandbox, or change some."),
    "sandboxes": ("sandboxes", "List the sandboxes, create one, or remove one."),
    "reset": ("sandboxes", "Reset a sandbox to its initial state."),
    "mcp": ("mcp", "Offer the commands as tools for coding agents (MCP over stdio)."),
}
"""Name -> the file that has it, and what it does. A file is imported when one of its commands is used."""
_OFFLINE = ("serve", "validate", "providers", "check", "proxy", "init", "ca")
_COMMAND_COLUMNS = 12


class _Commands(click.Group):
    """`emulator --port 0` means `emulator serve --port 0`."""

    def parse_args(self, ctx: click.Context, args: list[str]) -> list[str]:
        first = next(iter(args), "")
        if first and not first.startswith("-") and first not in COMMANDS:
            from emulator.core.suggestion import use_one_of

            raise Failed(f"no command {first!r}: {use_one_of(first, list(COMMANDS))}", EXIT_USAGE)
        if first not in COMMANDS and first not in ("--help", "-h", "--version"):
            args = ["serve", *args]
        return super().parse_args(ctx, args)

    def list_commands(self, ctx: click.Context) -> list[str]:
        return list(COMMANDS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        if cmd_name not in COMMANDS:
            return None
        file, _ = COMMANDS[cmd_name]
        gc.disable()  # what is imported stays to the end: looking for garbage in it only costs time
        try:
            command: click.Command = getattr(import_module(f"emulator.cli.{file}"), cmd_name)
        finally:
            gc.enable()
        return command

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        for title, wanted in (("Commands", True), ("Commands for a running emulator", False)):
            with formatter.section(title):
                formatter.write_dl(
                    [
                        (name.ljust(_COMMAND_COLUMNS), about)
                        for name, (_, about) in COMMANDS.items()
                        if (name in _OFFLINE) is wanted
                    ]
                )


@click.group(
    cls=_Commands,
    context_settings={"help_option_names": ["-h", "--help"]},
    epilog="""\b
Examples:
  emulator                                  serve on the usual ports, 8900 and up
  emulator --port 0 --ready-file ready.json free ports, written to a file
  emulator serve --set changelly.edition=C  with a setting for new sandboxes
  emulator validate scenarios/              check scenario files
  emulator providers koywe --json           what a provider can do
  emulator advance 1h                       move the clock of a running one""",
)
@click.version_option(__version__, prog_name="emulator")
def main() -> None:
    """Behaves like the order APIs of payment providers; `emulator providers` shows which.

    Without a command it serves; `emulator serve --help` shows how.
    """

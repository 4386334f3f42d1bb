"""Commands about how a sandbox behaves: `faults`, `inject`, `scenario`, `settings`."""

from pathlib import Path
from typing import Any

import click

from emulator.cli.options import READ_FILE
from emulator.cli.output import EXIT_USAGE, Failed, unknown_provider, write_json, write_table
from emulator.cli.pairs import read_pairs, read_settings
from emulator.cli.target import Target, with_target


@click.command(
    epilog="""\b
Examples:
  emulator faults
  emulator faults --remove 2
  emulator faults --clear"""
)
@click.option("--remove", metavar="FAULT", help="Remove the rule with this id.")
@click.option("--clear", is_flag=True, help="Remove all rules.")
@with_target
def faults(target: Target, remove: str | None, clear: bool) -> None:
    """List the fault rules of a sandbox, or remove some."""
    if clear or remove is not None:
        target.ask("DELETE", "faults" if clear else f"faults/{remove}")
    answer = target.ask("GET", "faults")
    rows = [(each["id"], each["fault"], _rule(each)) for each in answer["faults"]]
    columns = ("id", "fault", "rule")
    target.show(answer, lambda: write_table(columns, rows) if rows else "no faults")


@click.command(
    epilog="""\b
Examples:
  emulator inject reset when=after provider=baanx times=1
  emulator inject latency fixed=2s endpoint=get-order
  emulator inject duplicate provider=changelly"""
)
@click.argument("fault")
@click.argument("rule", nargs=-1, metavar="[NAME=VALUE]...")
@with_target
def inject(target: Target, fault: str, rule: tuple[str, ...]) -> None:
    """Add a fault rule for future requests or webhooks."""
    answer = target.ask("POST", "faults", {**read_pairs(rule), "fault": fault})
    target.show(answer, lambda: f"fault {answer['id']}: {answer['fault']} {_rule(answer)}".rstrip())


@click.command(
    epilog="""\b
Examples:
  emulator scenario
  emulator scenario changelly
  emulator scenario changelly kyc-hold
  emulator scenario changelly mine --file mine.yaml
  emulator scenario changelly --none"""
)
@click.argument("provider", required=False)
@click.argument("name", required=False)
@click.option("--file", type=READ_FILE, help="Add it from this file first.")
@click.option("--none", "without", is_flag=True, help="Remove the default scenario.")
@with_target
def scenario(target: Target, provider: str | None, name: str | None, file: Path | None, without: bool) -> None:
    """List scenarios, or choose one for new orders of a provider."""
    if (file is not None or without) and provider is None:
        raise Failed("name the provider, as in `emulator scenario changelly ...`", EXIT_USAGE)
    if file is not None and name is None:
        raise Failed("name the scenario, as in `emulator scenario changelly mine --file mine.yaml`", EXIT_USAGE)
    if file is not None:
        target.put_file(f"scenarios/{provider}/{name}", file)
    if provider is not None and (name is not None or without):
        answer = target.ask("PUT", "default-scenario", {provider: name})
        target.show(answer, lambda: f"new orders of {provider} follow {name or 'no default'}")
        return
    answer = target.ask("GET", "scenarios")
    if provider is not None and provider not in answer["scenarios"]:
        raise unknown_provider(provider, list(answer["scenarios"]))
    target.show(answer, lambda: _scenarios(answer, provider))


@click.command(
    epilog="""\b
Examples:
  emulator settings
  emulator settings changelly
  emulator settings changelly.edition=C baanx.use_pending=true"""
)
@click.argument("wanted", nargs=-1, metavar="[PROVIDER | PROVIDER.SETTING=VALUE]...")
@with_target
def settings(target: Target, wanted: tuple[str, ...]) -> None:
    """Show the settings of a sandbox, or change some."""
    try:
        changes = read_settings(text for text in wanted if "=" in text)
    except ValueError as error:
        raise Failed(str(error), EXIT_USAGE) from error
    answer = target.ask("PUT", "settings", changes) if changes else target.ask("GET", "settings")
    shown = [text for text in wanted if "=" not in text] or list(changes or answer)
    unknown = [name for name in shown if name not in answer]
    if unknown:
        raise unknown_provider(unknown[0], list(answer))
    target.show({name: answer[name] for name in shown}, lambda: _settings(answer, shown))


def _rule(rule: dict[str, Any]) -> str:
    return " ".join(
        f"{name}={value if isinstance(value, str) else _inline(value)}"
        for name, value in rule.items()
        if name not in ("id", "fault") and value is not None
    )


def _inline(value: Any) -> str:
    return " ".join(write_json(value).split())


def _scenarios(answer: dict[str, Any], provider: str | None) -> str:
    rows = [
        (name, each["name"], "default" if each["default"] else "own" if each["own"] else "", each["about"])
        for name, found in answer["scenarios"].items()
        if provider in (None, name)
        for each in found
    ]
    return write_table(("provider", "scenario", "", "about"), rows)


def _settings(answer: dict[str, Any], providers: list[str]) -> str:
    rows = [(f"{name}.{setting}", _inline(value)) for name in providers for setting, value in answer[name].items()]
    return write_table(("setting", "value"), rows)

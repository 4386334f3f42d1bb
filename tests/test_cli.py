"""The `emulator` command, as its own process."""

import json
import os
import re
import subprocess
import sys
from pathlib import Path

import pytest
from click.testing import CliRunner

from emulator import __version__
from emulator.cli import main
from emulator.cli.serve import serve
from emulator.core.durations import read_duration_ms
from emulator.providers import NAMES
from emulator.web.application import Options
from tests.command import emulator, environment, in_process

GOOD = "version: 1\nprovider: baanx\nabout: A test.\n"
BAD = "version: 1\nprovider: baanx\nabout: A test.\ntimeline:\n  - {after: 5s, to: PAID}\n"


# -- help


@pytest.mark.parametrize("command", [(), ("serve",), ("validate",), ("providers",)])
@pytest.mark.parametrize("flag", ["--help", "-h"])
def test_help_shows_examples(command: tuple[str, ...], flag: str) -> None:
    shown = in_process(*command, flag)
    assert (shown.exit_code, shown.stderr) == (0, "")
    assert re.search(r"Examples:\n\s+emulator", shown.stdout)


def test_every_flag_of_serve_has_its_variable() -> None:
    text = " ".join(in_process("serve", "--help").stdout.split())
    flags = set(re.findall(r"(--[a-z-]+)", text.split("Options:")[1].split("Examples:")[0])) - {"--help", "--json"}
    flags -= set(re.findall(r"'[^']*(--[a-z-]+)[^']*'", text))
    assert len(flags) >= 10
    for flag in flags:
        assert f"EMULATOR_{flag[2:].replace('-', '_').upper()}" in text


def test_version() -> None:
    shown = emulator("--version")
    assert (shown.returncode, shown.stdout) == (0, f"emulator, version {__version__}\n")


# -- serving


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (("--no-such-flag",), "--no-such-flag"),
        (("serve", "extra"), "(extra)"),
        (("nonsense",), "no command 'nonsense': use one of serve, validate, providers"),
        (("serv",), "emulator: no command 'serv': did you mean 'serve'? use one of serve, validate, providers"),
        (("--prot", "0"), "--port"),
        (("serve", "--scenario", "x"), "--scenarios"),
        (("providers", "--jsn"), "--json"),
        (("providers", "changely"), "no provider 'changely': did you mean 'changelly'? use one of baanx, "),
        (("--set", "changely.edition=C"), "no provider 'changely': did you mean 'changelly'? use one of baanx, "),
        (("--set", "changelly.flow_step=1"), "changelly has no setting 'flow_step': did you mean 'flow_step_ms'?"),
        (("--port", "65532"), "'--port'"),
        (("--port", "many"), "'many'"),
        (("--sandboxes", "all"), "'named', 'auto'"),
        (("--clock", "fast"), "'real', 'manual'"),
        (("--rate", "0"), "--rate 0: a rate is a number from 0.001 to 1000000"),
        (("--clock", "manual", "--rate", "5"), "--rate is for a running clock"),
        (("--now", "soon"), "'soon' is not an instant: write 2026-01-05T12:00:00Z"),
        (("--set", "style"), "--set style: write PROVIDER.SETTING=VALUE"),
        (("--set", "nobody.x=1"), "no provider 'nobody'"),
        (("--set", "baanx.x=1"), "baanx has no setting 'x': use one of "),
        (("--set", "baanx.underpaid=x"), 'baanx.underpaid cannot be "x": use one of fail, keep_open'),
        (("--scenarios", "/no/such/folder"), "'/no/such/folder'"),
        (("--host", ""), "--host must not be empty: write 0.0.0.0 for all addresses"),
        (("--host", "192.0.2.1"), "cannot listen on 192.0.2.1:0: "),
        (("--host", "nonsense.invalid"), "see --host and --port"),
        (("--control-token", ""), "--control-token must not be empty"),
        (("--webhook-ca", "/no/such/file.pem"), "'/no/such/file.pem'"),
        (("--webhook-ca", "README.md"), "--webhook-ca README.md: it has no readable certificate; give PEM"),
        (("--set", "basswallet.webhook_url=http://[::1"), "host or port cannot be read"),
        (("validate",), "PATHS..."),
        (("validate", "/no/such/file.yaml"), "'/no/such/file.yaml'"),
        (("providers", "nobody"), f"no provider 'nobody': use one of {', '.join(NAMES)}"),
    ],
)  # fmt: skip
def test_a_bad_flag_is_refused_with_the_good_values(arguments: tuple[str, ...], words: str) -> None:
    ended = in_process(*arguments)
    assert (ended.exit_code, type(ended.exception)) == (2, SystemExit)
    assert words in ended.stderr


@pytest.mark.parametrize("value", ["tcp://10.0.0.1:8900", "udp://[fd00::1]:8900", ""])
def test_a_variable_set_by_a_service_link_leaves_the_default(monkeypatch: pytest.MonkeyPatch, value: str) -> None:
    monkeypatch.setenv("EMULATOR_PORT", value)
    assert serve.make_context("serve", []).params["port"] == 8900


def test_flags_have_the_same_defaults_as_the_options_for_tests() -> None:
    flags, options = serve.make_context("serve", []).params, Options()
    same = set(flags).intersection(options.__struct_fields__) - {"settings"}
    assert {"port", "tls_port", "max_sandboxes", "store", "seed"} < same
    assert {name: flags[name] for name in same} == {name: getattr(options, name) for name in same}
    assert (flags["max_connections"], flags["keep_alive"]) == (options.limits.connections, options.limits.keep_alive_s)
    assert read_duration_ms(flags["unload_after"]) == options.unload_after_ms


@pytest.mark.parametrize("value", ["many", "-1"])
def test_a_bad_variable_is_refused_like_a_flag(value: str) -> None:
    ended = CliRunner(env={"EMULATOR_PORT": value}).invoke(main, [])
    assert ended.exit_code == 2
    assert "--port" in ended.stderr
    assert "EMULATOR_PORT" in ended.stderr


def test_the_process_ends_with_the_same_code_and_message() -> None:
    ended = emulator("--rate", "0")
    assert (ended.returncode, ended.stdout) == (2, "")
    assert ended.stderr == "emulator: --rate 0: a rate is a number from 0.001 to 1000000\n"


def test_a_broken_scenario_file_stops_the_start(tmp_path: Path) -> None:
    (tmp_path / "baanx").mkdir()
    path = tmp_path / "baanx" / "x.yaml"
    path.write_text(BAD)
    ended = in_process("--port", "0", "--scenarios", str(tmp_path))
    assert ended.exit_code == 1
    assert f"{path}:5:17: no status 'PAID': use one of COMPLETED" in ended.stderr
    assert isinstance(ended.exception, SystemExit)


# -- validate


def test_validate_accepts_good_files_and_counts_them(tmp_path: Path) -> None:
    (tmp_path / "good.yaml").write_text(GOOD)
    ended = in_process("validate", str(tmp_path), str(tmp_path / "good.yaml"))
    assert (ended.exit_code, ended.stdout, ended.stderr) == (0, "2 files checked, 0 problems\n", "")


def test_validate_names_file_line_and_reason(tmp_path: Path) -> None:
    (tmp_path / "good.yaml").write_text(GOOD)
    (tmp_path / "bad.yaml").write_text(BAD)
    ended = emulator("validate", str(tmp_path))
    assert ended.returncode == 1
    assert ended.stdout == "2 files checked, 1 problem\n"
    assert ended.stderr.startswith(f"{tmp_path}/bad.yaml:5:17: no status 'PAID': use one of COMPLETED, ")


def test_validate_finds_problems_as_json(tmp_path: Path) -> None:
    (tmp_path / "bad.yaml").write_text(BAD)
    ended = in_process("validate", "--json", str(tmp_path / "bad.yaml"))
    assert ended.exit_code == 1
    said = json.loads(ended.stdout)
    assert said["checked"] == 1
    places = [(each["path"], each["line"], each["column"]) for each in said["problems"]]
    assert places == [(str(tmp_path / "bad.yaml"), 5, 17)]


def test_validating_nothing_is_a_failure(tmp_path: Path) -> None:
    ended = in_process("validate", str(tmp_path))
    assert ended.exit_code == 1
    assert "there is no scenario or seed file (*.yaml) here" in ended.stderr


# -- providers


def test_providers_are_shown_as_tables_without_color_if_there_is_no_terminal() -> None:
    ended = in_process("providers", "baanx")
    assert (ended.exit_code, ended.stderr) == (0, "")
    assert re.search(r"^Baanx \(baanx\)$", ended.stdout, re.MULTILINE)
    assert re.search(r"^create-order +POST /v1/order ", ended.stdout, re.MULTILINE)
    assert "\x1b" not in ended.stdout


def test_providers_are_shown_as_json() -> None:
    ended = in_process("providers", "--json")
    shown = json.loads(ended.stdout)
    assert list(shown) == list(NAMES)
    assert {"endpoints", "statuses", "transitions", "events", "errors", "settings", "scenarios"} <= set(shown["koywe"])


@pytest.mark.parametrize(("variables", "colored"), [({"NO_COLOR": ""}, True), ({"NO_COLOR": "1"}, False)])
def test_color_is_for_terminals_unless_no_color_is_set(variables: dict[str, str], colored: bool) -> None:
    ours, theirs = os.openpty()
    process = subprocess.Popen(
        [sys.executable, "-m", "emulator", "providers", "baanx"], env=environment(variables), stdout=theirs
    )
    os.close(theirs)
    shown = b""
    while True:
        try:
            part = os.read(ours, 65_536)
        except OSError:  # how Linux says that the other end is closed
            break
        if not part:
            break
        shown += part
    os.close(ours)
    assert process.wait(20) == 0
    assert (b"\x1b[1m" in shown) == colored

"""The `emulator` command, as its own process."""

import contextlib
import json
import os
import re
import signal
import socket
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx
import pytest
from click.testing import CliRunner, Result

from emulator import __version__
from emulator.cli import main
from emulator.providers import NAMES
from tests.polling import eventually

GOOD = "version: 1\nprovider: baanx\nabout: A test.\n"
BAD = "version: 1\nprovider: baanx\nabout: A test.\ntimeline:\n  - {after: 5s, to: PAID}\n"
Golden = Any


def environment(variables: dict[str, str]) -> dict[str, str]:
    """The environment without what the developer's own shell says about the emulator."""
    kept = {name: value for name, value in os.environ.items() if not name.startswith(("EMULATOR_", "NO_COLOR"))}
    return kept | variables


def emulator(*arguments: str, **variables: str) -> "subprocess.CompletedProcess[str]":
    """Runs the command to its end."""
    return subprocess.run(
        [sys.executable, "-m", "emulator", *arguments],
        env=environment(variables), capture_output=True, text=True, timeout=30,
    )  # fmt: skip


def in_process(*arguments: str) -> Result:
    """Runs the command to its end without starting a process for it."""
    return CliRunner(env={"EMULATOR_PORT": "0"}).invoke(main, arguments)


def free_block() -> int:
    """The first of five free ports, below those that the system gives to whoever asks for any."""
    for port in range(20_000 + os.getpid() % 1000 * 10, 32_000, 5):
        with contextlib.ExitStack() as stack, contextlib.suppress(OSError):
            for each in range(port, port + 5):
                stack.enter_context(socket.create_server(("127.0.0.1", each)))
            return port
    raise LookupError("no five free ports in a row")


class Serving:
    """A serving emulator."""

    def __init__(self, ready_file: Path, *arguments: str, **variables: str) -> None:
        self.ready_file = ready_file
        self.process = subprocess.Popen(
            [sys.executable, "-m", "emulator", "serve", "--ready-file", str(ready_file), *arguments],
            env=environment(variables), stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True,
        )  # fmt: skip

    def ready(self) -> dict[str, Any]:
        """What the ready file says, once it is there."""
        eventually(lambda: self.ready_file.exists() or self.process.poll() is not None, 20)
        assert self.process.poll() is None, self.process.communicate()
        return dict(json.loads(self.ready_file.read_text()))

    def end(self, number: int = signal.SIGTERM) -> tuple[int, str, str]:
        """Exit code and output after a signal."""
        self.process.send_signal(number)
        out, err = self.process.communicate(timeout=20)
        return self.process.returncode, out, err


@pytest.fixture
def serve(tmp_path: Path) -> Iterator[Any]:
    started: list[Serving] = []

    def start(*arguments: str, **variables: str) -> Serving:
        started.append(Serving(tmp_path / f"ready-{len(started)}.json", "--port", "0", *arguments, **variables))
        return started[-1]

    yield start
    for serving in started:
        if serving.process.poll() is None:
            serving.process.kill()
        serving.process.communicate()


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


def test_it_serves_prints_a_table_and_stops_gracefully_on_sigterm(serve: Any, golden: Golden) -> None:
    serving = serve()
    ready = serving.ready()
    assert list(ready) == ["control", "urls", "credentials"]
    assert list(ready["urls"]) == list(NAMES)
    shown = json.loads(json.dumps(ready))
    shown["credentials"]["changelly"] = dict.fromkeys(shown["credentials"]["changelly"], "...")
    golden("ready-file.json", re.sub(r"127\.0\.0\.1:[0-9]+", "127.0.0.1:PORT", json.dumps(shown, indent=2)) + "\n")
    assert httpx.get(f"{ready['control']}/ready", verify=False).json() == {"status": "ready"}
    for name, url in ready["urls"].items():
        assert httpx.get(f"{url}/_emulator/health", verify=False).status_code == 200
        assert httpx.get(f"{url}/nothing", verify=False).status_code in (400, 401, 403, 404), name
    code, out, err = serving.end()
    assert (code, err) == (0, "")
    assert not serving.ready_file.exists()
    for url in (ready["control"], *ready["urls"].values()):
        assert url in out
    assert "client_id client-default" in out
    assert "\x1b" not in out
    with pytest.raises(httpx.ConnectError):
        httpx.get(f"{ready['control']}/health", verify=False)


def test_an_edited_scenario_holds_for_the_next_order_without_a_restart(serve: Any, tmp_path: Path) -> None:
    path = tmp_path / "baanx" / "mine.yaml"
    path.parent.mkdir()
    path.write_text(GOOD + "answer: {error: ineligible}\n")
    told = serve("--scenarios", str(tmp_path)).ready()
    access = told["credentials"]["baanx"]
    headers = {"X-Client-ID": access["client_id"], "Authorization": f"Bearer {access['token']}"}
    body = {"productId": "PRODUCT_ID_ABC", "paymentMethod": "CRYPTO_EXTERNAL_DAIMO"}

    def create() -> int:
        scenario = {"X-Emulator-Scenario": "mine"}
        return httpx.post(f"{told['urls']['baanx']}/v1/order", json=body, headers=headers | scenario).status_code

    refused = create()
    assert refused >= 400
    path.write_text("version: [")
    assert create() == refused
    path.write_text(GOOD)
    eventually(lambda: create() == 200)


def test_ctrl_c_stops_it_too(serve: Any) -> None:
    serving = serve("--json")
    ready = serving.ready()
    code, out, err = serving.end(signal.SIGINT)
    assert (code, err) == (0, "")
    assert json.loads(out) == ready
    assert not serving.ready_file.exists()


def test_an_answer_under_way_is_finished_before_it_stops(serve: Any) -> None:
    serving = serve("--clock", "manual")
    ready = serving.ready()
    headers = {"X-Client-ID": "client-default", "Authorization": "Bearer user-default",
               "X-Emulator-Fault": "latency; fixed=600ms"}  # fmt: skip
    address = ready["urls"]["baanx"].removeprefix("http://").split(":")
    with socket.create_connection((address[0], int(address[1])), timeout=20) as connection:
        lines = [
            "GET /v1/order/products/available HTTP/1.1",
            "Host: x",
            *(f"{name}: {value}" for name, value in headers.items()),
        ]
        connection.sendall(("\r\n".join(lines) + "\r\n\r\n").encode())
        journal = f"{ready['control']}/sandboxes/default/journal"
        eventually(lambda: httpx.get(journal, verify=False).json()["entries"])
        serving.process.send_signal(signal.SIGTERM)
        answer = b""
        while part := connection.recv(65_536):
            answer += part
    assert answer.startswith(b"HTTP/1.1 200 OK")
    assert b"isEligible" in answer
    assert serving.process.wait(20) == 0


def test_no_port_accepts_before_it_is_ready(tmp_path: Path) -> None:
    port = free_block()
    serving = Serving(tmp_path / "ready.json", "--port", str(port))
    try:
        accepted_before = False
        while not serving.ready_file.exists():
            assert serving.process.poll() is None, serving.process.communicate()
            try:
                socket.create_connection(("127.0.0.1", port), timeout=1).close()
            except OSError:
                continue
            answer = httpx.get(f"http://127.0.0.1:{port}/_emulator/ready", verify=False)
            accepted_before = answer.status_code != 200
            break
        assert not accepted_before
    finally:
        serving.process.kill()
        serving.process.communicate()


def test_a_ready_file_of_an_earlier_run_does_not_tell_of_this_one(tmp_path: Path) -> None:
    stale = tmp_path / "ready.json"
    stale.write_text("stale")
    port = free_block()
    with socket.create_server(("127.0.0.1", port)):
        ended = in_process("--port", str(port), "--ready-file", str(stale))
    assert ended.exit_code == 3
    assert not stale.exists()


def test_a_ready_file_that_can_not_be_written_is_said(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    ended = in_process("--port", "0", "--ready-file", str(tmp_path / "file" / "ready.json"))
    assert ended.exit_code == 1
    assert "ready.json" in ended.stderr or "file" in ended.stderr
    assert isinstance(ended.exception, SystemExit)


@pytest.mark.parametrize("offset", [0, 3])
def test_a_port_in_use_is_said_with_a_way_out(offset: int) -> None:
    port = free_block()
    with socket.create_server(("127.0.0.1", port + offset)):
        ended = in_process("--port", str(port))
    assert ended.exit_code == 3
    assert re.search(rf"^emulator: can not use 127\.0\.0\.1:{port + offset}: .*in use", ended.stderr)
    assert "choose another block with --port N (N to N+4), or --port 0 for free ports" in ended.stderr
    assert isinstance(ended.exception, SystemExit)


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (("--no-such-flag",), "No such option"),
        (("serve", "extra"), "unexpected extra argument"),
        (("nonsense",), "unexpected extra argument"),
        (("--port", "65532"), "65532 is not in the range"),
        (("--port", "many"), "is not a valid integer"),
        (("--sandboxes", "all"), "is not one of 'named', 'auto'"),
        (("--clock", "fast"), "is not one of 'real', 'manual'"),
        (("--rate", "0"), "--rate 0: a rate is a number from 0.001 to 1000000"),
        (("--clock", "manual", "--rate", "5"), "--rate is for a clock that runs"),
        (("--now", "soon"), "'soon' is not an instant: write 2026-01-05T12:00:00Z"),
        (("--set", "style"), "--set style: write PROVIDER.SETTING=VALUE"),
        (("--set", "nobody.x=1"), "no provider 'nobody'"),
        (("--set", "baanx.x=1"), "baanx has no setting 'x': use one of client_header"),
        (("--set", "baanx.underpaid=x"), 'baanx.underpaid can not be "x": use one of fail, keep_open'),
        (("--scenarios", "/no/such/folder"), "does not exist"),
        (("validate",), "Missing argument"),
        (("validate", "/no/such/file.yaml"), "does not exist"),
        (("providers", "nobody"), "no provider 'nobody': use one of baanx, basswallet, changelly, koywe"),
    ],
)  # fmt: skip
def test_a_bad_flag_is_refused_with_what_is_good(arguments: tuple[str, ...], words: str) -> None:
    ended = emulator(
        *arguments, *(() if arguments[0] in ("validate", "providers", "nonsense", "serve") else ("--port", "0"))[:0]
    )
    assert ended.returncode == 2
    assert words in ended.stderr
    assert "Traceback" not in ended.stderr


def test_flags_win_over_variables_and_those_over_defaults(serve: Any) -> None:
    serving = serve(
        "--seed", "from-flag", "--set", "baanx.underpaid=keep_open",
        EMULATOR_SEED="from-variable", EMULATOR_CLOCK="manual", EMULATOR_NOW="2026-01-05T12:00:00Z",
        EMULATOR_CONTROL_TOKEN="s3cret", EMULATOR_SANDBOXES="auto", EMULATOR_SET="baanx.use_pending=true",
    )  # fmt: skip
    ready = serving.ready()
    with httpx.Client(base_url=ready["control"], verify=False) as client:
        assert client.get("/sandboxes/default").status_code == 401
        client.headers["Authorization"] = "Bearer s3cret"
        shown = client.get("/sandboxes/default").json()
        assert shown["seed"] == "from-flag"
        assert (shown["clock"]["mode"], shown["clock"]["now"]) == ("manual", "2026-01-05T12:00:00.000Z")
        baanx = client.get("/sandboxes/default/settings").json()["baanx"]
        assert (baanx["underpaid"], baanx["use_pending"], baanx["client_header"]) == ("keep_open", False, "either")
        httpx.get(f"{ready['urls']['baanx']}/v1/order/none", headers={"X-Client-ID": "client-fresh"}, verify=False)
        assert client.get("/sandboxes/fresh").status_code == 200
    assert serving.end()[0] == 0


@pytest.mark.parametrize("value", ["many", "-1"])
def test_a_bad_variable_is_refused_like_a_flag(value: str) -> None:
    ended = CliRunner(env={"EMULATOR_PORT": value}).invoke(main, [])
    assert ended.exit_code == 2
    assert "Invalid value for '--port' (env var: 'EMULATOR_PORT')" in ended.stderr


def test_the_process_ends_with_the_same_code_and_words() -> None:
    ended = emulator("--rate", "0")
    assert (ended.returncode, ended.stdout) == (2, "")
    assert ended.stderr == "emulator: --rate 0: a rate is a number from 0.001 to 1000000\n"


def test_a_broken_scenario_file_stops_the_start(tmp_path: Path) -> None:
    (tmp_path / "baanx").mkdir()
    path = tmp_path / "baanx" / "x.yaml"
    path.write_text(BAD)
    ended = in_process("--port", "0", "--scenarios", str(tmp_path))
    assert ended.exit_code == 1
    assert f"{path}:5: no status 'PAID': use one of COMPLETED" in ended.stderr
    assert isinstance(ended.exception, SystemExit)


# -- validate


def test_validate_accepts_good_files_and_counts_them(tmp_path: Path) -> None:
    (tmp_path / "good.yaml").write_text(GOOD)
    ended = in_process("validate", str(tmp_path), str(tmp_path / "good.yaml"))
    assert (ended.exit_code, ended.stdout, ended.stderr) == (0, "2 scenario files checked, 0 problems\n", "")


def test_validate_names_file_line_and_reason(tmp_path: Path) -> None:
    (tmp_path / "good.yaml").write_text(GOOD)
    (tmp_path / "bad.yaml").write_text(BAD)
    ended = emulator("validate", str(tmp_path))
    assert ended.returncode == 1
    assert ended.stdout == "2 scenario files checked, 1 problems\n"
    assert ended.stderr.startswith(f"{tmp_path}/bad.yaml:5: no status 'PAID': use one of COMPLETED, ")


def test_validate_finds_problems_as_json(tmp_path: Path) -> None:
    (tmp_path / "bad.yaml").write_text(BAD)
    ended = in_process("validate", "--json", str(tmp_path / "bad.yaml"))
    assert ended.exit_code == 1
    said = json.loads(ended.stdout)
    assert said["checked"] == 1
    assert [(each["path"], each["line"]) for each in said["problems"]] == [(str(tmp_path / "bad.yaml"), 5)]


def test_validating_nothing_is_no_success(tmp_path: Path) -> None:
    ended = in_process("validate", str(tmp_path))
    assert ended.exit_code == 1
    assert "there is no scenario file (*.yaml) here" in ended.stderr


# -- providers


def test_providers_are_shown_as_tables_without_color_where_nobody_looks() -> None:
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

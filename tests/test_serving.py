"""`emulator serve` as its own process: how it starts, what it prints, and how it ends."""

import json
import os
import re
import signal
import socket
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import httpx
import pytest

from emulator.cli.serve import serve as serve_command
from emulator.providers import NAMES
from emulator.web.application import Options
from tests.command import Serving, emulator, free_block, in_process
from tests.polling import eventually
from tests.receivers import Receiver

ROOT = Path(__file__).parent.parent
GOOD = "version: 1\nprovider: baanx\nabout: A test.\n"
Golden = Any


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


def test_serve_prints_a_table_and_stops_gracefully_on_sigterm(serve: Any, golden: Golden) -> None:
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
    assert code == 0
    assert [line.split()[1] for line in err.splitlines()] == list(ready["urls"])
    assert not serving.ready_file.exists()
    for url in (ready["control"], *ready["urls"].values()):
        assert url in out
    assert "client_id client-default" in out
    assert "ready file" not in out
    assert f"GET {ready['control']}/sandboxes/default" in out
    assert "\x1b" not in out
    with pytest.raises(httpx.ConnectError):
        httpx.get(f"{ready['control']}/health", verify=False)


def test_an_edited_scenario_applies_to_the_next_order_without_a_restart(serve: Any, tmp_path: Path) -> None:
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


def test_a_demo_waits_for_people_and_opens_the_front_page(serve: Any, tmp_path: Path) -> None:
    told, browser = tmp_path / "told.txt", tmp_path / "browser.sh"
    browser.write_text(f'#!/bin/sh\necho "$1" > {told}.new && mv {told}.new {told}\n')
    browser.chmod(0o755)
    ready = serve("--demo", "--set", "koywe.payer_wait_s=7", BROWSER=f"{browser} %s").ready()
    eventually(told.exists)
    assert told.read_text() == ready["control"].removesuffix("_emulator") + "\n"
    settings = httpx.get(f"{ready['control']}/sandboxes/default/settings").json()
    assert {name: settings[name]["payer_wait_s"] for name in NAMES} == dict.fromkeys(NAMES, 600) | {"koywe": 7}


@pytest.mark.parametrize("browser", ["/no/such/browser %s", ""])
def test_a_demo_serves_even_without_a_browser(serve: Any, browser: str) -> None:
    serving = serve("--demo", BROWSER=browser, DISPLAY="", WAYLAND_DISPLAY="")
    assert httpx.get(serving.ready()["control"] + "/ready").status_code == 200
    code, _, err = serving.end()
    assert (code, err) == (0, "")


def test_the_log_shows_no_webhook_urls(serve: Any) -> None:
    with Receiver(200) as receiver:
        serving = serve(
            "--set", f"basswallet.webhook_url={receiver.url}?token=s3cret",
            "--set", "basswallet.signature_check=off", "--clock", "manual", "--log-level", "debug",
        )  # fmt: skip
        ready = serving.ready()
        order = {"amount": "25.50", "tokenName": "USDT", "chainName": "Tron"}
        key = {"API-Access-Key": "access-default"}
        httpx.post(f"{ready['urls']['basswallet']}/v1/account/payment", data=order, headers=key, verify=False)
        httpx.post(f"{ready['control']}/sandboxes/default/clock/advance", json={"by": "2m"}, verify=False)
        assert "s3cret" in receiver.wait(1)[0].path
    assert "s3cret" not in serving.end()[2]


def test_ctrl_c_stops_serve(serve: Any) -> None:
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


def test_a_caller_waiting_for_webhooks_is_told_at_once_of_the_shutdown(serve: Any) -> None:
    serving = serve()
    control = serving.ready()["control"]
    address = urlsplit(control)
    with socket.create_connection((address.hostname or "", address.port or 0), timeout=20) as connection:
        head = f"POST {address.path}/sandboxes/default/webhooks/wait HTTP/1.1\r\nHost: x\r\nContent-Length: 17\r\n\r\n"
        connection.sendall(head.encode() + b'{"timeout":"60s"}')
        httpx.get(f"{control}/health", verify=False)
        code, _, err = serving.end()
        answer = b""
        while part := connection.recv(65_536):
            answer += part
    assert answer.startswith(b"HTTP/1.1 503 ")
    assert b'"not-ready"' in answer
    assert (code, err) == (0, "")


def test_no_port_accepts_connections_before_serve_is_ready(tmp_path: Path) -> None:
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


def test_a_ready_file_of_an_earlier_run_is_replaced(tmp_path: Path) -> None:
    stale = tmp_path / "ready.json"
    stale.write_text("stale")
    port = free_block()
    with socket.create_server(("127.0.0.1", port)):
        ended = in_process("--port", str(port), "--ready-file", str(stale))
    assert ended.exit_code == 3
    assert not stale.exists()


@pytest.mark.parametrize(
    ("arguments", "code"),
    [
        (("--set", "nobody.x=1"), 2),
        (("--no-such-flag",), 2),
        (("--port", "many"), 2),
        (("--scenarios", "/no/such/folder"), 2),
        (("--scenarios", "{broken}"), 1),
    ],
    ids=str,
)
@pytest.mark.parametrize("written", ["before", "joined", "variable"])
def test_a_ready_file_of_an_earlier_run_is_removed_even_if_the_start_fails(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, arguments: tuple[str, ...], code: int, written: str
) -> None:
    stale = tmp_path / "ready.json"
    stale.write_text("stale")
    (tmp_path / "baanx").mkdir()
    (tmp_path / "baanx" / "x.yaml").write_text("version: [")
    monkeypatch.setenv("EMULATOR_READY_FILE", str(stale) if written == "variable" else "")
    named = {"before": ["--ready-file", str(stale)], "joined": [f"--ready-file={stale}"], "variable": []}[written]
    given = [argument.format(broken=tmp_path) for argument in arguments]
    assert in_process(*named, *given).exit_code == code
    assert not stale.exists()


def test_a_ready_file_of_an_earlier_run_is_removed_before_the_server_is_imported(tmp_path: Path) -> None:
    stale = tmp_path / "ready.json"
    stale.write_text("stale")
    (tmp_path / "uvicorn.py").write_text("import os, sys; sys.exit(66 if os.path.exists('ready.json') else 77)")
    ended = emulator(
        "--ready-file", "ready.json", folder=tmp_path, PYTHONPATH=os.pathsep.join([str(tmp_path), str(ROOT)])
    )
    assert ended.returncode == 77


def test_help_does_not_remove_a_ready_file(tmp_path: Path) -> None:
    kept = tmp_path / "ready.json"
    kept.write_text("of a run that serves")
    assert in_process("serve", "--ready-file", str(kept), "--help").exit_code == 0
    assert kept.exists()


def test_no_folder_is_created_for_a_ready_file(tmp_path: Path) -> None:
    ended = in_process("--port", "0", "--ready-file", str(tmp_path / "none" / "ready.json"))
    assert (ended.exit_code, ended.stdout) == (2, "")
    assert ended.stderr == f"emulator: --ready-file: there is no folder {tmp_path / 'none'}: make it first\n"
    assert not (tmp_path / "none").exists()


@pytest.mark.parametrize("path", ["file/ready.json", "/proc/self/fd/none/ready.json"])
def test_a_ready_file_that_cannot_be_written_is_reported(tmp_path: Path, path: str) -> None:
    (tmp_path / "file").write_text("")
    ended = in_process("--port", "0", "--ready-file", str(tmp_path / path))
    assert ended.exit_code == 2
    assert "--ready-file: " in ended.stderr
    assert isinstance(ended.exception, SystemExit)


@pytest.mark.parametrize("offset", [0, 3])
def test_a_port_in_use_is_reported_with_what_to_do(offset: int) -> None:
    port = free_block()
    with socket.create_server(("127.0.0.1", port + offset)):
        ended = in_process("--port", str(port))
    assert ended.exit_code == 3
    assert re.search(rf"^emulator: cannot use 127\.0\.0\.1:{port + offset}: .*in use", ended.stderr)
    assert "choose another block with --port N (N to N+4), or --port 0 for free ports" in ended.stderr
    assert isinstance(ended.exception, SystemExit)


def test_a_port_variable_of_a_service_link_is_ignored_and_reported(serve: Any) -> None:
    serving = serve(EMULATOR_PORT="tcp://10.0.0.1:8900")
    assert serving.ready()["control"].startswith("http://127.0.0.1:")
    code, _, err = serving.end()
    assert (code, err) == (
        0, "WARNING EMULATOR_PORT=tcp://10.0.0.1:8900 was set for a Kubernetes service of this name, and is ignored\n"
    )  # fmt: skip


def test_flags_take_precedence_over_variables_and_those_over_defaults(serve: Any) -> None:
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


@pytest.mark.parametrize("way", ["flags", "variable"])
def test_the_emulator_answers_under_allowed_host_names(serve: Any, way: str) -> None:
    names = ("emulator.example", "other.example")
    flags = [word for name in names for word in ("--allowed-host", name)]
    serving = serve(*flags) if way == "flags" else serve(EMULATOR_ALLOWED_HOST=" ".join(names))
    url = serving.ready()["control"]
    answers = {
        host: httpx.get(f"{url}/sandboxes", headers={"Host": host}, verify=False).status_code
        for host in (*names, "third.example")
    }
    assert answers == {"emulator.example": 200, "other.example": 200, "third.example": 403}


def test_the_flags_and_the_options_of_a_server_have_the_same_defaults() -> None:
    options = Options()
    defaults = {name: getattr(options, name) for name in options.__struct_fields__}
    defaults |= {"max_connections": options.limits.connections, "keep_alive": options.limits.keep_alive_s}
    flags = serve_command.make_context("serve", []).params
    said = {name: value for name, value in flags.items() if name in defaults}
    assert len(said) > 20
    assert said == {name: defaults[name] for name in said} | {"settings": ()}

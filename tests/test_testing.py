"""What tests import: the server in the background, the sandbox, and the pytest plugin."""

import socket
import subprocess
import sys
from pathlib import Path

import httpx
import pytest

from emulator.testing import BackgroundServer, ControlRefused, Emulator
from emulator.web.application import Options
from emulator.web.server import PortInUse

USES_THE_PLUGIN = """
import httpx

SEEN = []

def test_one(emulator):
    SEEN.append(emulator.name)
    assert emulator.now == "2026-01-05T12:00:00.000Z"
    assert emulator.orders() == []

def test_two(emulator, emulator_server):
    assert emulator.name not in SEEN
    assert list(emulator_server.server.engine.sandboxes) == ["default", emulator.name]
    assert httpx.get(emulator.control_url + "/health").json() == {"status": "ok"}
"""


def test_the_plugin_gives_each_test_its_own_sandbox(tmp_path: Path) -> None:
    (tmp_path / "test_mine.py").write_text(USES_THE_PLUGIN)
    ran = subprocess.run(
        [sys.executable, "-m", "pytest", "-q", "-W", "error"], cwd=tmp_path, capture_output=True, text=True
    )
    assert ran.returncode == 0, ran.stdout
    assert "2 passed" in ran.stdout


def test_a_server_that_cannot_start_says_why() -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        server = BackgroundServer(Options(port=taken.getsockname()[1]))
        with pytest.raises(PortInUse, match="in use"), server:
            pass


def test_a_server_stops_at_the_end_of_its_block() -> None:
    with BackgroundServer(Options(port=0)) as server:
        control = server.server.addresses.control
        assert httpx.get(f"{control}/ready", verify=False).status_code == 200
    with pytest.raises(httpx.ConnectError):
        httpx.get(f"{control}/ready", verify=False)


def test_two_servers_run_side_by_side() -> None:
    with BackgroundServer(Options(port=0)) as one, BackgroundServer(Options(port=0)) as other, one.sandbox() as sandbox:
        assert sandbox.name in one.server.engine.sandboxes
        assert list(other.server.engine.sandboxes) == ["default"]


def test_a_refusal_has_its_name_status_and_message(emulator: Emulator) -> None:
    with pytest.raises(ControlRefused) as caught:
        emulator.order("none")
    assert (caught.value.error, caught.value.status) == ("unknown-order", 404)
    assert str(caught.value) == "unknown-order: no order 'none' in this sandbox: GET .../orders lists them"
    assert caught.value.body["error"] == "unknown-order"


def test_a_sandbox_is_removed_at_the_end_of_its_block(emulator_server: BackgroundServer) -> None:
    with emulator_server.sandbox(name="brief") as sandbox:
        assert sandbox.name == "brief"
    assert "brief" not in emulator_server.server.engine.sandboxes


def test_access_to_a_provider_has_its_url_and_credentials(emulator: Emulator) -> None:
    for name in ("baanx", "basswallet", "changelly", "koywe"):
        assert getattr(emulator, name) == emulator[name]
        assert emulator[name].url.startswith("http://127.0.0.1:")
        assert emulator[name].credentials


def test_with_a_control_token_the_client_needs_it() -> None:
    with BackgroundServer(Options(port=0, control_token="s3cret")) as server:
        control = server.server.addresses.control
        with pytest.raises(ControlRefused, match="unauthorized"):
            Emulator.create(control, name="mine")
        with Emulator.create(control, "s3cret", name="mine") as sandbox:
            assert sandbox.orders() == []

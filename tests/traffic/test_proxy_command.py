"""`emulator proxy`: what it prints, what it writes down, and how it ends."""

import json
import signal
import socket
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest

from tests.command import emulator, environment, in_process
from tests.traffic.planted import PLANTED
from tests.traffic.stand_in import StandIn, standing_in
from tests.traffic.stories import tell

DRIFTING = next(planted for planted in PLANTED if ("new-member", "/settledBy") in planted.found)


@pytest.fixture(scope="module")
def stand_in() -> Iterator[StandIn]:
    """One for all tests."""
    with standing_in() as started:
        yield started


class Proxying:
    """The command as its own process."""

    def __init__(self, *arguments: str) -> None:
        self.process = subprocess.Popen(
            [sys.executable, "-m", "emulator", "proxy", *arguments, "--port", "0"],
            env=environment({}), stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True,
        )  # fmt: skip
        assert self.process.stderr is not None
        self.said = self.process.stderr.readline()
        self.url = self.said.split(" ")[2].rstrip(",\n") if self.said.startswith("listening at ") else ""

    def end(self, number: int) -> tuple[int, str, str]:
        """Exit status and output after a signal."""
        self.process.send_signal(number)
        out, err = self.process.communicate(timeout=20)
        return self.process.returncode, out, err


@pytest.mark.parametrize(("name", "number"), [("calls.har", signal.SIGINT), ("calls.jsonl", signal.SIGTERM)])
def test_the_proxy_prints_drift_as_it_is_seen_and_records_everything_without_secrets(
    stand_in: StandIn, tmp_path: Path, name: str, number: int
) -> None:
    record = tmp_path / name
    to = f"{stand_in.url}/koywe"
    proxying = Proxying("koywe", "--to", to, "--record", str(record))
    assert proxying.said == f"listening at {proxying.url}, forwarding to {to}\n"
    with DRIFTING.at(stand_in):
        told = tell(stand_in, "koywe", by_way_of=proxying.url)
    code, out, err = proxying.end(number)
    assert (code, err) == (1, "")
    assert out.splitlines()[0] == "call 3: koywe get-order answer /settledBy: new-member: is new: a string (no mark)"
    assert "      no mark; field order: /settledBy; 2 times, call 3, call 4\n" in out
    assert out.endswith(f"calls and webhooks judged: koywe {len(told['log']['entries'])}\ndrifts: 1\n")
    written = record.read_text("utf-8")
    for secret in ("secret-default", "api-default", "eyJ"):
        assert secret in json.dumps(told)
        assert secret not in written
    checked = in_process("check", str(record))
    assert checked.exit_code == 1
    assert "new-member  /settledBy  is new: a string" in checked.stdout
    assert checked.stdout.endswith("drifts: 1\n")


@pytest.mark.parametrize("provider", ["baanx", "basswallet", "changelly"])
def test_client_keys_are_not_recorded(stand_in: StandIn, tmp_path: Path, provider: str) -> None:
    record = tmp_path / "calls.jsonl"
    proxying = Proxying(provider, "--to", f"{stand_in.url}/{provider}", "--record", str(record))
    told = json.dumps(tell(stand_in, provider, by_way_of=proxying.url))
    code, out, _ = proxying.end(signal.SIGINT)
    assert (code, out.splitlines()[-1]) == (0, "drifts: none")
    written = record.read_text("utf-8")
    keys = {"baanx": "client-default", "basswallet": "access-default", "changelly": "key-default"}
    assert keys[provider] in told
    assert keys[provider] not in written
    assert in_process("check", str(record)).exit_code == 0


@pytest.mark.parametrize(
    ("arguments", "code", "said"),
    [
        (("koywe", "--to", "api.koywe.com"), 2, "--to: 'api.koywe.com' is not an http or https URL"),
        (("kowye", "--to", "https://api.koywe.com"), 2, "kowye"),
        (("koywe",), 2, "--to"),
        (("koywe", "--to", "https://a", "--record", "/none/calls.har"), 2, "--record /none/calls.har: No such file"),
        (("koywe", "--to", "https://a", "--host", "192.0.2.1"), 3, "cannot listen on 192.0.2.1"),
        (("koywe", "--to", "https://a", "--timeout", "0"), 2, "--timeout"),
        (("koywe", "--to", "https://a", "--ca", __file__), 2, f"--ca {__file__}: it has no readable certificate"),
    ],
)
def test_invalid_arguments_are_refused_with_the_reason(arguments: tuple[str, ...], code: int, said: str) -> None:
    result = emulator("proxy", *arguments)
    assert result.returncode == code
    assert said in result.stderr


def test_a_port_in_use_and_a_proxy_to_itself_are_refused() -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = str(taken.getsockname()[1])
        assert emulator("proxy", "koywe", "--to", "https://a", "--port", port).returncode == 3
    itself = emulator("proxy", "koywe", "--to", f"http://127.0.0.1:{port}", "--port", port)
    assert itself.returncode == 2
    assert "is this proxy itself: give the provider's own base URL" in itself.stderr


def test_the_proxy_listens_on_loopback_unless_told_otherwise(stand_in: StandIn) -> None:
    proxying = Proxying("koywe", "--to", f"{stand_in.url}/koywe")
    assert proxying.url.startswith("http://127.0.0.1:")
    assert httpx.get(f"{proxying.url}/api/v1/auth/me").status_code == 401
    assert proxying.end(signal.SIGINT)[0] == 0

"""`emulator listen` as a process: it shows each webhook as it arrives, verified or not, and why."""

import json
import re
import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import httpx
import pytest

from emulator.cli.listen import MAX_WEBHOOK_BYTES
from emulator.providers import NAMES
from emulator.testing import Emulator
from tests.command import emulator as run
from tests.command import environment


@contextmanager
def listening(emulator: Emulator, *arguments: str) -> Iterator[tuple["subprocess.Popen[str]", str]]:
    """The process, and the URL at which it listens."""
    where = environment({"EMULATOR_URL": emulator.control_url, "EMULATOR_SANDBOX": emulator.name})
    process = subprocess.Popen(
        [sys.executable, "-m", "emulator", "listen", "--port", "0", *arguments],
        env=where, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True,
    )  # fmt: skip
    try:
        assert process.stderr is not None
        yield process, process.stderr.readline().removeprefix("listening at ").strip()
    finally:
        process.kill()
        process.communicate(timeout=20)


def next_line(process: "subprocess.Popen[str]") -> str:
    assert process.stdout is not None
    return process.stdout.readline().strip()


def test_listen_receives_and_verifies_webhooks_until_ctrl_c(emulator: Emulator) -> None:
    with listening(emulator, "--subscribe") as (process, _):
        order = emulator.make_order("koywe", "PAYIN", scenario="manual")
        emulator.wait_for_webhooks(1)
        assert re.fullmatch(rf"12:00:00 koywe order\.created {order['id'][:10]}\S* verified", next_line(process))
        process.send_signal(signal.SIGINT)
        assert process.wait(20) == 0
    assert emulator.webhooks()[0]["state"] == "delivered"


@pytest.mark.parametrize("provider", NAMES)
def test_listen_can_print_every_provider_s_webhooks_as_json(emulator: Emulator, provider: Any) -> None:
    with listening(emulator, "--subscribe", "--json") as (process, url):
        emulator.command(provider, "test_webhook")
        emulator.wait_for_webhooks(1)
        got = json.loads(next_line(process))
        assert (got["provider"], got["verified"], got["reason"]) == (provider, True, None)
        assert got["event"] == emulator.webhooks()[0]["event"]
        assert got["url"] == url
        emulator.inject("bad-signature", times=1)
        emulator.command(provider, "test_webhook")
        emulator.wait_for_webhooks(2)
        got = json.loads(next_line(process))
        assert (got["verified"], "by the sandbox's key" in got["reason"]) == (False, True)


def test_listen_reports_other_requests_and_refuses_long_bodies(emulator: Emulator) -> None:
    with listening(emulator) as (process, url):
        assert httpx.post(url, content=b"{}").status_code == 200
        assert "- - - not verified: it has none of the headers that carry a signature" in next_line(process)
        assert httpx.post(url, content=b" " * (MAX_WEBHOOK_BYTES + 1)).status_code == 413


def test_without_subscribe_listen_changes_nothing(emulator: Emulator) -> None:
    with listening(emulator):
        assert emulator.call("GET", "settings")["basswallet"]["webhook_url"] is None


def test_listen_says_if_its_port_is_taken_or_no_emulator_runs(emulator: Emulator) -> None:
    with listening(emulator) as (_, url):
        port = str(httpx.URL(url).port)
        taken = run("listen", "--port", port, EMULATOR_URL=emulator.control_url, EMULATOR_SANDBOX=emulator.name)
        assert (taken.returncode, "give another port with --port" in taken.stderr) == (3, True)
    nobody = run("listen", "--port", "0", "--url", "http://127.0.0.1:1")
    assert (nobody.returncode, "no emulator can be reached" in nobody.stderr) == (4, True)


def test_a_subscription_is_created_once_and_needs_a_url(emulator: Emulator) -> None:
    for _ in range(2):
        emulator.call("POST", "webhooks/subscribe", {"url": "http://127.0.0.1:9/"})
    emulator.command("koywe", "test_webhook")
    emulator.wait_for_webhooks(1)
    assert [each["url"] for each in emulator.webhooks()] == ["http://127.0.0.1:9/"]
    with pytest.raises(Exception, match="url: only http and https can be called"):
        emulator.call("POST", "webhooks/subscribe", {"url": "ftp://127.0.0.1/"})

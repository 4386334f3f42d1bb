"""An emulator that keeps its sandboxes in a file, started again: after a stop, after `kill -9`, and under load."""

import signal
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import httpx
import pytest

from emulator.core import coverage
from emulator.testing import Emulator
from tests.clients import basswallet
from tests.command import Serving, emulator
from tests.polling import eventually
from tests.receivers import Receiver

BAANX = {"X-Client-ID": "client-default", "Authorization": "Bearer user-default", "X-Emulator-Scenario": "manual"}
ORDER = {"productId": "PRODUCT_ID_ABC", "paymentMethod": "CRYPTO_EXTERNAL_DAIMO"}


class Kept:
    """Emulators one after the other, with one file."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self.url = f"sqlite:///{folder / 'kept.db'}"
        self.starts = 0

    @contextmanager
    def serving(self, *arguments: str) -> Iterator[tuple[Serving, str, str]]:
        """A running one, with the base URL of its sandbox in the control API, and that of Baanx."""
        self.starts += 1
        started = Serving(self._folder / f"ready-{self.starts}", "--port", "0", "--store", self.url, *arguments)
        try:
            ready = started.ready()
            yield started, f"{ready['control']}/sandboxes/default", ready["urls"]["baanx"]
        finally:
            if started.process.poll() is None:
                started.end()

    @staticmethod
    def kill(started: Serving) -> None:
        """Ends it as a crash does."""
        started.process.send_signal(signal.SIGKILL)
        started.process.communicate(timeout=20)


@pytest.fixture
def kept(tmp_path: Path) -> Kept:
    """A file that is not there yet."""
    return Kept(tmp_path)


def test_coverage_says_after_a_restart_that_it_is_not_complete(kept: Kept) -> None:
    with kept.serving() as (_, sandbox, baanx):
        create(baanx)
        assert httpx.get(f"{sandbox}/coverage").json()["complete"] is True
    with kept.serving() as (_, sandbox, _):
        assert httpx.get(f"{sandbox}/coverage").json()["why_not"] == coverage.FROM_A_STORE
        assert httpx.get(sandbox.replace("/sandboxes/default", "/coverage")).json()["complete"] is False


def create(base: str) -> str:
    """Id of a new order."""
    return str(httpx.post(f"{base}/v1/order", json=ORDER, headers=BAANX).json()["orderId"])


def sandbox_at(control: str) -> Emulator:
    """The default sandbox as tests have one."""
    return Emulator(control.removesuffix("/sandboxes/default"), httpx.get(control).json())


def put_settings(control: str, **settings: Any) -> None:
    """Changes settings of BassWallet."""
    assert httpx.put(f"{control}/settings", json={"basswallet": settings}).status_code == 200


def test_everything_is_there_after_the_process_was_killed(kept: Kept) -> None:
    with kept.serving("--clock", "manual") as (started, control, base):
        order = create(base)
        httpx.post(f"{control}/faults", json={"fault": "latency", "fixed": 0, "times": 3})
        httpx.put(f"{control}/default-scenario", json={"baanx": "expires"})
        put_settings(control, webhook_url="http://127.0.0.1:9/hook")
        httpx.post(f"{control}/clock/advance", json={"by": "5m"})
        httpx.post(f"{control.removesuffix('/default')}", json={"name": "alice"})
        before = httpx.get(f"{control}/snapshot").json()
        kept.kill(started)
    with kept.serving() as (_, control, base):
        assert httpx.get(f"{control}/snapshot").json() == before
        assert httpx.get(f"{base}/v1/order/{order}", headers=BAANX).json()["status"] == "STARTED"
        names = httpx.get(control.removesuffix("/default")).json()["sandboxes"]
        assert [each["name"] for each in names] == ["default", "alice"]
        counted = httpx.post(f"{control}/journal/count", json={"match": {"endpoint": "create-order"}}).json()
        assert counted == {"count": 0, "complete": False}


def test_a_webhook_that_was_due_is_sent_after_the_restart(kept: Kept) -> None:
    with Receiver("hang", 200) as receiver:
        with kept.serving() as (started, control, _):
            put_settings(control, webhook_url=receiver.url)
            with basswallet.Client(sandbox_at(control)) as client:
                order = client.start()
            httpx.post(f"{control}/orders/{order}/events", json={"event": "expire"})
            receiver.wait(1)
            kept.kill(started)
        with kept.serving() as (_, control, _):
            receiver.wait(2)
            [webhook] = eventually(lambda: httpx.get(f"{control}/webhooks").json()["webhooks"])
            assert webhook["order"] == order
            eventually(lambda: httpx.get(f"{control}/webhooks").json()["webhooks"][0]["state"] == "delivered")


def test_after_a_restart_a_running_clock_has_gone_on_and_what_was_due_has_happened(kept: Kept) -> None:
    with kept.serving("--rate", "20000") as (started, control, base):
        order = create(base)
        kept.kill(started)
    with kept.serving() as (_, control, base):
        eventually(lambda: httpx.get(f"{control}/orders/{order}").json()["status"] == "EXPIRED")


def test_a_second_emulator_on_the_same_file_is_refused(kept: Kept) -> None:
    with kept.serving():
        refused = emulator("serve", "--port", "0", "--store", kept.url)
    assert refused.returncode == 2
    assert "another emulator is using it, and such a file belongs to one process" in refused.stderr
    assert "Traceback" not in refused.stderr

"""With a persistent store, sandboxes that nobody uses leave memory, and return when they are needed."""

from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path
from typing import Any

import httpx
import pytest
from prometheus_client.parser import text_string_to_metric_families

from emulator.testing import BackgroundServer, Emulator
from emulator.web.application import Options
from tests.clients import basswallet, changelly
from tests.command import in_process
from tests.polling import eventually
from tests.receivers import Receiver
from tests.redis_server import RedisServer

SOON_MS = 200
LATE_MS = 3_600_000


class Running:
    """An emulator with a store that keeps."""

    def __init__(self, options: Options, stack: ExitStack) -> None:
        self.server = stack.enter_context(BackgroundServer(options))
        self.http = stack.enter_context(httpx.Client(timeout=30))
        self.control: str = self.server.server.addresses.control

    def call(self, method: str, path: str, body: Any = None) -> Any:
        """What the control API answers."""
        answer = self.http.request(method, f"{self.control}/{path}", json=body)
        assert answer.is_success, answer.text
        return answer.json() if answer.content else None

    def count(self) -> tuple[float, float]:
        """How many sandboxes there are, and how many of them are in memory."""
        families = text_string_to_metric_families(self.http.get(f"{self.control}/metrics").text)
        found = {sample.name: sample.value for family in families for sample in family.samples}
        return found["emulator_sandboxes"], found["emulator_sandboxes_loaded"]

    def unload(self) -> None:
        """Returns when only the default sandbox is in memory."""
        eventually(lambda: self.count()[1] == 1)

    def sandbox(self, **wanted: Any) -> Emulator:
        """A new sandbox, `alice`."""
        document = self.call("POST", "sandboxes", {"name": "alice", **wanted})
        return Emulator(self.control, document)


def running(folder: Path, stack: ExitStack, after_ms: int = SOON_MS, store: str = "") -> Running:
    """An emulator with a file, in which sandboxes are unloaded after so long."""
    store = store or f"sqlite:///{folder / 'kept.db'}"
    return Running(Options(port=0, store=store, unload_after_ms=after_ms, self_check=True), stack)


@pytest.fixture
def stack() -> Iterator[ExitStack]:
    """Closes in the end what a test has opened."""
    with ExitStack() as opened:
        yield opened


@pytest.fixture
def alone(tmp_path: Path, stack: ExitStack) -> Running:
    """One emulator."""
    return running(tmp_path, stack)


MANUAL = {"mode": "manual", "now": "2026-01-05T12:00:00Z"}


def test_a_control_call_loads_a_sandbox_as_it_was(alone: Running) -> None:
    alice = alone.sandbox(clock=MANUAL)
    with changelly.Client(alice) as client:
        client.create()
    alone.call("PUT", "sandboxes/alice/settings", {"changelly": {"edition": "C"}})
    before = alone.call("GET", "sandboxes/alice/snapshot")
    alone.unload()
    assert alone.call("GET", "sandboxes/alice/snapshot") == before
    assert alone.count() == (2, 2)
    journal = alone.call("GET", "sandboxes/alice/journal")
    assert (journal["entries"], journal["complete"]) == ([], False)


def test_a_request_with_its_credential_loads_a_sandbox(alone: Running) -> None:
    with changelly.Client(alone.sandbox(clock=MANUAL)) as client:
        order = client.create().json()
        alone.unload()
        again = client.create()
        assert again.status_code == 201
        assert again.json()["orderId"] != order["orderId"]
    assert alone.call("GET", "sandboxes/alice/orders")["total"] == 2


def test_a_page_that_needs_no_credential_loads_a_sandbox(alone: Running) -> None:
    with changelly.Client(alone.sandbox(clock=MANUAL)) as client:
        link = client.create({"X-Emulator-Scenario": "manual"}).json()["redirectUrl"]
    alone.unload()
    assert httpx.get(link).status_code == 200


@pytest.mark.parametrize("webhook", [True, False])
def test_what_is_due_happens_in_a_sandbox_that_was_unloaded(alone: Running, webhook: bool) -> None:
    with Receiver() as receiver:
        alice = alone.sandbox(clock={"mode": "rate", "rate": 8}, webhook_url=receiver.url if webhook else None)
        with basswallet.Client(alice) as client:
            order = client.start("happy")
        loaded = alone.server.server.engine.sandboxes
        eventually(lambda: "alice" in loaded.unloaded, 30)
        eventually(lambda: "alice" not in loaded.unloaded, 30)
        if webhook:
            receiver.wait(1, 30)
    shown = alone.call("GET", f"sandboxes/alice/orders/{order}")
    assert [each["kind"] for each in shown["story"]].count("transition") >= 1


def test_a_list_shows_all_sandboxes_and_loads_none(alone: Running) -> None:
    with changelly.Client(alone.sandbox(clock=MANUAL)) as client:
        client.create()
    alone.unload()
    [_, alice] = alone.call("GET", "sandboxes")["sandboxes"]
    assert (alice["name"], alice["orders"], alice["clock"]["now"]) == ("alice", 1, "2026-01-05T12:00:00.000Z")
    assert alone.count() == (2, 1)


def test_an_unloaded_sandbox_keeps_its_name_and_can_be_removed(alone: Running) -> None:
    alone.sandbox()
    alone.unload()
    again = alone.http.post(f"{alone.control}/sandboxes", json={"name": "alice"})
    assert (again.status_code, again.json()["error"]) == (409, "sandbox-exists")
    assert "did you mean" in alone.http.get(f"{alone.control}/sandboxes/allice").json()["message"]
    alone.call("DELETE", "sandboxes/alice")
    assert alone.count() == (1, 1)
    assert alone.http.get(f"{alone.control}/sandboxes/alice").status_code == 404
    alone.sandbox()


def test_a_listener_keeps_a_sandbox_in_memory(alone: Running) -> None:
    alone.sandbox()
    alone.call("POST", "sandboxes", {"name": "bob"})
    with alone.http.stream("GET", f"{alone.control}/sandboxes/alice/events") as events:
        lines = events.iter_lines()
        next(lines)
        eventually(lambda: alone.count() == (3, 2))
        httpx.get(alone.server.server.addresses.urls()["baanx"] + "/v1/user", headers={"x-client-key": "client-alice"})
        assert any(line.startswith("data: ") for line in lines)


def test_a_start_does_not_load_idle_sandboxes(tmp_path: Path) -> None:
    with Receiver() as receiver:
        with ExitStack() as stack:
            first = running(tmp_path, stack, LATE_MS)
            alice = first.sandbox(clock={"mode": "rate", "rate": 2}, webhook_url=receiver.url)
            with basswallet.Client(alice) as client:
                client.start("happy")
            first.call("POST", "sandboxes", {"name": "bob"})
            assert first.count() == (3, 3)
        with ExitStack() as stack:
            second = running(tmp_path, stack, LATE_MS)
            assert second.count() == (3, 1)
            receiver.wait(1, 30)
            assert second.count() == (3, 2)


def test_no_sandbox_is_unloaded_without_a_store_or_without_the_flag(tmp_path: Path) -> None:
    with ExitStack() as stack:
        for store, after_ms in (("memory", SOON_MS), ("", 0)):
            kept = running(tmp_path, stack, after_ms, store)
            kept.sandbox()
            assert kept.server.server.engine.unload_after_ms == 0
            assert kept.count() == (2, 2)


def test_a_replica_loads_a_sandbox_that_another_has_changed(redis_server: RedisServer, stack: ExitStack) -> None:
    one, other = [running(Path(), stack, SOON_MS, redis_server.url) for _ in range(2)]
    alice = one.sandbox(clock=MANUAL)
    with Receiver() as receiver, changelly.Client(alice) as client:
        client.create()
        for each in (one, other):
            each.unload()
        client.create()
        assert other.call("GET", "sandboxes/alice/orders")["total"] == 2
        for each in (one, other):
            each.unload()
        other.call("PUT", "sandboxes/alice/settings", {"basswallet": {"webhook_url": receiver.url}})
        with basswallet.Client(alice) as payer:
            payer.start("happy")
        advanced = one.call("POST", "sandboxes/alice/clock/advance", {"until": "idle"})
        assert advanced["settled"] and len(receiver.received) >= 1
        assert one.call("GET", "sandboxes/alice/snapshot") == other.call("GET", "sandboxes/alice/snapshot")


def test_an_invalid_duration_is_refused() -> None:
    refused = in_process("serve", "--unload-after", "soon")
    assert refused.exit_code == 2
    assert "--unload-after" in refused.stderr and "30s" in refused.stderr

"""Two emulators with one Redis are one emulator to their clients: as processes, one of them killed, Redis killed."""

import json
from collections import Counter
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack
from functools import partial
from pathlib import Path
from typing import Any

import httpx
import pytest

from emulator.core import coverage, recording
from emulator.engine import real_time
from emulator.testing import Emulator
from tests.clients import basswallet, koywe
from tests.command import Serving, emulator
from tests.polling import eventually
from tests.receivers import HANG, Receiver
from tests.redis_server import PASSWORD, RedisServer
from tests.test_coverage import covered

BAANX = {"X-Client-ID": "client-default", "Authorization": "Bearer user-default", "X-Emulator-Scenario": "manual"}
ORDER = {"productId": "PRODUCT_ID_ABC", "paymentMethod": "CRYPTO_EXTERNAL_DAIMO"}
TAKEN_OVER_MS = 10_000
"""So long it may take until another goes on with what a dead one was about to do."""


class Replica:
    """One of several."""

    def __init__(self, folder: Path, number: int, url: str, *arguments: str) -> None:
        self.serving = Serving(folder / f"ready-{number}", "--port", "0", "--store", url, *arguments)
        ready = self.serving.ready()
        self.control: str = ready["control"]
        self.baanx: str = ready["urls"]["baanx"]
        self.http = httpx.Client(timeout=30)

    def call(self, method: str, path: str, body: Any = None) -> Any:
        """The answer of the control API, which is a good one; below the default sandbox where nothing else is said."""
        base = self.control if path.startswith("/") else f"{self.control}/sandboxes/default/"
        answer = self.http.request(method, base + path, json=body)
        assert answer.is_success, answer.text
        return answer.json() if answer.content else None

    def create(self) -> str:
        """Id of a new order of Baanx."""
        answer = self.http.post(f"{self.baanx}/v1/order", json=ORDER, headers=BAANX)
        assert answer.status_code == 200, answer.text
        return str(answer.json()["orderId"])

    def status(self, order: str) -> int:
        """The HTTP status with which the order is shown."""
        return self.http.get(f"{self.baanx}/v1/order/{order}", headers=BAANX).status_code

    @property
    def sandbox(self) -> Emulator:
        """The default sandbox as tests have one."""
        return Emulator(self.control, self.call("GET", "/sandboxes/default"))

    def kill(self) -> None:
        """Ends it as a crash does."""
        self.serving.process.kill()
        self.serving.process.communicate(timeout=20)

    def close(self) -> None:
        """Ends it, if it is not dead already."""
        self.http.close()
        if self.serving.process.poll() is None:
            self.serving.end()


class Replicas:
    """Starts replicas of one store."""

    def __init__(self, folder: Path, redis: RedisServer, stack: ExitStack) -> None:
        self.redis = redis
        self._folder = folder
        self._stack = stack
        self._count = 0

    def start(self, *arguments: str) -> Replica:
        """One more."""
        self._count += 1
        replica = Replica(self._folder, self._count, self.redis.url, *arguments)
        self._stack.callback(replica.close)
        return replica

    def pair(self, *arguments: str) -> tuple[Replica, Replica]:
        """Two of them."""
        return self.start(*arguments), self.start(*arguments)


@pytest.fixture
def replicas(tmp_path: Path, redis_server: RedisServer) -> Iterator[Replicas]:
    """Nobody so far."""
    with ExitStack() as stack:
        yield Replicas(tmp_path, redis_server, stack)


def test_what_one_replica_has_acknowledged_all_others_show(replicas: Replicas) -> None:
    one, other = replicas.pair()
    for turn in range(20):
        asked, shown = (one, other) if turn % 2 else (other, one)
        assert shown.status(asked.create()) == 200
    one.call("PUT", "settings", {"changelly": {"edition": "C"}})
    assert other.call("GET", "settings")["changelly"]["edition"] == "C"
    scenario = {"version": 1, "provider": "baanx", "about": "For a test."}
    other.call("PUT", "scenarios/baanx/mine", scenario)
    one.call("PUT", "default-scenario", {"baanx": "mine"})
    listed = other.call("GET", "scenarios")["scenarios"]["baanx"]
    assert [each["name"] for each in listed if each["default"]] == ["mine"]
    fault = one.call("POST", "faults", {"fault": "status", "status": 500, "provider": "baanx", "times": 1})
    assert [each["id"] for each in other.call("GET", "faults")["faults"]] == [fault["id"]]
    assert [each.status("none") for each in (one, other)] == [500, 404], "a fault's times are the sandbox's"
    clock = other.call("PUT", "clock", {"mode": "manual", "now": "2030-01-05T12:00:00Z"})
    assert one.call("GET", "clock")["now"] == clock["now"] >= "2030-01-05T12:00:00.000Z"
    assert one.call("GET", "snapshot") == other.call("GET", "snapshot")


def test_a_sandbox_made_reset_or_removed_at_one_replica_is_so_at_all(replicas: Replicas) -> None:
    one, other = replicas.pair("--clock", "manual")
    one.call("POST", "/sandboxes", {"name": "alice"})
    assert other.call("GET", "/sandboxes/alice")["credentials"]["sandbox"] == "alice"
    again = other.http.post(f"{other.control}/sandboxes", json={"name": "alice"})
    assert (again.status_code, again.json()["error"]) == (409, "sandbox-exists")
    order = other.create()
    one.call("POST", "reset")
    assert other.status(order) == 404
    assert one.status(other.create()) == 200
    snapshot = one.call("GET", "snapshot")
    one.create()
    other.call("PUT", "snapshot", snapshot)
    assert one.call("GET", "orders")["total"] == 1
    assert one.call("GET", "snapshot") == other.call("GET", "snapshot")
    other.call("DELETE", "/sandboxes/alice")
    assert one.http.get(f"{one.control}/sandboxes/alice").status_code == 404


def test_simultaneous_creates_with_one_key_make_one_order(replicas: Replicas) -> None:
    pair = replicas.pair()
    with ExitStack() as stack, ThreadPoolExecutor(30) as threads:
        clients = [koywe.Client(replica.sandbox) for replica in pair]
        for client in clients:
            stack.callback(client.close)
            client.create()
        answers = list(threads.map(lambda number: clients[number % 2].create(externalId="inv-1"), range(30)))
    assert Counter(answer.status_code for answer in answers) == {201: 1, 409: 29}
    orders = pair[0].call("GET", "orders?provider=koywe")["orders"]
    assert len(orders) == 3
    assert pair[0].call("GET", "snapshot")["tables"] == pair[1].call("GET", "snapshot")["tables"]


def test_no_timer_runs_twice_and_every_webhook_is_sent_once(replicas: Replicas) -> None:
    pair = replicas.pair("--rate", "60")
    with Receiver() as receiver, ExitStack() as stack:
        pair[0].call("PUT", "settings", {"basswallet": {"webhook_url": receiver.url}})
        clients = [stack.enter_context(basswallet.Client(replica.sandbox)) for replica in pair]
        orders = [clients[number % 2].start("happy") for number in range(10)]

        def settled() -> bool:
            if any(each["next"] is not None for each in pair[0].call("GET", "orders")["orders"]):
                return False
            return all(each["state"] == "delivered" for each in pair[1].call("GET", "webhooks")["webhooks"])

        eventually(settled, 30)
        webhooks = pair[0].call("GET", "webhooks")["webhooks"]
        assert {len(each["attempts"]) for each in webhooks} == {1}
        assert Counter(each["order"] for each in webhooks).keys() == set(orders)
        assert len(receiver.received) == len(webhooks)
        journals = [replica.call("GET", "journal?kind=transition")["entries"] for replica in pair]
        told = [Counter((each["order"], each["event"], each["status"]) for each in entries) for entries in journals]
        assert told[0] == told[1] and {*told[0].values()} == {1}


def is_delivered(replica: Replica, sandbox: str) -> bool:
    """Whether the sandbox's first webhook is."""
    webhooks = replica.call("GET", f"/sandboxes/{sandbox}/webhooks")["webhooks"]
    return bool(webhooks[0]["state"] == "delivered")


@pytest.mark.parametrize("sandboxes", [1, 20])
def test_another_replica_goes_on_when_one_dies(replicas: Replicas, sandboxes: int) -> None:
    names = ["default", *(f"box-{number}" for number in range(1, sandboxes))]
    with Receiver(*[HANG] * sandboxes, 200) as receiver:
        one = replicas.start()
        for name in names[1:]:
            one.call("POST", "/sandboxes", {"name": name})
        other = replicas.start()
        for name in names:
            one.call("PUT", f"/sandboxes/{name}/settings", {"basswallet": {"webhook_url": receiver.url}})
            with basswallet.Client(Emulator(other.control, other.call("GET", f"/sandboxes/{name}"))) as client:
                order = client.start()
                other.call("POST", f"/sandboxes/{name}/orders/{order}/events", {"event": "expire"})
        receiver.wait(sandboxes)
        one.kill()
        killed_ms = real_time.stopwatch_ms()
        receiver.wait(2 * sandboxes, 20)
        assert real_time.stopwatch_ms() - killed_ms < TAKEN_OVER_MS
        for name in names:
            eventually(partial(is_delivered, other, name))


def test_a_clock_can_be_advanced_at_either_replica_and_webhooks_on_the_way_are_sent(replicas: Replicas) -> None:
    pair = replicas.pair("--clock", "manual")
    with Receiver() as receiver:
        pair[0].call("PUT", "settings", {"basswallet": {"webhook_url": receiver.url}})
        for turn in range(6):
            asked, other = pair[turn % 2], pair[1 - turn % 2]
            with basswallet.Client(other.sandbox) as client:
                order = client.start("happy")
            advanced = asked.call("POST", "clock/advance", {"until": "idle"})
            assert advanced["settled"]
            outcomes = [each["outcome"] for each in advanced["happened"] if each["kind"] == "delivery"]
            assert outcomes and {*outcomes} == {"delivered"}
            assert other.call("GET", f"orders/{order}")["next"] is None
            assert other.call("GET", "clock")["now"] == advanced["now"]
        assert pair[0].call("GET", "snapshot") == pair[1].call("GET", "snapshot")
        assert len(receiver.received) == len(pair[0].call("GET", "webhooks")["webhooks"])


def test_an_advance_is_refused_while_one_at_another_replica_waits_for_a_receiver(replicas: Replicas) -> None:
    pair = replicas.pair("--clock", "manual")
    with Receiver(HANG) as receiver, ThreadPoolExecutor(1) as thread:
        pair[0].call("PUT", "settings", {"basswallet": {"webhook_url": receiver.url}})
        with basswallet.Client(pair[0].sandbox) as client:
            client.start("happy")
        waits = thread.submit(pair[0].call, "POST", "clock/advance", {"until": "idle", "budget": "3s"})
        receiver.wait(1)
        refused = pair[1].http.post(f"{pair[1].control}/sandboxes/default/clock/advance", json={"by": "1s"})
        assert (refused.status_code, refused.json()["error"]) == (409, "advance-under-way")
        assert not waits.result()["settled"]
        half_way = pair[1].call("POST", "clock/advance", {"by": "1s", "budget": "1s"})
    assert not half_way["settled"]
    assert [each["receiver"] for each in half_way["silent"]] == [receiver.url.removesuffix("/hook")]


def test_a_webhook_can_be_replayed_and_waited_for_at_any_replica(replicas: Replicas) -> None:
    pair = replicas.pair("--clock", "manual")
    with Receiver() as receiver, ThreadPoolExecutor(2) as threads:
        pair[0].call("PUT", "settings", {"basswallet": {"webhook_url": receiver.url}})
        waiting = [threads.submit(each.call, "POST", "webhooks/wait", {"count": 1}) for each in pair]
        with basswallet.Client(pair[1].sandbox) as client:
            order = client.start()
        pair[1].call("POST", f"orders/{order}/events", {"event": "expire"})
        assert [each.result()["complete"] for each in waiting] == [True, True]
        [webhook] = pair[0].call("GET", "webhooks")["webhooks"]
        for replica in pair:
            again = replica.call("POST", f"webhooks/{webhook['id']}/replay")
            assert (again["state"], len(again["attempts"])) == ("delivered", 1)
        assert len(receiver.received) == 3


def test_a_replica_does_not_call_its_count_complete_if_others_were_asked_too(replicas: Replicas) -> None:
    one, other = replicas.pair()
    one.create()
    match = {"match": {"endpoint": "create-order"}}
    assert one.call("POST", "journal/count", match) == {"count": 1, "complete": False}
    assert other.call("POST", "journal/count", match)["complete"] is False
    assert other.call("GET", "journal")["complete"] is False
    for each in (one, other):
        assert each.call("GET", "coverage")["why_not"] == coverage.SHARED
        assert each.call("GET", "reproduction")["why_not"] == recording.SHARED


def test_what_each_replica_has_covered_is_merged_from_files(replicas: Replicas, tmp_path: Path) -> None:
    one, other = replicas.pair()
    other.status(one.create())
    files: list[Path] = []
    for replica in (one, other):
        shown = emulator("coverage", "--json", "--url", replica.control)
        files.append(tmp_path / f"{len(files)}.json")
        files[-1].write_text(shown.stdout)
        assert f"Incomplete: {coverage.SHARED}." in emulator("coverage", "--url", replica.control).stdout
    merged = json.loads(emulator("coverage", "--json", *map(str, files)).stdout)
    assert merged["complete"] is False and merged["why_not"] == coverage.SHARED
    calls = [covered(json.loads(file.read_text()), "baanx", "calls") for file in files]
    assert calls == [["create-order"], ["get-order"]]
    assert covered(merged, "baanx", "calls") == ["create-order", "get-order"]


def test_nothing_acknowledged_is_lost_when_redis_is_killed_and_started_again(replicas: Replicas) -> None:
    pair = replicas.pair()
    with koywe.Client(pair[1].sandbox) as client, basswallet.Client(pair[0].sandbox) as other:
        client.create()
        orders = [replica.create() for replica in pair for _ in range(5)]
        replicas.redis.kill()
        refused = pair[0].http.post(f"{pair[0].baanx}/v1/order", json=ORDER, headers=BAANX)
        assert (refused.status_code, {*refused.json()}) == (503, {"message"})
        assert other.create().status_code == 500, "that provider has no 503"
        unavailable = client.create()
        assert (unavailable.status_code, unavailable.json()["errorCode"]) == (503, "COM90006")
        control = pair[1].http.get(f"{pair[1].control}/sandboxes")
        assert (control.status_code, control.json()["error"]) == (503, "store-unavailable")
        assert PASSWORD not in control.text and "it cannot be reached" in control.text
        assert pair[0].http.get(f"{pair[0].control}/ready").status_code == 503
        assert pair[0].http.get(f"{pair[0].control}/health").status_code == 200
        replicas.redis.start()
        eventually(lambda: pair[0].http.get(f"{pair[0].control}/ready").status_code == 200)
        orders += [replica.create() for replica in pair]
        client.create()
    shown = [each["id"] for each in pair[0].call("GET", "orders?provider=baanx")["orders"]]
    assert shown == orders
    assert pair[0].call("GET", "snapshot")["tables"] == pair[1].call("GET", "snapshot")["tables"]


def test_a_redis_that_lost_everything_is_filled_again(replicas: Replicas) -> None:
    pair = replicas.pair()
    order = pair[0].create()
    replicas.redis.empty()
    for replica in pair:
        eventually(lambda replica=replica: replica.status(order) == 404)  # type: ignore[misc]
    made = [replica.create() for replica in pair for _ in range(3)]
    assert all(replica.status(each) == 200 for replica in pair for each in made)


@pytest.mark.parametrize(
    ("url", "words"),
    [
        ("redis://:secret@127.0.0.1:1/0", "redis://127.0.0.1:1/0: it cannot be reached; check that it runs there"),
        ("valkey://:secret@127.0.0.1", "write valkey://HOST:PORT/DB, such as valkey://127.0.0.1:6379/0"),
        ("redis://:secret@127.0.0.1:port/0", "write redis://HOST:PORT/DB"),
        ("redis://:wrong-secret@127.0.0.1:PORT/0", "it refuses the user or the password"),
        ("redis://127.0.0.1:PORT/0", "it asks for a password: write redis://:PASSWORD@HOST:PORT/DB"),
        ("redis://:PASSWORD@127.0.0.1:PORT/999", "it has no such database: choose a lower number"),
    ],
)
def test_the_start_says_what_is_wrong_with_redis(redis_server: RedisServer, url: str, words: str) -> None:
    url = url.replace("PORT", str(redis_server.port)).replace("PASSWORD", PASSWORD)
    refused = emulator("serve", "--port", "0", "--store", url)
    assert refused.returncode == 2
    assert words in refused.stderr
    assert "Traceback" not in refused.stderr and "secret" not in refused.stderr and PASSWORD not in refused.stderr


def test_data_stored_by_another_version_is_refused(redis_server: RedisServer) -> None:
    redis_server.client.set("emulator:form", "0")
    refused = emulator("serve", "--port", "0", "--store", redis_server.url)
    assert refused.returncode == 2
    assert "was written by another version of the emulator (form 0, this one reads 1)" in refused.stderr

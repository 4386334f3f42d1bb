"""`emulator serve --workers N`: several processes on the same ports are one emulator to their clients."""

import os
import signal
import subprocess
from collections import Counter
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import httpx
import pytest

from tests.command import Serving, emulator
from tests.polling import eventually
from tests.redis_server import RedisServer

pytestmark = pytest.mark.long

BAANX = {"X-Client-ID": "client-default", "Authorization": "Bearer user-default", "X-Emulator-Scenario": "manual"}
PATIENCE_S = 60
"""How long an answer may take: each of three processes loads what it needs with its first request."""
ORDER = {"productId": "PRODUCT_ID_ABC", "paymentMethod": "CRYPTO_EXTERNAL_DAIMO"}


@pytest.fixture
def serving(tmp_path: Path, redis_server: RedisServer) -> Iterator[tuple[Serving, dict[str, Any]]]:
    """Three workers, and what the ready file says."""
    started = Serving(tmp_path / "ready", "--port", "0", "--store", redis_server.url, "--workers", "3")
    try:
        yield started, started.ready()
    finally:
        if started.process.poll() is None:
            started.end()


def workers_of(serving: Serving) -> list[int]:
    """The processes that serve."""
    found = subprocess.run(["ps", "--ppid", str(serving.process.pid), "-o", "pid="], capture_output=True, text=True)
    return [int(line) for line in found.stdout.split()]


def is_gone(process: int) -> bool:
    """Whether a process has ended."""
    try:
        os.kill(process, 0)
    except ProcessLookupError:
        return True
    return False


def create(url: str) -> str:
    """Id of a new order, over a connection of its own."""
    answer = httpx.post(f"{url}/v1/order", json=ORDER, headers=BAANX, timeout=PATIENCE_S)
    assert answer.status_code == 200, answer.text
    return str(answer.json()["orderId"])


def test_workers_share_ports_and_orders(serving: tuple[Serving, dict[str, Any]]) -> None:
    started, ready = serving
    assert len(workers_of(started)) == 3
    with ThreadPoolExecutor(10) as threads:
        orders = list(threads.map(lambda _: create(ready["urls"]["baanx"]), range(60)))
    assert len({*orders}) == 60
    for _ in range(20):
        shown = httpx.get(f"{ready['control']}/sandboxes/default/orders", timeout=PATIENCE_S).json()["orders"]
        assert Counter(each["id"] for each in shown) == Counter(orders)
    code, _, log = started.end()
    assert code == 0, log
    assert not started.ready_file.exists()


def test_a_worker_that_dies_is_replaced(serving: tuple[Serving, dict[str, Any]]) -> None:
    started, ready = serving
    order = create(ready["urls"]["baanx"])
    before = workers_of(started)
    os.kill(before[0], signal.SIGKILL)
    eventually(lambda: len({*workers_of(started)} - {*before}) == 1)
    assert httpx.get(f"{ready['urls']['baanx']}/v1/order/{order}", headers=BAANX, timeout=PATIENCE_S).status_code == 200
    assert "a worker has ended with -9: another one takes over" in started.end()[2]


def test_workers_end_with_the_process_that_supervises_them(serving: tuple[Serving, dict[str, Any]]) -> None:
    started, _ = serving
    workers = workers_of(started)
    started.process.kill()
    started.process.communicate(timeout=20)
    eventually(lambda: all(map(is_gone, workers)))


@pytest.mark.parametrize("store", ["memory", "sqlite:///kept.db"])
def test_a_store_that_cannot_be_shared_is_refused(tmp_path: Path, store: str) -> None:
    refused = emulator("serve", "--port", "0", "--workers", "2", "--store", store, folder=tmp_path)
    assert refused.returncode == 2
    kind = store.partition(":")[0]
    assert f"--workers 2 takes a store that processes can share, and {kind} is each one's own" in refused.stderr
    assert "Traceback" not in refused.stderr


def test_workers_that_cannot_start_say_why(tmp_path: Path) -> None:
    refused = emulator("serve", "--port", "0", "--workers", "2", "--store", "redis://127.0.0.1:1/0", folder=tmp_path)
    assert refused.returncode == 2
    assert "redis://127.0.0.1:1/0: it cannot be reached" in refused.stderr
    assert "Traceback" not in refused.stderr


def test_only_one_of_several_workers_applies_the_seed_file(tmp_path: Path, redis_server: RedisServer) -> None:
    seeds = tmp_path / "seeds.yaml"
    seeds.write_text(
        "version: 1\nsandboxes: {default: {orders: [{baanx: {times: 2}}]}, shop: {orders: [{baanx: {}}]}}\n"
    )
    arguments = ("--port", "0", "--store", redis_server.url, "--workers", "3", "--seed-file", str(seeds))
    started = Serving(tmp_path / "ready", *arguments)
    try:
        control = started.ready()["control"]
        totals = [
            httpx.get(f"{control}/sandboxes/{name}/orders", timeout=PATIENCE_S).json()["total"]
            for name in ("default", "shop") * 5
        ]
    finally:
        started.end()
    assert totals == [2, 1] * 5

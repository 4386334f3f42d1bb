"""Tests that freeze time or travel in it: real clocks go on, and nothing waits for ever."""

import asyncio
import subprocess
import sys
import threading
import unittest.mock
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, ExitStack
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import freezegun
import pytest
import time_machine

from emulator.core.durations import read_instant_ms
from emulator.engine import real_time
from emulator.testing import BackgroundServer
from tests.beside.orders import create_baanx, create_basswallet, outcomes
from tests.polling import eventually
from tests.receivers import Receiver

ROOT = Path(__file__).parent.parent.parent
PAST, FUTURE = datetime(2020, 1, 1, tzinfo=UTC), datetime(2040, 1, 1, tzinfo=UTC)
PLAYS: dict[str, Callable[[], AbstractContextManager[Any]]] = {
    "frozen in the past": lambda: freezegun.freeze_time(PAST),
    "frozen in the future": lambda: freezegun.freeze_time(FUTURE),
    "frozen, then ticking": lambda: freezegun.freeze_time(PAST, tick=True),
    "frozen, each look takes an hour": lambda: freezegun.freeze_time(PAST, auto_tick_seconds=3600),
    "frozen, but for asyncio": lambda: freezegun.freeze_time(FUTURE, real_asyncio=True),
    "travelled to the past": lambda: time_machine.travel(PAST),
    "travelled to the future, and stands": lambda: time_machine.travel(FUTURE, tick=False),
}
play = pytest.mark.parametrize("play", PLAYS.values(), ids=PLAYS)
one_of_each = pytest.mark.parametrize("play", [PLAYS["frozen in the past"], PLAYS["travelled to the past"]])


@pytest.fixture(scope="module")
def server() -> Iterator[BackgroundServer]:
    """Started before time is frozen or moved."""
    with BackgroundServer() as running:
        yield running


def true_ms(folder: Path) -> int:
    """Real time as the file system sees it."""
    path = folder / "touched"
    path.write_bytes(b"x")
    return path.stat().st_mtime_ns // 1_000_000


def live(server: BackgroundServer, folder: Path) -> None:
    """What needs time: a real clock, one with a rate, latency, a wait, webhooks on a clock that is moved."""
    with server.sandbox(clock={"mode": "real"}) as real:
        assert abs(read_instant_ms(real.now) - true_ms(folder)) < 5000
    with server.sandbox(clock={"mode": "rate", "rate": 1000}) as quick:
        order_id = create_baanx(quick)
        assert eventually(lambda: quick.order(order_id)["status"] == "COMPLETED")
    with server.sandbox() as still, Receiver() as receiver:
        still.inject("latency", fixed="60ms", provider="baanx", times=1)
        began_ms = true_ms(folder)
        create_baanx(still)
        assert 50 <= true_ms(folder) - began_ms < 10_000
        assert still.wait_for_webhooks(timeout="40ms")["complete"] is False
        still.set("basswallet", webhook_url=receiver.url)
        create_basswallet(still)
        still.advance("2m")
        assert outcomes(still) == [("delivered", 200)] * 2


@play
def test_in_frozen_time_a_running_server_goes_on(
    server: BackgroundServer, tmp_path: Path, play: Callable[[], AbstractContextManager[Any]]
) -> None:
    with play():
        live(server, tmp_path)
    live(server, tmp_path)


@play
def test_in_frozen_time_a_server_can_start_and_stop(
    tmp_path: Path, play: Callable[[], AbstractContextManager[Any]]
) -> None:
    with play(), BackgroundServer() as server:
        live(server, tmp_path)


@one_of_each
def test_a_server_started_in_frozen_time_goes_on_and_stops_afterwards(
    tmp_path: Path, play: Callable[[], AbstractContextManager[Any]]
) -> None:
    with ExitStack() as stack:
        with play():
            server = stack.enter_context(BackgroundServer())
        live(server, tmp_path)


@play
def test_a_wait_begun_before_the_freeze_ends(
    server: BackgroundServer, play: Callable[[], AbstractContextManager[Any]]
) -> None:
    with server.sandbox() as sandbox:
        waited: list[Any] = []
        waiting = threading.Thread(target=lambda: waited.append(sandbox.wait_for_webhooks(timeout="200ms")))
        waiting.start()
        with play():
            waiting.join(10)
        assert waited == [{"complete": False, "count": 0, "webhooks": []}]


def test_decorated_tests_and_coroutines_can_use_the_emulator(server: BackgroundServer, tmp_path: Path) -> None:
    @freezegun.freeze_time(PAST)
    def frozen() -> None:
        live(server, tmp_path)

    @time_machine.travel(FUTURE, tick=False)
    async def travelled() -> None:
        live(server, tmp_path)

    frozen()
    asyncio.run(travelled())


def test_time_may_be_moved_while_it_is_frozen(server: BackgroundServer, tmp_path: Path) -> None:
    with freezegun.freeze_time(PAST) as frozen:
        for _ in range(3):
            frozen.tick(timedelta(days=400))
            live(server, tmp_path)


MOCKS: dict[str, dict[str, Any]] = {
    "asyncio.sleep": {},
    "asyncio.wait": {"side_effect": RuntimeError},
    "time.sleep": {"side_effect": RuntimeError},
    "time.time": {"return_value": 0.0},
}


@pytest.mark.parametrize(("name", "does"), MOCKS.items(), ids=MOCKS)
def test_mocks_of_clocks_and_waits_do_not_matter(
    server: BackgroundServer, tmp_path: Path, name: str, does: dict[str, Any]
) -> None:
    with unittest.mock.patch(name, **does):
        live(server, tmp_path)
        with BackgroundServer() as started_meanwhile:
            live(started_meanwhile, tmp_path)


def test_a_mock_that_makes_every_wait_time_out_does_not_matter(server: BackgroundServer, tmp_path: Path) -> None:
    with unittest.mock.patch("asyncio.wait_for", side_effect=TimeoutError):
        live(server, tmp_path)


def test_the_values_of_a_mocked_clock_are_left_to_the_test(monkeypatch: pytest.MonkeyPatch) -> None:
    callers = []

    def mocked() -> float:
        callers.append(threading.current_thread().name)
        return 0.0

    monkeypatch.setattr("time.time", mocked)
    with BackgroundServer() as server, server.sandbox() as sandbox:
        create_basswallet(sandbox)
        assert sandbox.wait_for_webhooks(timeout="1200ms")["complete"] is False
    assert "emulator" not in callers


@one_of_each
def test_python_s_own_event_loop_also_waits_in_real_time(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, play: Callable[[], AbstractContextManager[Any]]
) -> None:
    monkeypatch.setitem(sys.modules, "uvloop", None)
    loop = real_time.new_event_loop()
    loop.close()
    assert isinstance(loop, asyncio.BaseEventLoop)
    with BackgroundServer() as server, play():
        live(server, tmp_path)


def test_the_time_of_day_is_the_system_s_and_follows_it(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    assert abs(real_time.now_ms() - true_ms(tmp_path)) < 1000
    monkeypatch.setattr(real_time, "_day_ns", lambda: 5_000_000_000)
    assert eventually(lambda: 5000 <= real_time.now_ms() < 6000)
    monkeypatch.undo()
    assert eventually(lambda: abs(real_time.now_ms() - true_ms(tmp_path)) < 1000)


WHOLE_SESSION = """
from datetime import datetime, UTC

import freezegun
import pytest
import time_machine as travelling

from tests.beside.test_time import live

@pytest.fixture(scope="session", autouse=True)
def frozen_when_the_session_begins():
    with freezegun.freeze_time("2031-05-05") as frozen:
        yield frozen

def test_a_server_can_start_in_a_freeze(emulator, emulator_server, tmp_path):
    assert datetime.now(UTC).year == 2031
    assert emulator.now == "2026-01-05T12:00:00.000Z"
    live(emulator_server, tmp_path)

@freezegun.freeze_time("2020-01-01")
def test_time_can_be_frozen_within_a_freeze(emulator, emulator_server, tmp_path):
    live(emulator_server, tmp_path)

def test_a_run_may_end_in_a_freeze(emulator):
    emulator.inject("latency", fixed="50ms")
"""
WITH_FIXTURES = """
import freezegun
import pytest

from tests.beside.test_time import live

def test_the_fixture_of_time_machine(time_machine, emulator, emulator_server, tmp_path):
    time_machine.move_to(0)
    live(emulator_server, tmp_path)

@pytest.mark.time_machine("2040-01-01", tick=False)
def test_its_marker(emulator, emulator_server, tmp_path):
    live(emulator_server, tmp_path)

def test_time_may_stay_frozen_at_the_end(emulator, emulator_server, tmp_path):
    freezegun.freeze_time("2020-01-01").start()
    live(emulator_server, tmp_path)
"""


@pytest.mark.parametrize("text, count", [(WHOLE_SESSION, 3), (WITH_FIXTURES, 3)], ids=["frozen session", "fixtures"])
def test_a_run_of_pytest_in_frozen_time_passes_and_ends(tmp_path: Path, text: str, count: int) -> None:
    (tmp_path / "test_mine.py").write_text(text)
    command = [sys.executable, "-m", "pytest", "-q", "-p", "emulator.testing.plugin", "-p", "time_machine"]
    ran = subprocess.run(
        command, cwd=tmp_path, capture_output=True, text=True, timeout=60,
        env={"PYTEST_DISABLE_PLUGIN_AUTOLOAD": "1", "PYTHONPATH": str(ROOT)},
    )  # fmt: skip
    assert ran.returncode == 0, ran.stdout + ran.stderr
    assert f"{count} passed" in ran.stdout


def test_a_wait_cancelled_just_as_its_event_comes_is_cancelled() -> None:
    async def cancel_at_once() -> bool:
        event = asyncio.Event()
        waiting = asyncio.create_task(real_time.wait(event, 60_000))
        await real_time.give_way()
        await real_time.give_way()
        event.set()
        waiting.cancel()
        await asyncio.wait([waiting])
        return waiting.cancelled()

    assert asyncio.run(cancel_at_once())

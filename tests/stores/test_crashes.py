"""Processes killed under load: nothing that was acknowledged is missing afterwards, and nothing is there twice.

A short form by default; `--all` and `make crash` kill an emulator with a file 100 times, one of two 50 times, and Redis
10 times.
"""

import itertools
import re
import sys
import threading
from collections import defaultdict
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import ExitStack
from pathlib import Path
from typing import IO, Any, Protocol

import httpx
import pytest

from emulator.testing import Emulator
from tests.clients import basswallet, koywe
from tests.command import Serving, free_block
from tests.polling import eventually
from tests.receivers import Receiver
from tests.redis_server import RedisServer

pytestmark = pytest.mark.long

CLIENTS = 4
_MOST_ANSWERS = 120
"""How many answers there may be between two kills."""
_AGAIN_S = 0.02
_NAME = re.compile(r"Order\d{6}")
"""What a client calls an order."""


class Victim(Protocol):
    """What can be killed, and started again with what it had."""

    def kill(self) -> None:
        """Ends it as a crash does."""

    def start(self) -> None:
        """Starts it again; returns when it serves."""


class Process:
    """An emulator that comes back at the same ports."""

    def __init__(self, folder: Path, store: str) -> None:
        self._arguments = ("--store", store, "--port", str(free_block()))
        self._folder = folder
        self._starts = itertools.count()
        self.start()

    def start(self) -> None:
        """Starts it again."""
        self._serving = Serving(self._folder / f"ready-{next(self._starts)}", *self._arguments, "--log-level", "error")
        process = self._serving.process
        for stream in (process.stdout, process.stderr):  # else it blocks when nobody reads its output
            threading.Thread(target=_read_to_the_end, args=(stream,), daemon=True).start()
        ready = self._serving.ready()
        self.control: str = ready["control"]

    def kill(self) -> None:
        """Ends it as a crash does."""
        self._serving.process.kill()
        self._serving.process.wait(20)

    def close(self) -> None:
        """Ends it, if it is not dead already."""
        self._serving.process.terminate()
        self._serving.process.wait(20)

    def call(self, path: str, body: Any = None) -> Any:
        """What the control API answers."""
        answer = httpx.request("GET" if body is None else "PUT", f"{self.control}/{path}", json=body, timeout=60)
        assert answer.is_success, answer.text
        return answer.json()


def _read_to_the_end(stream: IO[str]) -> None:
    with stream:
        for _ in stream:
            pass


class Load:
    """Clients that make orders and have a webhook sent of each; whoever gets no answer asks again, elsewhere."""

    def __init__(self, processes: Sequence[Process], receiver: Receiver) -> None:
        self._processes = processes
        self._receiver = receiver
        self._stop = threading.Event()
        self._numbers = itertools.count(1)
        self.answers = 0
        self.unanswered = 0
        self.made: dict[str, str] = {}
        """Ids of orders by what the client calls them: each was acknowledged, and so was what sends its webhook."""
        self._kills: list[tuple[int, int]] = []
        """How many webhooks had come before each kill, and when all were there again."""
        processes[0].call("sandboxes/default/settings", {"basswallet": {"webhook_url": receiver.url}})
        self._sandboxes = [Emulator(each.control, each.call("sandboxes/default")) for each in processes]

    def kill(self, victims: Sequence[Victim], times: int) -> None:
        """Kills the victims in turn, each time at an instant that nobody has chosen, and starts each again."""
        with ThreadPoolExecutor(CLIENTS) as threads:
            working = [threads.submit(self._work, number) for number in range(CLIENTS)]
            try:
                for turn in range(times):
                    self._wait_for(self.answers + 1 + 37 * turn * turn % _MOST_ANSWERS, working)
                    before, victim = len(self._receiver.received), victims[turn % len(victims)]
                    victim.kill()
                    victim.start()
                    self._kills.append((before, len(self._receiver.received)))
                self._wait_for(self.answers + _MOST_ANSWERS, working)
            finally:
                self._stop.set()
        for each in working:
            each.result()

    def _wait_for(self, answers: int, working: Sequence[Future[None]]) -> None:
        eventually(lambda: self.answers >= answers or any(each.done() for each in working), 600)
        for each in working:
            if each.done():
                each.result()

    def _work(self, number: int) -> None:
        turns = itertools.count(number)
        with ExitStack() as stack:
            clients = [stack.enter_context(basswallet.Client(each)) for each in self._sandboxes]
            while not self._stop.is_set():
                name = f"Order{next(self._numbers):06}"
                order = self._ask(turns, lambda place, name=name: _create(clients[place], name))  # type: ignore[misc]
                self._ask(turns, lambda place, order=order: self._expire(place, order))  # type: ignore[misc]
                self.made[name] = order

    def _ask(self, turns: Iterator[int], ask: Callable[[int], str | None]) -> str:
        """What somebody answers in the end."""
        while True:
            try:
                answer = ask(next(turns) % len(self._processes))
            except httpx.TransportError:
                answer = None
            if answer is not None:
                self.answers += 1
                return answer
            self.unanswered += 1
            threading.Event().wait(_AGAIN_S)

    def _expire(self, place: int, order: str) -> str | None:
        url = f"{self._processes[place].control}/sandboxes/default/orders/{order}/events"
        answer = httpx.post(url, json={"event": "expire"}, timeout=30)
        if answer.status_code in (200, 409):  # 409: it had happened, and nobody was told
            return order
        assert answer.status_code == 503, answer.text
        return None

    def check(self) -> dict[str, int]:
        """Fails if something is missing or there twice; figures."""
        asked = self._processes[0].call
        shown = [each["id"] for each in asked("sandboxes/default/orders?limit=1000000")["orders"]]
        assert len(shown) == len({*shown})
        assert {*shown} == {*self.made.values()}, "an order is lost, or there are two of it"

        def arrived() -> bool:
            return all(each["state"] == "delivered" for each in asked("sandboxes/default/webhooks")["webhooks"])

        eventually(arrived, 60)
        places: defaultdict[str, list[int]] = defaultdict(list)
        for place, received in enumerate(self._receiver.received):
            if len(received.body) == int(received.headers["content-length"]):  # else its sender was killed on the way
                places[_NAME.findall(received.body.decode())[0]].append(place)
        assert places.keys() == self.made.keys(), "a webhook that was due is lost"
        doubled = [each for each in places.values() if len(each) > 1]
        after_kills = sum(map(self._is_explained, doubled))
        assert after_kills == len(doubled) or len(self._processes) > 1, (
            "a webhook was sent twice without a kill between"
        )
        return {
            "kills": len(self._kills),
            "orders": len(shown),
            "lost": len({*self.made.values()} - {*shown}),
            "made twice": len(shown) - len(self.made),
            "webhooks lost": len(self.made.keys() - places.keys()),
            "webhooks sent twice after a kill": after_kills,
            "webhooks sent twice as a lease had ended": len(doubled) - after_kills,
            "requests without an answer": self.unanswered,
        }

    def _is_explained(self, places: list[int]) -> bool:
        """Whether there was a kill between the copies of a webhook."""
        return all(
            any(first < after and second >= before for before, after in self._kills)
            for first, second in itertools.pairwise(places)
        )


def _create(client: basswallet.Client, name: str) -> str | None:
    """Id of the one order that has this name at the client's."""
    answer = client.create({"X-Emulator-Scenario": "manual"}, businessId=name)
    if answer.status_code >= 500:
        return None
    if answer.status_code == 403:  # there is one: it was kept, and nobody was told
        answer = client.query(businessId=name)
        if answer.status_code >= 500:
            return None
    return client.order_id(answer)


def tell(what: str, figures: dict[str, int]) -> None:
    """Writes down figures, which `make crash` shows."""
    sys.stdout.write(f"{what}: {', '.join(f'{value} {name}' for name, value in figures.items())}\n")


@pytest.fixture
def stack() -> Iterator[ExitStack]:
    """Closes in the end what a test has opened."""
    with ExitStack() as opened:
        yield opened


def started(stack: ExitStack, folder: Path, store: str) -> Process:
    """An emulator that is ended in the end."""
    folder.mkdir()
    process = Process(folder, store)
    stack.callback(process.close)
    return process


def test_killing_an_emulator_with_a_file_store_loses_nothing(tmp_path: Path, kills: int, stack: ExitStack) -> None:
    process = started(stack, tmp_path / "one", f"sqlite:///{tmp_path / 'kept.db'}")
    load = Load([process], stack.enter_context(Receiver()))
    load.kill([process], kills)
    figures = load.check()
    tell("SQLite, the emulator killed", figures)
    assert figures["kills"] == kills and figures["orders"] >= kills


def test_killing_one_of_two_emulators_loses_nothing(
    tmp_path: Path, redis_server: RedisServer, kills: int, stack: ExitStack
) -> None:
    pair = [started(stack, tmp_path / name, redis_server.url) for name in ("one", "other")]
    load = Load(pair, stack.enter_context(Receiver()))
    load.kill(pair, kills // 2)
    figures = load.check()
    tell("Redis, one of two emulators killed", figures)
    assert figures["kills"] == kills // 2 and figures["orders"] >= kills


def test_killing_redis_loses_nothing(tmp_path: Path, redis_server: RedisServer, kills: int, stack: ExitStack) -> None:
    pair = [started(stack, tmp_path / name, redis_server.url) for name in ("one", "other")]
    load = Load(pair, stack.enter_context(Receiver()))
    load.kill([redis_server], max(1, kills // 10))
    tell("Redis itself killed, with appendonly", load.check())


def test_simultaneous_creates_with_one_key_make_one_order_round_after_round(
    tmp_path: Path, redis_server: RedisServer, kills: int, stack: ExitStack
) -> None:
    pair = [started(stack, tmp_path / name, redis_server.url) for name in ("one", "other")]
    sandboxes = [Emulator(each.control, each.call("sandboxes/default")) for each in pair]
    clients = [koywe.Client(each) for each in sandboxes]
    for client in clients:
        stack.callback(client.close)
        client.sign_in()
    rounds = 2 * kills
    with ThreadPoolExecutor(30) as threads:
        for turn in range(rounds):
            answers = list(
                threads.map(lambda number, turn=turn: clients[number % 2].create(externalId=f"inv-{turn}"), range(30))
            )
            made = [answer.json()["id"] for answer in answers if answer.status_code == 201]
            assert len(made) == 1 and {each.status_code for each in answers} == {201, 409}
    for process in pair:
        assert len(process.call("sandboxes/default/orders?provider=koywe&limit=100000")["orders"]) == rounds
    tell("30 creates at once with one key, over two emulators", {"rounds": rounds, "orders": rounds})

"""How long an advance takes: it has a budget of real time, and in a sandbox only one at a time waits for receivers."""

import asyncio
import threading
from collections.abc import Callable, Iterator
from typing import Any

import httpx
import pytest

from emulator.core import json_text
from emulator.core.durations import read_instant_ms
from emulator.engine import dispatcher, real_time
from emulator.engine.advances import BUDGET_MS, SILENT_LIMIT, Advance, Advances, receiver_origin
from emulator.testing import BackgroundServer, Emulator, NotSettled
from emulator.testing.connection import tls
from emulator.testing.link import Answered, Asked
from tests.clients.basswallet import Client
from tests.core.toy import START_MS, Bench, run
from tests.polling import eventually
from tests.receivers import HANG, Receiver

START = "2026-01-05T12:00:00.000Z"


class Gate:
    """A receiver that answers when the test allows it."""

    def __init__(self, emulator_server: BackgroundServer, host: str) -> None:
        self.asked = threading.Event()
        self.opened = threading.Event()
        emulator_server.receive_at(host, self._receive, lifespan=False)
        self.url = f"http://user:s3cret@{host}:8080/hook/s3cret?token=s3cret"

    async def _receive(self, scope: Any, receive: Any, send: Any) -> None:
        self.asked.set()
        while not self.opened.is_set():
            await real_time.pause(1)
        await send({"type": "http.response.start", "status": 200, "headers": []})
        await send({"type": "http.response.body", "body": b""})


@pytest.fixture
def client(emulator: Emulator) -> Iterator[Client]:
    """A merchant of BassWallet."""
    with Client(emulator) as merchant:
        yield merchant


@pytest.fixture
def gate(emulator_server: BackgroundServer, emulator: Emulator) -> Iterator[Gate]:
    """A receiver that does not answer before the test says so."""
    made = Gate(emulator_server, f"{emulator.name}.shop.test")
    yield made
    made.opened.set()


def expiring(client: Client, url: str) -> str:
    """Id of an order that expires in ten minutes, with its webhooks going to this URL."""
    return str(client.order_id(client.create({"X-Emulator-Scenario": "manual"}, webhookUrl=url)))


def kinds(happened: list[Any]) -> list[str]:
    return [item["kind"] for item in happened]


def in_background(call: Callable[[], Any]) -> Callable[[], Any]:
    """Starts a call in a thread, and returns a function that waits for its result or raises its exception."""
    results: list[Any] = []
    failures: list[BaseException] = []

    def body() -> None:
        try:
            results.append(call())
        except BaseException as failure:
            failures.append(failure)

    thread = threading.Thread(target=body)
    thread.start()

    def result() -> Any:
        thread.join(30)
        assert not thread.is_alive()
        if failures:
            raise failures[0]
        return results[0]

    return result


# -- the budget


def test_the_console_names_the_receiver_that_delayed_the_clock(
    emulator: Emulator, client: Client, gate: Gate, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("emulator.web.control.sandboxes.BUDGET_MS", 200)
    expiring(client, gate.url)
    front = emulator.control_url.removesuffix("/_emulator")
    answer = httpx.post(f"{front}/console/{emulator.name}/clock", data={"until": "idle"}, verify=tls())
    assert answer.status_code == 409
    assert f"no answer from http://{emulator.name}.shop.test:8080" in answer.text
    assert "s3cret" not in answer.text


def test_a_receiver_that_never_answers_does_not_block_an_advance(
    emulator: Emulator, client: Client, gate: Gate
) -> None:
    order = expiring(client, gate.url)
    answer = emulator.call("POST", "clock/advance", {"by": "1d", "budget": "300ms"})
    assert answer["settled"] is False
    assert kinds(answer["happened"]) == ["transition"]
    assert answer["now"] == answer["happened"][0]["at"] == emulator.now
    [webhook] = emulator.webhooks()
    assert webhook["state"] == "sending"
    assert answer["silent"] == [
        {
            "webhook": webhook["id"], "provider": "basswallet", "event": webhook["event"], "order": order,
            "receiver": f"http://{emulator.name}.shop.test:8080",
        }
    ]  # fmt: skip
    assert b"s3cret" not in json_text.encode(answer)


def test_the_next_advance_waits_for_an_attempt_that_goes_on(emulator: Emulator, client: Client, gate: Gate) -> None:
    expiring(client, gate.url)
    for _ in range(2):
        with pytest.raises(NotSettled):
            emulator.advance("1d", budget=0.1)
    stopped_at = emulator.now
    going = in_background(lambda: emulator.call("POST", "clock/advance", {"by": "1h"}))
    eventually(lambda: _is_under_way(emulator))
    gate.opened.set()
    answer = going()
    assert answer["settled"] is True
    assert "silent" not in answer
    assert read_instant_ms(answer["now"]) == read_instant_ms(stopped_at) + 3_600_000
    assert [(item["kind"], item["outcome"], item["at"]) for item in answer["happened"]] == [
        ("delivery", "delivered", stopped_at)
    ]
    assert [len(each["attempts"]) for each in emulator.webhooks()] == [1]


def test_an_advance_without_receivers_is_settled(emulator: Emulator) -> None:
    answer = emulator.call("POST", "clock/advance", {"by": "1d", "budget": 0})
    assert (answer["settled"], answer["happened"]) == (True, [])
    assert read_instant_ms(answer["now"]) - read_instant_ms(START) == 86_400_000


def test_receivers_that_timed_out_are_named_too(emulator: Emulator, client: Client, gate: Gate) -> None:
    with Receiver(HANG) as receiver:
        emulator.set("basswallet", webhook_timeout=1, webhook_retry_delays=[])
        order = expiring(client, f"{receiver.url}?token=s3cret")
        emulator.advance("1s")
        expiring(client, receiver.url)
        with pytest.raises(NotSettled) as caught:
            emulator.advance("2d", budget="1500ms")
        webhooks = emulator.webhooks()
    assert [each["state"] for each in webhooks] == ["failed", "sending"]
    assert [each["webhook"] for each in caught.value.silent] == [each["id"] for each in webhooks]
    assert caught.value.silent[0]["order"] == order
    assert caught.value.now == emulator.now
    assert kinds(caught.value.happened)[:2] == ["transition", "delivery"]
    said = str(caught.value)
    assert said.startswith(f"the clock stopped at {emulator.now}, ")
    assert f"{receiver.url.removesuffix('/hook')} has not answered webhook " in said
    assert "s3cret" not in said


def test_a_receiver_that_answers_is_not_named(emulator: Emulator, client: Client, gate: Gate) -> None:
    with Receiver(200) as good, Receiver(500) as bad:
        expiring(client, good.url)
        expiring(client, bad.url)
        silent = expiring(client, gate.url)
        with pytest.raises(NotSettled) as caught:
            emulator.advance("1d", budget="300ms")
        assert [each["order"] for each in caught.value.silent] == [silent]


def test_an_advance_that_takes_too_long_stops_between_two_instants() -> None:
    bench = Bench()
    orders = [bench.create("happy") for _ in range(3)]
    for after_ms in (5000, 15_000):
        happened = run(bench.engine.advance(bench.sandbox, START_MS + 60_000, 0))
        assert (len(happened.items), happened.silent) == (3, [])
        assert happened.settled is (after_ms == 15_000)
        assert bench.sandbox.clock.now_ms(0) == START_MS + (60_000 if happened.settled else after_ms)
    assert [bench.status(order) for order in orders] == ["done"] * 3
    assert str(NotSettled({"now": "N", "happened": [], "silent": []})).endswith("allow more time with budget=...")


def test_a_jump_of_the_clock_has_a_time_budget_too(emulator: Emulator, client: Client, gate: Gate) -> None:
    expiring(client, gate.url)
    wanted = {"mode": "real", "now": "2026-01-07T00:00:00Z", "budget": "100ms"}
    answer = emulator.call("PUT", "clock", wanted)
    assert (answer["settled"], [each["event"] for each in answer["silent"]]) == (False, ["expired"])
    assert answer["mode"] == "manual", "the clock is what it was until it is where it shall be"
    assert answer["now"] == answer["happened"][0]["at"]
    assert emulator.call("PUT", "clock", {"mode": "rate", "rate": 2})["settled"] is True
    gate.opened.set()
    answer = emulator.call("PUT", "clock", wanted | {"budget": "20s"})
    assert (answer["settled"], answer["mode"]) == (True, "real")
    assert read_instant_ms(answer["now"]) >= read_instant_ms(wanted["now"])


def test_the_client_s_timeout_is_longer_than_the_budget(emulator: Emulator, monkeypatch: pytest.MonkeyPatch) -> None:
    allowed: list[float] = []

    def exchange(asked: Asked) -> Answered:
        allowed.append(asked.timeout_s or 0)
        return Answered(200, [], b'{"happened": [], "settled": true, "webhooks": []}')

    monkeypatch.setattr(emulator._link, "exchange", exchange)
    for budget in (None, "5s", "10m", 600):
        emulator.advance("1s", budget=budget)
    emulator.wait_for_webhooks(timeout="60s")
    monkeypatch.undo()
    assert [each > wanted for each, wanted in zip(allowed, (20, 5, 600, 600, 60), strict=True)] == [True] * 5


# -- one after the other


def _is_under_way(emulator: Emulator) -> bool:
    """Whether an advance is refused, since another waits for a receiver."""
    url = f"{emulator.control_url}/sandboxes/{emulator.name}/clock/advance"
    answer = httpx.post(url, json={"by": 0, "budget": 0}, verify=tls())
    return answer.status_code == 409


def test_an_advance_while_another_waits_for_a_receiver_is_refused_at_once(
    emulator: Emulator, client: Client, gate: Gate
) -> None:
    expiring(client, gate.url)
    going = in_background(lambda: emulator.advance("1d"))
    assert gate.asked.wait(10)
    sandbox = f"{emulator.control_url}/sandboxes/{emulator.name}"
    with httpx.Client(base_url=sandbox, verify=tls()) as control:
        for answer in (
            control.post("/clock/advance", json={"by": "1s", "budget": "10m"}),
            control.put("/clock", json={"now": "2026-02-01"}),
        ):
            assert answer.status_code == 409
            assert answer.json()["error"] == "advance-under-way"
            assert "must answer before it does" in answer.json()["message"]
        assert control.put("/clock", json={"mode": "manual"}).status_code == 200
        assert control.get("/webhooks").json()["webhooks"][0]["state"] == "sending"
    gate.opened.set()
    assert kinds(going())[:2] == ["transition", "delivery"]


def test_a_receiver_that_advances_the_clock_itself_is_refused_at_once(
    emulator_server: BackgroundServer, emulator: Emulator, client: Client
) -> None:
    answers: list[httpx.Response] = []
    url = f"{emulator.control_url}/sandboxes/{emulator.name}/clock/advance"

    async def receive(scope: Any, receive: Any, send: Any) -> None:
        async with httpx.AsyncClient(verify=tls()) as asking:
            answers.append(await asking.post(url, json={"by": "1h"}))
        await send({"type": "http.response.start", "status": 200, "headers": []})
        await send({"type": "http.response.body", "body": b""})

    emulator_server.receive_at(f"{emulator.name}.nested.test", receive)
    expiring(client, f"http://{emulator.name}.nested.test/hook")
    happened = emulator.advance("1d")
    assert kinds(happened) == ["transition", "delivery"]
    assert [(answer.status_code, answer.json()["error"]) for answer in answers] == [(409, "advance-under-way")]


def test_an_advance_waits_while_another_only_computes() -> None:
    bench = Bench()
    for _ in range(300):
        bench.create("happy")

    async def both() -> list[Any]:
        advances = (bench.engine.advance_from(bench.sandbox, lambda now_ms: now_ms + 10_000) for _ in range(2))
        return await asyncio.gather(*advances)

    first, second = asyncio.run(both())
    assert (first.settled, second.settled) == (True, True)
    assert [len(each.items) for each in (first, second)] == [300, 300], "each has seen what is its own"
    assert bench.sandbox.clock.now_ms(0) == START_MS + 20_000


def test_a_waiting_advance_is_refused_once_the_one_before_waits_for_a_receiver() -> None:
    async def story() -> tuple[str, Any]:
        bench = Bench()
        advances = Advances(bench.engine, bench.engine.dispatcher)
        first, sandbox = Advance(BUDGET_MS), bench.sandbox
        async with advances.begun(sandbox, first):
            second = asyncio.create_task(_begin(advances, sandbox, BUDGET_MS))
            third = asyncio.create_task(_begin(advances, sandbox, 10))
            patient = await asyncio.wait_for(third, 10)
            first.begin_waiting()
            refused = await asyncio.wait_for(second, 10)
            first.end_waiting()
            last = asyncio.create_task(_begin(advances, sandbox, BUDGET_MS))
            await asyncio.wait([last], timeout=0.01)
            assert not last.done()
        return patient, (refused, await asyncio.wait_for(last, 10))

    assert asyncio.run(story()) == ("AdvanceUnderWay", ("AdvanceUnderWay", "begun"))


async def _begin(advances: Advances, sandbox: Any, budget_ms: int) -> str:
    try:
        async with advances.begun(sandbox, Advance(budget_ms)):
            return "begun"
    except Exception as refusal:
        return type(refusal).__name__


def test_an_advance_does_not_affect_other_sandboxes(
    emulator_server: BackgroundServer, emulator: Emulator, client: Client, gate: Gate
) -> None:
    expiring(client, gate.url)
    going = in_background(lambda: emulator.advance("1d"))
    assert gate.asked.wait(10)
    with emulator_server.sandbox() as other:
        assert other.advance("1d") == []
    gate.opened.set()
    going()


def test_after_a_reset_ends_an_advance_the_next_can_begin(emulator: Emulator, client: Client, gate: Gate) -> None:
    expiring(client, gate.url)
    going = in_background(lambda: emulator.advance("1d"))
    assert gate.asked.wait(10)
    emulator.reset()
    going()
    assert emulator.advance("1s") == []


# -- what else waits


def test_sending_a_webhook_again_waits_at_most_a_minute(
    emulator: Emulator, client: Client, gate: Gate, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(dispatcher, "COMPLETE_MS", 100)
    with Receiver(200) as receiver:
        expiring(client, receiver.url)
        emulator.advance("1h")
    expiring(client, gate.url)
    with pytest.raises(NotSettled):
        emulator.advance("1h", budget="100ms")
    silent = next(each for each in emulator.webhooks() if each["state"] == "sending")
    again = emulator.replay(silent["id"])
    assert (again["state"], again["attempts"]) == ("sending", [])


@pytest.mark.parametrize(
    ("url", "receiver"),
    [
        ("http://127.0.0.1:9000/hook", "http://127.0.0.1:9000"),
        ("https://user:pass@shop.test/a?b#c", "https://shop.test"),
        ("http://[::1]:80/", "http://[::1]:80"),
        ("http://a:port/", "http://a:port"),
    ],
)
def test_a_receiver_is_named_without_possible_secrets(url: str, receiver: str) -> None:
    assert receiver_origin(url) == receiver


def test_at_most_a_hundred_receivers_are_named() -> None:
    bench = Bench()
    tx = bench.engine.transaction(bench.sandbox)
    advance = Advance(0)
    advance.blame([tx.deliver("toy", "told", "http://a/", "", {}) for _ in range(SILENT_LIMIT + 1)])
    assert len(advance.silent) == SILENT_LIMIT


def test_waiting_ends_when_all_webhooks_are_done_or_the_time_is_over() -> None:
    async def both() -> tuple[bool, bool]:
        event = asyncio.Event()
        tasks = [asyncio.create_task(event.wait()) for _ in range(2)]
        early = await real_time.wait_for_all(tasks, 10)
        event.set()
        return early, await real_time.wait_for_all(tasks, 10_000)

    assert asyncio.run(both()) == (False, True)

"""Applications of a test that receive webhooks: failures, lifespan, WSGI, and event loops."""

import asyncio
import gc
import os
import threading
import traceback
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from typing import Any

import pytest
from starlette.applications import Starlette

from emulator.engine import real_time
from emulator.testing import BackgroundServer, Emulator, LoopNeeded
from emulator.testing.calls import Call
from emulator.testing.lifespan import Lifespan
from tests.beside.orders import create_basswallet, outcomes
from tests.beside.receiving import Shop, Wsgi, starlette

URL = "http://shop.test/hook"


@pytest.fixture
def paid(emulator: Emulator) -> Emulator:
    """A sandbox with an order whose two webhooks go to the shop within two minutes."""
    emulator.set("basswallet", webhook_url=URL)
    create_basswallet(emulator)
    return emulator


def test_a_handler_s_exception_is_raised_in_the_test_with_its_traceback(paid: Emulator) -> None:
    paid.receive_at("shop.test", Shop(breaks=1))
    with pytest.raises(ValueError, match="no such order") as caught:
        paid.advance("2m")
    assert "handle_webhook" in [frame.name for frame in traceback.extract_tb(caught.value.__traceback__)]
    assert (len(paid.webhooks()), paid.orders()[0]["status"]) == (2, "Success")


def test_if_a_handler_fails_the_webhook_gets_500_and_the_attempt_says_why(paid: Emulator) -> None:
    with pytest.raises(ValueError, match="no such order"), paid.receive_at("shop.test", Shop(breaks=0)):
        paid.advance("2m")
    first = paid.webhooks()[0]["attempts"][0]
    assert (first["status"], first["error"]) == (500, "ValueError: no such order")


def test_each_failure_is_raised_once_and_the_others_are_counted(paid: Emulator) -> None:
    paid.receive_at("shop.test", Shop(breaks=0))
    with pytest.raises(ValueError, match="no such order") as caught:
        paid.advance("1h")
    attempts = sum(len(each["attempts"]) for each in paid.webhooks())
    assert attempts > 2
    assert caught.value.__notes__ == [f"The receivers of webhooks failed {attempts - 1} more times."]


def test_a_test_whose_handler_fails_is_a_failed_test(paid: Emulator) -> None:
    error: BaseException
    try:
        pytest.fail("wrong amount")
    except BaseException as raised:
        error = raised
    paid.receive_at("shop.test", Shop(0, error))
    with pytest.raises(pytest.fail.Exception, match="wrong amount"):
        paid.advance("2m")


def test_an_exception_that_no_call_has_raised_is_raised_at_the_end(emulator_server: BackgroundServer) -> None:
    with pytest.raises(ValueError, match="no such order"), emulator_server.sandbox() as sandbox:
        sandbox.receive_at("shop.test", Shop(breaks=0))
        sandbox.set("basswallet", webhook_url=URL)
        create_basswallet(sandbox)
        sandbox._ask(Call("POST", "clock/advance", {"by": "2m"}))
    assert sandbox.name not in emulator_server.server.engine.sandboxes


def test_the_failure_of_the_test_itself_comes_first(emulator_server: BackgroundServer) -> None:
    with pytest.raises(KeyError), emulator_server.sandbox() as sandbox:
        sandbox.receive_at("shop.test", Shop(breaks=0))
        sandbox.set("basswallet", webhook_url=URL)
        create_basswallet(sandbox)
        sandbox._ask(Call("POST", "clock/advance", {"by": "2m"}))
        raise KeyError("the test's own")


def test_a_shared_receiver_s_exception_is_raised_by_the_next_caller(
    emulator_server: BackgroundServer, paid: Emulator
) -> None:
    with emulator_server.receive_at("shop.test", Shop(breaks=1)), pytest.raises(ValueError, match="no such order"):
        paid.advance("2m")


def test_a_crash_of_a_handler_can_be_expected(paid: Emulator) -> None:
    paid.receive_at("shop.test", Shop(breaks=0), reraise=False)
    paid.advance("1m")
    assert paid.webhooks()[0]["attempts"][0]["status"] == 500


def test_a_receiver_ends_with_its_block_or_with_its_sandbox(emulator_server: BackgroundServer) -> None:
    receivers = emulator_server.server.engine.dispatcher.sender.receivers
    with emulator_server.sandbox() as sandbox:
        sandbox.receive_at("Whole.test", Shop())
        with sandbox.receive_at("brief.test", Shop()):
            assert {"whole.test", "brief.test"} <= set(receivers)
        assert "brief.test" not in receivers
    assert "whole.test" not in receivers


def test_of_two_receivers_for_a_host_the_last_receives(paid: Emulator) -> None:
    first, last = Shop(), Shop()
    paid.receive_at("shop.test", first)
    with paid.receive_at("shop.test", last):
        paid.advance("2m")
    assert (len(first.seen), len(last.seen)) == (0, 2)


def test_the_lifespan_of_an_application_is_run(emulator_server: BackgroundServer) -> None:
    events: list[str] = []
    with emulator_server.sandbox() as sandbox:
        sandbox.receive_at("shop.test", starlette(events))
        assert events == ["started"]
        sandbox.set("basswallet", webhook_url=URL)
        create_basswallet(sandbox)
        sandbox.advance("2m")
    assert events == ["started", "webhook", "webhook", "stopped"]


def test_an_application_that_cannot_start_says_so_at_once(emulator: Emulator) -> None:
    @asynccontextmanager
    async def broken(app: Starlette) -> AsyncIterator[None]:
        raise LookupError("no database")
        yield

    with pytest.raises(LookupError, match="no database"):
        emulator.receive_at("shop.test", Starlette(lifespan=broken))


def test_an_application_that_cannot_stop_says_so_at_the_end(emulator_server: BackgroundServer) -> None:
    @asynccontextmanager
    async def broken(app: Starlette) -> AsyncIterator[None]:
        yield
        raise LookupError("no database")

    with pytest.raises(LookupError, match="no database"), emulator_server.sandbox() as sandbox:
        sandbox.receive_at("shop.test", Starlette(lifespan=broken))


async def never_starts(scope: Any, receive: Any, send: Any) -> None:
    await asyncio.Event().wait()


def test_an_application_that_does_not_start_in_time_is_given_up(
    emulator: Emulator, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("emulator.testing.lifespan.LIMIT_MS", 20)
    with pytest.raises(TimeoutError, match=r"the start of the application at shop\.test took longer than"):
        emulator.receive_at("shop.test", never_starts, lifespan=True)

    async def receive_here() -> None:
        async with emulator.receive_here("shop.test", never_starts, lifespan=True):
            pass

    with pytest.raises(TimeoutError, match="the startup of the application took longer than"):
        asyncio.run(receive_here())


def test_a_start_cancelled_just_as_it_succeeds_is_cancelled() -> None:
    async def start() -> None:
        async def app(scope: Any, receive: Any, send: Any) -> None:
            await receive()
            await send({"type": "lifespan.startup.complete"})
            starting.cancel()
            await receive()

        starting = asyncio.ensure_future(Lifespan(app).start())
        with pytest.raises(asyncio.CancelledError):
            await starting

    asyncio.run(start())


@pytest.mark.parametrize("lifespan, asked", [(None, ["http", "http"]), (True, ["lifespan", "http", "http"])])
def test_a_plain_function_gets_no_lifespan_events_unless_asked_for(
    paid: Emulator, lifespan: bool | None, asked: list[str]
) -> None:
    scopes = []

    async def plain(scope: Any, receive: Any, send: Any) -> None:
        scopes.append(scope["type"])
        await send({"type": "http.response.start", "status": 200, "headers": []})
        await send({"type": "http.response.body", "body": b""})

    with paid.receive_at("shop.test", plain, lifespan=lifespan):
        paid.advance("2m")
    assert scopes == asked


def test_a_wsgi_application_receives_webhooks(paid: Emulator) -> None:
    app = Wsgi()
    paid.receive_at("shop.test", app)
    paid.advance("2m")
    attempts = [each["attempts"][0] for each in paid.webhooks()]
    assert [(path, body.decode()) for path, _, body in app.seen] == [("/hook", each["body"]) for each in attempts]
    assert [signature for _, signature, _ in app.seen] == [each["headers"]["Signature"] for each in attempts]
    assert [(each["status"], each["answer"]) for each in attempts] == [(200, "success")] * 2


def test_a_wsgi_application_s_exception_is_raised_in_the_test(paid: Emulator) -> None:
    paid.receive_at("shop.test", Wsgi(ValueError("no such order")))
    with pytest.raises(ValueError, match="no such order") as caught:
        paid.advance("2m")
    assert "handle_webhook" in [frame.name for frame in traceback.extract_tb(caught.value.__traceback__)]


def test_a_slow_wsgi_application_holds_nothing_up(paid: Emulator) -> None:
    asked, may_answer = threading.Event(), threading.Event()

    def slow(environ: Any, start_response: Any) -> list[bytes]:
        asked.set()
        may_answer.wait(10)
        return Wsgi()(environ, start_response)

    paid.receive_at("shop.test", slow)
    advancing = threading.Thread(target=paid.advance, args=("2m",))
    advancing.start()
    assert asked.wait(10)
    assert paid.orders()[0]["status"] == "AwaitingConfirmation"
    may_answer.set()
    advancing.join(10)
    assert outcomes(paid) == [("delivered", 200)] * 2


def test_an_application_may_run_in_the_test_s_event_loop(paid: Emulator) -> None:
    shop = Shop()

    async def run() -> None:
        async with paid.receive_here("shop.test", shop):
            await asyncio.to_thread(paid.advance, "2m")
            assert shop.loops == {asyncio.get_running_loop()}

    asyncio.run(run())
    assert outcomes(paid) == [("delivered", 200)] * 2


def test_in_the_test_s_event_loop_the_lifespan_runs_and_failures_are_raised(paid: Emulator) -> None:
    events: list[str] = []

    async def run() -> None:
        async with paid.receive_here("shop.test", starlette(events)):
            await asyncio.to_thread(paid.advance, "2m")
        with pytest.raises(ValueError, match="no such order"):
            async with paid.receive_here("shop.test", Shop(breaks=0)):
                await asyncio.to_thread(paid.replay, paid.webhooks()[0]["id"])

    asyncio.run(run())
    assert events == ["started", "webhook", "webhook", "stopped"]


def test_a_call_that_would_block_its_own_event_loop_is_refused_at_once(paid: Emulator) -> None:
    async def run() -> None:
        async with paid.receive_here("shop.test", Shop()):
            create_basswallet(paid)
            for call in (
                lambda: paid.advance("2m"),
                lambda: paid.wait_for_webhooks(),
                lambda: paid.replay("whk"),
                lambda: paid.command("koywe", "test_webhook"),
            ):
                with pytest.raises(LoopNeeded, match="shop.test.*await asyncio.to_thread"):
                    call()
            assert [order["status"] for order in paid.orders()] == ["Pending"] * 2
        paid.advance("2m")

    asyncio.run(run())


async def serve() -> tuple[asyncio.Server, str]:
    """A receiver on a socket, in the loop of the caller."""

    async def take(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        head = await reader.readuntil(b"\r\n\r\n")
        length = int(head.lower().split(b"content-length:")[1].split(b"\r\n")[0])
        await reader.readexactly(length)
        writer.write(b"HTTP/1.1 200 OK\r\nContent-Length: 0\r\nConnection: close\r\n\r\n")
        await writer.drain()
        writer.close()

    server = await asyncio.start_server(take, "127.0.0.1", 0)
    return server, f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}/hook"


@pytest.mark.parametrize("new_loop", [asyncio.new_event_loop, real_time.new_event_loop], ids=["Python's", "uvloop's"])
def test_a_receiver_on_a_socket_of_the_event_loop_is_noticed_too(
    emulator: Emulator, new_loop: Callable[[], asyncio.AbstractEventLoop]
) -> None:
    async def run() -> None:
        server, url = await serve()
        async with server:
            emulator.set("basswallet", webhook_url=url)
            create_basswallet(emulator)
            with pytest.raises(LoopNeeded, match=rf"port {url.split(':')[2].split('/')[0]}, which this event loop"):
                emulator.advance("2m")
            await asyncio.to_thread(emulator.advance, "2m")
            assert outcomes(emulator) == [("delivered", 200)] * 2

        emulator.advance("2m")

    with asyncio.Runner(loop_factory=new_loop) as runner:
        runner.run(run())


def test_a_blocked_event_loop_that_no_webhook_needs_does_not_matter(paid: Emulator) -> None:
    shop = Shop()
    paid.receive_at("shop.test", shop)

    async def run() -> None:
        server, _ = await serve()
        async with server:
            paid.advance("2m")

    asyncio.run(run())
    assert len(shop.seen) == 2


def test_other_sockets_of_the_event_loop_are_left_alone(emulator: Emulator) -> None:
    async def run() -> None:
        reading, writing = os.pipe()
        loop = asyncio.get_running_loop()
        loop.add_reader(reading, lambda: None)
        emulator.advance("1s")
        loop.remove_reader(reading)
        os.close(reading)
        with pytest.raises(BrokenPipeError):
            os.write(writing, b"nobody holds the other end any more")
        os.close(writing)

    asyncio.run(run())


def test_a_server_in_this_process_leaves_the_garbage_collector_as_it_was() -> None:
    before = gc.get_freeze_count()
    with BackgroundServer() as server, server.sandbox():
        assert gc.isenabled()
        assert gc.get_freeze_count() == before


def test_an_emulator_in_another_process_says_that_it_cannot_use_an_application(
    emulator_server: BackgroundServer,
) -> None:
    with (
        Emulator.create(emulator_server.server.addresses.control, name="elsewhere") as sandbox,
        pytest.raises(RuntimeError, match="give it the URL of a real receiver"),
    ):
        sandbox.receive_at("shop.test", Shop())

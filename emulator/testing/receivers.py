"""Applications of the test that receive webhooks, in the server's event loop or in the test's own."""

import asyncio
import inspect
import threading
from collections.abc import AsyncIterator, Awaitable, Callable, Coroutine
from contextlib import ExitStack, asynccontextmanager
from types import TracebackType
from typing import TYPE_CHECKING, Any, Protocol, TypeVar

from emulator.contract.delivery import Message, Response
from emulator.testing.lifespan import LIMIT_MS, Lifespan

if TYPE_CHECKING:
    import httpx

    from emulator.engine.sender import Receive

T = TypeVar("T")

__tracebackhide__ = True
"""pytest leaves out these frames, so that for a failed handler it shows the test and the handler."""


class Failures:
    """Exceptions of handlers that no test has seen yet."""

    def __init__(self) -> None:
        self._errors: list[BaseException] = []

    def add(self, error: BaseException) -> None:
        """Keeps an exception."""
        self._errors.append(error)

    def raise_first(self) -> None:
        """Raises the oldest one, with its traceback, and forgets all; nothing if there is none."""
        if not self._errors:
            return
        error, others = self._errors[0], len(self._errors) - 1
        self._errors.clear()
        if others:
            error.add_note(f"The receivers of webhooks failed {others} more time{'s' if others > 1 else ''}.")
        raise error


class Receiver:
    """An application that receives what goes to one host. Used in a `with`, until the block ends."""

    def __init__(
        self,
        app: Any,
        loop: asyncio.AbstractEventLoop,
        failures: Failures,
        *,
        lifespan: bool | None,
        reraise: bool,
        end: "Callable[[Receiver], None]",
    ) -> None:
        self.loop = loop
        """In which it runs."""
        self.url = ""
        """Base URL at which it receives, without a slash at its end."""
        self.failures = failures
        self._app = app
        self._is_wsgi = _is_wsgi(app)
        has_lifespan = not self._is_wsgi and (not inspect.isfunction(app) if lifespan is None else lifespan)
        self._lifespan = Lifespan(app) if has_lifespan else None
        self._reraise = reraise
        self._end = end

    async def start(self) -> None:
        """Runs the start of the application's lifespan, in its loop. Raises what goes wrong there."""
        if self._lifespan is not None:
            await self._lifespan.start()

    async def stop(self) -> None:
        """Runs the end of its lifespan."""
        if self._lifespan is not None:
            await self._lifespan.stop()

    async def receive(self, message: Message) -> Response:
        """What it answers; called in the server's loop. An exception is a 500, as it would be from a server."""
        if self.loop is asyncio.get_running_loop():
            return await self._answer(message)
        return await asyncio.wrap_future(asyncio.run_coroutine_threadsafe(self._answer(message), self.loop))

    async def _answer(self, message: Message) -> Response:
        try:
            return await self._ask(message)
        except asyncio.CancelledError:
            raise
        except BaseException as error:  # what pytest.fail and its like raise is not an Exception
            if self._reraise:
                self.failures.add(error)
            return Response(500, b"Internal Server Error", f"{type(error).__name__}: {error}")

    async def _ask(self, message: Message) -> Response:
        import httpx

        request = httpx.Request("POST", message.url, headers=list(message.headers), content=message.body)
        if self._is_wsgi:
            return await _in_thread(lambda: _ask_wsgi(self._app, request))
        app = self._app if self._lifespan is None else self._lifespan.with_state
        answer = await httpx.ASGITransport(app).handle_async_request(request)
        return Response(answer.status_code, await answer.aread())

    def end(self) -> None:
        """Receives no longer."""
        self._end(self)

    def __enter__(self) -> "Receiver":
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.end()
        if error is None:
            self.failures.raise_first()


class Hosting(Protocol):
    """Where an emulator finds the receivers of its webhooks."""

    def open(self, name: str, receive: "Receive") -> str:
        """Lets it receive for a host name; the base URL at which it does."""

    def close(self, name: str, receive: "Receive") -> None:
        """It does no longer."""


class SameProcess:
    """That of an emulator in this process."""

    def __init__(self, by_host: "dict[str, Receive]") -> None:
        """`by_host`: where the server looks, host names in lower case."""
        self._by_host = by_host

    def open(self, name: str, receive: "Receive") -> str:
        """It receives all that goes to a host."""
        self._by_host[name.lower()] = receive
        return f"http://{name}"

    def close(self, name: str, receive: "Receive") -> None:
        """It does no longer."""
        if self._by_host.get(name.lower()) == receive:
            del self._by_host[name.lower()]


class Receivers:
    """Those of one emulator, by host."""

    def __init__(self, hosting: Hosting, loop: asyncio.AbstractEventLoop) -> None:
        """`loop`: in which they run, unless that is the caller's."""
        self._hosting = hosting
        self._loop = loop
        self._all: dict[Receiver, str] = {}

    def add(
        self, host: str, app: Any, failures: Failures, *, lifespan: bool | None = None, reraise: bool = True
    ) -> Receiver:
        """Starts an application; it receives from now on."""
        receiver = Receiver(app, self._loop, failures, lifespan=lifespan, reraise=reraise, end=self.end)
        self._await(receiver.start(), f"the start of the application at {host}")
        self._put(host, receiver)
        return receiver

    @asynccontextmanager
    async def here(
        self, host: str, app: Any, failures: Failures, *, lifespan: bool | None = None, reraise: bool = True
    ) -> AsyncIterator[Receiver]:
        """Runs an application in the caller's loop until the block ends."""
        loop = asyncio.get_running_loop()
        receiver = Receiver(app, loop, failures, lifespan=lifespan, reraise=reraise, end=self._take_away)
        await receiver.start()
        self._put(host, receiver)
        try:
            yield receiver
        finally:
            receiver.end()
            await receiver.stop()
        failures.raise_first()

    def _put(self, host: str, receiver: Receiver) -> None:
        receiver.url = self._hosting.open(host, receiver.receive)
        self._all[receiver] = host

    def _take_away(self, receiver: Receiver) -> None:
        host = self._all.pop(receiver, None)
        if host is not None:
            self._hosting.close(host, receiver.receive)

    def end(self, receiver: Receiver) -> None:
        """Receives no longer, and runs the end of the application's lifespan."""
        host = self._all.get(receiver)
        if host is not None:
            self._take_away(receiver)
            self._await(receiver.stop(), f"the end of the application at {host}")

    def end_all(self, failures: Failures | None = None) -> None:
        """Ends all that run in the server's loop, or those of them whose failures are kept there."""
        with ExitStack() as stack:
            for receiver in list(self._all):
                if receiver.loop is self._loop and failures in (None, receiver.failures):
                    stack.callback(self.end, receiver)

    def hosts_in(self, loop: asyncio.AbstractEventLoop) -> list[str]:
        """The hosts that are received for in a loop."""
        return [host for receiver, host in self._all.items() if receiver.loop is loop]

    def _await(self, work: Coroutine[Any, Any, None], what: str) -> None:
        limit_s = LIMIT_MS // 1000
        future = asyncio.run_coroutine_threadsafe(work, self._loop)
        try:
            future.result(limit_s + 1)
        except TimeoutError:
            future.cancel()
            raise TimeoutError(f"{what} took longer than {limit_s}s") from None


def _is_wsgi(app: Any) -> bool:
    """Whether it is a WSGI application, `app(environ, start_response)`; an ASGI one is `app(scope, receive, send)`."""
    if inspect.iscoroutinefunction(app) or inspect.iscoroutinefunction(getattr(app, "__call__", None)):  # noqa: B004
        return False
    try:
        parameters = inspect.signature(app).parameters.values()
    except (TypeError, ValueError):
        return False
    kinds = (inspect.Parameter.POSITIONAL_ONLY, inspect.Parameter.POSITIONAL_OR_KEYWORD)
    return len([each for each in parameters if each.kind in kinds and each.default is each.empty]) == 2


def _ask_wsgi(app: Any, request: "httpx.Request") -> Response:
    import httpx

    answer = httpx.WSGITransport(app).handle_request(request)
    return Response(answer.status_code, answer.read())


def _in_thread(work: Callable[[], T]) -> Awaitable[T]:
    """The result of work that would hold up the loop. The thread belongs to no executor, so that nobody waits for it at
    the end."""
    loop = asyncio.get_running_loop()
    future: asyncio.Future[T] = loop.create_future()

    def settle(result: T | None, error: BaseException | None) -> None:
        if future.cancelled():
            return
        if error is None:
            future.set_result(result)  # type: ignore[arg-type]
        else:
            future.set_exception(error)

    def run() -> None:
        try:
            result, error = work(), None
        except BaseException as raised:
            result, error = None, raised
        if not loop.is_closed():
            loop.call_soon_threadsafe(settle, result, error)

    threading.Thread(target=run, name="emulator-receiver", daemon=True).start()
    return future

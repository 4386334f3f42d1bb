"""The stream of what happens: every entry of the journal, resumable, and ending with the emulator or the sandbox."""

import json
import re
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import httpx
import pytest
from starlette.types import Receive, Scope, Send

from emulator.testing import BackgroundServer, Emulator
from emulator.web.application import Options
from emulator.web.control.app import Control
from emulator.web.control.streams import MAX_STREAMS
from tests.asgi import Asking
from tests.clients import baanx
from tests.polling import eventually


class Stream:
    """A listener."""

    def __init__(self, answer: httpx.Response) -> None:
        self.answer = answer
        self._lines = answer.iter_lines()

    def next(self) -> tuple[str, str, Any]:
        """Id, name and document of the next event; one without a name is called as browsers call it."""
        found: dict[str, str] = {}
        for line in self._lines:
            name, colon, value = line.partition(": ")
            if line and colon and name:
                found[name] = value
            elif "data" in found:
                return found.get("id", ""), found.get("event", "message"), json.loads(found["data"])
            else:
                found.clear()
        raise EOFError


@contextmanager
def listening(emulator: Emulator, headers: dict[str, str] | None = None, **query: Any) -> Iterator[Stream]:
    """Listens to a sandbox from now on."""
    with open_stream(f"{emulator.control_url}/sandboxes/{emulator.name}/events", headers, query) as stream:
        yield stream


@contextmanager
def open_stream(
    url: str, headers: dict[str, str] | None = None, query: dict[str, Any] | None = None
) -> Iterator[Stream]:
    """Listens at a URL."""
    with httpx.Client(timeout=20) as client, client.stream("GET", url, params=query, headers=headers) as answer:
        assert answer.status_code == 200, answer.read()
        assert answer.headers["content-type"].startswith("text/event-stream")
        yield Stream(answer)


def test_every_entry_of_the_journal_is_streamed_in_order(emulator: Emulator) -> None:
    with listening(emulator) as stream, baanx.Client(emulator) as client:
        order = client.order_id(client.create({"X-Emulator-Scenario": "manual"}))
        emulator.fire(order, "pay")
        heard = [stream.next() for _ in range(2)]
        assert [kind for _, kind, _ in heard] == ["request", "transition"]
        assert [document for _, _, document in heard] == emulator.journal()
        assert heard[0][2]["order"] == order


def test_the_console_receives_events_of_unknown_kinds(emulator: Emulator) -> None:
    page = f"{emulator.control_url.removesuffix('/_emulator')}/console/{emulator.name}"
    names = re.search(r'sse-connect="([^"]+)" sse-swap="([^"]+)"', httpx.get(page).text)
    assert names is not None
    assert (names[1], names[2]) == (f"/console/{emulator.name}/events", "message,reset")
    with open_stream(f"{page}/events") as stream, baanx.Client(emulator) as client:
        client.create({"X-Emulator-Scenario": "manual"})
        _, name, document = stream.next()
        assert (name, document["kind"]) == ("message", "request")
        emulator.reset()
        assert stream.next()[1] == "reset"


def test_earlier_entries_can_be_requested_and_filtered(emulator: Emulator) -> None:
    with baanx.Client(emulator) as client:
        order = client.order_id(client.create({"X-Emulator-Scenario": "manual"}))
        client.create({"X-Emulator-Scenario": "manual"})
    emulator.fire(order, "pay")
    with listening(emulator, after=0, kind="transition") as stream:
        assert stream.next()[2]["order"] == order
    with listening(emulator, after=0, order=order) as stream:
        assert [stream.next()[1] for _ in range(2)] == ["request", "transition"]


def test_a_listener_can_resume_where_it_stopped(emulator: Emulator) -> None:
    with baanx.Client(emulator) as client:
        for _ in range(3):
            client.create()
    with listening(emulator, after=0) as stream:
        first, _, _ = stream.next()
    with listening(emulator, {"Last-Event-ID": first}) as stream:
        assert [stream.next()[2]["number"] for _ in range(2)] == [2, 3]


def test_a_reset_is_streamed_and_so_is_what_follows(emulator: Emulator) -> None:
    with listening(emulator) as stream, baanx.Client(emulator) as client:
        client.create()
        last, _, _ = stream.next()
        emulator.reset()
        assert stream.next()[1] == "reset"
        client.create()
        assert stream.next()[2]["number"] == 1
    with listening(emulator, {"Last-Event-ID": last}) as stream:
        assert [stream.next()[1] for _ in range(2)] == ["reset", "request"]


def test_a_stream_ends_with_its_sandbox(emulator_server: BackgroundServer) -> None:
    with emulator_server.sandbox() as sandbox, listening(sandbox) as stream:
        sandbox.call("DELETE", "")
        with pytest.raises(EOFError):
            stream.next()


def test_a_stream_does_not_delay_shutdown() -> None:
    with BackgroundServer(Options(port=0)) as server:
        url = f"{server.server.addresses.control}/sandboxes/default/events"
        with httpx.Client(timeout=20) as client, client.stream("GET", url) as answer:
            server.server.stop()
            assert list(answer.iter_lines())[:1] == ["retry: 1000"]


def test_a_stream_ends_with_its_listener_on_every_server(emulator_server: BackgroundServer) -> None:
    control = Control(emulator_server.server.engine)
    control.ready = True

    async def serve(scope: Scope, receive: Receive, send: Send) -> None:
        await control({**scope, "asgi": {"version": "3.0", "spec_version": "2.4"}}, receive, send)

    with Asking() as asking:
        assert asking.ask(serve, "GET", b"/_emulator/sandboxes/default/events").status == 200
    assert control.streams == 0


def test_the_number_of_streams_is_limited_and_closed_ones_make_room(emulator: Emulator) -> None:
    url = f"{emulator.control_url}/sandboxes/{emulator.name}/events"
    with httpx.Client(timeout=20, limits=httpx.Limits(max_connections=None)) as client:
        requests = [client.send(client.build_request("GET", url), stream=True) for _ in range(MAX_STREAMS)]
        refused = httpx.get(url)
        assert (refused.status_code, refused.json()["error"]) == (409, "too-many-streams")
        for answer in requests:
            answer.close()
    eventually(lambda: _is_open(url))


def _is_open(url: str) -> bool:
    with httpx.stream("GET", url) as answer:
        return answer.status_code == 200


def test_a_stream_has_no_entries_of_other_sandboxes(emulator: Emulator, emulator_server: BackgroundServer) -> None:
    with emulator_server.sandbox() as other, listening(emulator) as stream:
        for each in (other, emulator):
            with baanx.Client(each) as client:
                client.create()
        assert stream.next()[2]["header"]["x-client-id"] != ""
        assert len(emulator.journal()) == 1


@pytest.mark.parametrize(("query", "status"), [({"provider": "nobody"}, 404), ({"after": "x"}, 400), ({"x": 1}, 400)])
def test_invalid_parameters_of_a_stream_are_refused(emulator: Emulator, query: dict[str, Any], status: int) -> None:
    url = f"{emulator.control_url}/sandboxes/{emulator.name}/events"
    assert httpx.get(url, params=query).status_code == status

"""How long a connection may take, and how much may wait on it, in simulated minutes."""

import pytest

from emulator.web.limits import Limits
from tests.web.connected import Connected

LIMITS = Limits()


def test_a_connection_stays_open_for_node_to_reuse_after_a_minute() -> None:
    connected = Connected()
    connected.ask("/first")
    for moment_s in (5, 60, 120):
        connected.loop.go_on_to(moment_s)
        connected.ask("/again")
    assert connected.statuses == [200] * 4
    connected.loop.go_on_to(120 + LIMITS.keep_alive_s - 1)
    assert not connected.transport.closed
    connected.loop.go_on_to(120 + LIMITS.keep_alive_s + 1)
    assert connected.transport.closed


def test_a_connection_that_never_sends_anything_counts_as_idle() -> None:
    connected = Connected()
    connected.receive(b"\r\n")
    connected.loop.go_on_to(LIMITS.keep_alive_s + 1)
    assert connected.transport.closed
    assert connected.transport.written == b""


def test_a_connection_is_not_idle_while_an_answer_is_being_made() -> None:
    connected = Connected()
    connected.ask("/held")
    connected.loop.go_on_to(1000)
    assert not connected.transport.closed
    connected.loop.tasks[0].go_on()
    connected.loop.go_on_to(1000 + LIMITS.keep_alive_s - 1)
    assert not connected.transport.closed
    assert connected.statuses == [200]


def test_the_time_for_a_head_counts_from_its_first_byte_and_not_during_another_answer() -> None:
    connected = Connected()
    connected.loop.go_on_to(50)
    connected.ask("/held")
    connected.receive(b"GET /late HTTP/1.1\r\n")
    connected.loop.go_on_to(100)
    assert connected.transport.written == b""
    connected.loop.tasks[0].go_on()
    for moment_s in (103, 106, 109):
        connected.loop.go_on_to(moment_s)
        connected.receive(b"X-Slow: yes\r\n")
    assert connected.statuses == [200]
    connected.loop.go_on_to(112)
    assert connected.statuses == [200, 408]


def test_a_body_may_take_any_time_as_long_as_it_keeps_arriving() -> None:
    connected = Connected()
    connected.receive(b"POST / HTTP/1.1\r\nHost: a.test\r\nContent-Length: 10\r\n\r\n")
    for moment_s in range(25, 250, 25):
        connected.loop.go_on_to(moment_s)
        connected.receive(b"a")
    connected.loop.go_on_to(250)
    assert connected.transport.written == b""
    connected.loop.go_on_to(225 + LIMITS.body_s + 1)
    assert connected.statuses == [408]


def test_a_stalled_body_ends_the_connection_even_if_the_rest_is_not_needed() -> None:
    connected = Connected()
    connected.receive(b"POST /held HTTP/1.1\r\nHost: a.test\r\nContent-Length: 20000000\r\n\r\n")
    for _ in range(9):
        connected.receive(b"a" * 1_000_000)
    assert connected.answers.asked == ["/held"]
    connected.loop.go_on_to(LIMITS.body_s + 1)
    assert connected.statuses == [408]
    connected.loop.tasks[0].go_on()
    assert connected.statuses == [408]


def test_a_refused_client_may_go_on_sending_for_a_while() -> None:
    connected = Connected()
    connected.receive(b"GET / HTTP/1.1\r\n\r\n")
    assert connected.statuses == [400]
    assert connected.transport.ended
    assert not connected.transport.closed
    connected.ask("/more")
    connected.receive(b"a" * 1_000_000)
    assert connected.statuses == [400]
    connected.loop.go_on_to(LIMITS.linger_s + 1)
    assert connected.transport.closed


def test_a_client_that_reads_nothing_is_cut_off_and_one_that_reads_slowly_is_not() -> None:
    connected = Connected()
    connected.ask("/large")
    for moment_s in range(20, 200, 20):
        connected.transport.unsent_bytes = 1_000_000 - moment_s
        connected.loop.go_on_to(moment_s)
    connected.transport.unsent_bytes = 0
    connected.loop.go_on_to(180 + LIMITS.keep_alive_s - 1)
    assert not connected.transport.is_closing()
    connected.ask("/large")
    connected.transport.unsent_bytes = 1_000_000
    connected.loop.go_on_to(180 + LIMITS.keep_alive_s + LIMITS.write_s + 2)
    assert connected.transport.aborted


def test_nothing_is_read_while_requests_wait_for_their_turn() -> None:
    connected = Connected()
    connected.ask("/held/1", *["/plain"] * 500, "/held/2", *["/plain"] * 500)
    assert connected.transport.paused
    assert connected.answers.asked == ["/held/1"]
    for number in range(2):
        assert connected.transport.paused
        connected.loop.tasks[number].go_on()
        connected.loop.go_on_to(connected.loop.now_s + 1)
    assert not connected.transport.paused
    assert connected.statuses == [200] * 1002
    assert connected.answers.asked[500:503] == ["/plain", "/held/2", "/plain"]


def test_nothing_is_read_while_asgi_requests_wait_for_their_turn() -> None:
    connected = Connected()
    connected.ask("/asgi/1", "/plain", "/asgi/2")
    for paused in (True, False):
        assert connected.transport.paused is paused
        connected.loop.tasks[-1].go_on()
        connected.loop.go_on_to(connected.loop.now_s + 1)
    assert connected.answers.asked == ["/asgi/1", "/plain", "/asgi/2"]
    assert connected.statuses == [200] * 3


@pytest.mark.parametrize("behind", [[], ["/asgi/2"], ["/plain"], ["/held", "/asgi/2"]])
@pytest.mark.parametrize("before", [[], ["/asgi/0"]])
def test_nothing_is_written_to_a_connection_that_was_lost(before: list[str], behind: list[str]) -> None:
    connected = Connected()
    connected.ask(*before, "/asgi/1", *behind)
    for _ in before:
        connected.loop.tasks[-1].go_on()
        connected.loop.go_on_to(connected.loop.now_s + 1)
    written = connected.transport.written
    connected.protocol.connection_lost(ConnectionResetError())
    connected.loop.tasks[-1].go_on()
    assert connected.transport.written == written


def test_one_timer_watches_all_connections_and_ends_with_the_last() -> None:
    one = Connected()
    other = Connected(others=one)
    one.loop.go_on_to(10)
    assert len(one.loop.timers) == 1
    one.protocol.connection_lost(None)
    assert len(one.loop.timers) == 1
    other.protocol.connection_lost(None)
    assert one.loop.timers == []


def test_an_ended_connection_does_not_count_towards_the_limit() -> None:
    first = Connected(Limits(connections=1))
    second = Connected(others=first)
    third = Connected(others=first)
    assert [each.transport.closed for each in (first, second, third)] == [True, True, False]
    third.transport.close()
    assert Connected(others=first).statuses == []


@pytest.mark.parametrize("busy", ["answer", "head", "unsent"])
def test_a_connection_counts_towards_the_limit_as_long_as_closing_it_would_lose_something(busy: str) -> None:
    first = Connected(Limits(connections=1))
    if busy == "unsent":
        first.transport.unsent_bytes = 5
        first.transport.close()
    else:
        first.receive(b"GET /held HTTP/1.1\r\nHost: a\r\n" + (b"\r\n" if busy == "answer" else b""))
    refused = Connected(others=first)
    assert refused.statuses == [503]
    assert refused.transport.closed

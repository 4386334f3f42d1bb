"""The control API: the journal newest first, answers that were never sent, and what it cannot know."""

import socket
from collections.abc import Mapping
from typing import Any
from urllib.parse import urlsplit

import httpx
import pytest

from emulator.testing import ControlRefused, Emulator
from tests.clients.baanx import Client
from tests.core.toy import Bench
from tests.polling import eventually
from tests.shelf import Shelf, again

PATH = "/v1/order/products/available"


def numbers(emulator: Emulator, query: str = "") -> list[int]:
    answer = httpx.get(f"{emulator.control_url}/sandboxes/{emulator.name}/journal{query}")
    assert answer.status_code == 200, answer.text
    return [entry["number"] for entry in answer.json()["entries"]]


def count(emulator: Emulator, **match: Any) -> tuple[int, bool]:
    found = emulator.call("POST", "journal/count", {"match": match})
    return found["count"], found["complete"]


def ask(emulator: Emulator, headers: Mapping[str, str], *, hang_up: bool) -> bytes:
    """The answer to a request whose client may disconnect at once, or wait for the end."""
    address = urlsplit(emulator.baanx.url)
    access = emulator.baanx.credentials
    lines = {"Host": address.netloc, "X-Client-ID": access["client_id"], "Authorization": f"Bearer {access['token']}"}
    head = "".join(f"{name}: {value}\r\n" for name, value in {**lines, **headers}.items())
    with socket.create_connection((address.hostname or "", address.port or 0), timeout=10) as connection:
        connection.sendall(f"GET {PATH} HTTP/1.1\r\n{head}\r\n".encode())
        if hang_up:
            return b""
        try:
            return connection.recv(65536)
        except ConnectionResetError:
            return b""


# -- what is in it


def test_refused_requests_can_be_told_from_answered_ones(emulator: Emulator, baanx: Client) -> None:
    order = baanx.order_id(baanx.create({"X-Emulator-Scenario": "manual"}))
    baanx.create(productId="none")
    ask(emulator, {"X-Emulator-Fault": "reset"}, hang_up=False)
    emulator.fire(order, "pay")
    assert numbers(emulator, "?outcome=refused") == [2, 3]
    assert numbers(emulator, "?outcome=answered") == [1]
    assert numbers(emulator, "?outcome=refused&order=desc&limit=1") == [3]
    assert numbers(emulator, f"?outcome=refused&order={order}") == []
    with pytest.raises(ControlRefused, match="did you mean 'refused'"):
        emulator.journal(outcome="refusd")


def test_a_search_finds_words_that_are_shown(emulator: Emulator, baanx: Client) -> None:
    order = baanx.order_id(baanx.create({"X-Emulator-Scenario": "manual", "X-Note": "An Umlaut"}))
    baanx.create(productId="none")
    emulator.fire(order, "pay")
    assert numbers(emulator, "?search=product_id_abc") == [1, 2]
    assert numbers(emulator, "?search=NONE+product_id") == [2]
    assert numbers(emulator, "?search=umlaut+product_ID") == [1]
    assert numbers(emulator, f"?search=transition+{order.upper()}") == [3]
    assert numbers(emulator, "?search=user-" + emulator.name) == []
    assert numbers(emulator, "?search=") == [1, 2, 3]


# -- order


def test_the_journal_can_be_read_from_either_end(emulator: Emulator, baanx: Client) -> None:
    order = baanx.order_id(baanx.create({"X-Emulator-Scenario": "manual"}))
    for _ in range(4):
        baanx.read(order)
    assert numbers(emulator) == numbers(emulator, "?order=asc") == [1, 2, 3, 4, 5]
    assert numbers(emulator, "?order=desc") == [5, 4, 3, 2, 1]
    assert numbers(emulator, "?order=desc&limit=2") == [5, 4]
    assert numbers(emulator, "?order=desc&limit=2&before=4") == [3, 2]
    assert numbers(emulator, "?before=3") == [1, 2]
    assert numbers(emulator, "?after=1&before=4") == [2, 3]


def test_direction_and_order_can_be_combined(emulator: Emulator, baanx: Client) -> None:
    first, second = (baanx.order_id(baanx.create({"X-Emulator-Scenario": "manual"})) for _ in range(2))
    baanx.read(second), baanx.read(first)
    assert numbers(emulator, f"?order={first}") == [1, 4]
    assert numbers(emulator, f"?order={first}&order=desc") == numbers(emulator, f"?order=desc&order={first}") == [4, 1]
    assert emulator.journal(order=[second, "desc"], limit=1)[0]["number"] == 3


@pytest.mark.parametrize("query", ["?order=asc&order=desc", "?order=a&order=b", "?order=desc&order=desc"])
def test_conflicting_orders_or_directions_are_refused(emulator: Emulator, query: str) -> None:
    answer = httpx.get(f"{emulator.control_url}/sandboxes/{emulator.name}/journal{query}")
    assert (answer.status_code, answer.json()["error"]) == (400, "bad-request")
    assert "order takes the id of one order, and asc or desc" in answer.json()["message"]


def test_the_parameter_before_must_be_a_whole_number(emulator: Emulator) -> None:
    with pytest.raises(ControlRefused, match="before must be a whole number"):
        emulator.journal(before="x")


# -- answers that never left


@pytest.mark.parametrize("when", ["before", "after"])
def test_an_answer_that_was_reset_has_no_status(emulator: Emulator, when: str) -> None:
    assert ask(emulator, {"X-Emulator-Fault": f"reset; when={when}"}, hang_up=False) == b""
    (entry,) = emulator.journal()
    assert (entry["sent"], entry["status"], entry["path"]) == (False, None, PATH)
    assert "reset" in str(entry["reason"])
    assert count(emulator, status={"minimum": 0}) == (0, True)
    assert count(emulator, kind="request", sent=False) == (1, True)


def test_an_answer_that_never_comes_has_no_status(emulator: Emulator) -> None:
    ask(emulator, {"X-Emulator-Fault": "timeout; when=after"}, hang_up=True)
    assert eventually(lambda: [entry["sent"] for entry in emulator.journal()] == [False])
    assert count(emulator, status=200) == (0, True)


def test_an_answer_that_the_client_did_not_wait_for_has_no_status(emulator: Emulator) -> None:
    ask(emulator, {"X-Emulator-Fault": "latency; fixed=200ms"}, hang_up=True)
    assert eventually(lambda: [entry["sent"] for entry in emulator.journal()] == [False])
    assert count(emulator, status=200) == (0, True)


def test_an_answer_that_was_sent_counts_under_its_status(emulator: Emulator) -> None:
    assert ask(emulator, {}, hang_up=False).startswith(b"HTTP/1.1 200")
    (entry,) = emulator.journal()
    assert (entry["sent"], entry["status"]) == (True, 200)
    assert count(emulator, status=200) == (1, True)


def test_the_story_of_an_order_says_which_answers_were_never_sent(emulator: Emulator, baanx: Client) -> None:
    with pytest.raises(httpx.HTTPError):
        baanx.create({"X-Emulator-Scenario": "manual", "X-Emulator-Fault": "reset; when=after"})
    (order,) = emulator.orders()
    (asked,) = [each for each in emulator.order(order["id"])["story"] if each["kind"] == "request"]
    assert (asked["sent"], asked["status"]) == (False, None)


# -- what it cannot know


def test_a_journal_that_begins_with_a_snapshot_is_not_complete(emulator: Emulator, baanx: Client) -> None:
    baanx.create()
    kept = emulator.call("GET", "snapshot")
    assert count(emulator, kind="request") == (1, True)
    emulator.call("PUT", "snapshot", kept)
    assert count(emulator, kind="request") == (0, False)
    assert emulator.call("GET", "journal") == {"entries": [], "evicted": 0, "complete": False}
    emulator.reset()
    assert count(emulator, kind="request") == (0, True)
    assert emulator.call("GET", "journal")["complete"] is True


def test_a_journal_that_begins_with_a_restart_is_not_complete() -> None:
    shelf = Shelf()
    assert Bench(store=shelf).engine.records.journals["default"].complete
    assert not again(shelf).engine.records.journals["default"].complete

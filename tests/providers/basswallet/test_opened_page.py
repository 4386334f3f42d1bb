"""Who opens the hosted page, and who only asks for its head."""

from collections.abc import Iterator

import httpx
import pytest

from emulator.testing import Emulator
from tests.clients.basswallet import Client

LONG = "20m"


@pytest.fixture
def client(emulator: Emulator) -> Iterator[Client]:
    """A merchant whose orders follow the default life."""
    with Client(emulator) as merchant:
        yield merchant


def _open(client: Client, method: str) -> tuple[str, httpx.Response]:
    order = client.data(client.create())
    return str(order["id"]), httpx.request(method, order["redirectUrl"])


def test_29_an_opened_page_waits_and_an_unopened_order_is_paid_by_itself(emulator: Emulator, client: Client) -> None:
    (opened, _), (asked, _) = _open(client, "GET"), _open(client, "HEAD")
    emulator.advance(LONG)
    assert [emulator.order(each)["status"] for each in (opened, asked)] == ["Pending", "Success"]


def test_29_by_setting_the_default_life_pays_even_if_the_page_was_opened(emulator: Emulator, client: Client) -> None:
    emulator.set("basswallet", page_waits=False)
    opened, _ = _open(client, "GET")
    emulator.advance(LONG)
    assert emulator.order(opened)["status"] == "Success"


def test_30_head_of_the_page_is_answered_like_get_without_a_body(client: Client) -> None:
    (_, got), (_, asked) = _open(client, "GET"), _open(client, "HEAD")
    assert (asked.status_code, asked.content) == (200, b"")
    assert asked.headers["content-type"] == got.headers["content-type"]
    assert asked.headers["cache-control"] == "no-store"


@pytest.mark.parametrize("path", ["/v1/common/tokens", "/v1/account/order/query", "/nothing"])
def test_30_head_of_a_call_is_answered_like_get_without_a_body(client: Client, path: str) -> None:
    order = client.data(client.create())["id"]
    parameters = {"id": order} if path.endswith("query") else {}
    got, asked = (client.request(method, path, parameters) for method in ("GET", "HEAD"))
    assert got.status_code == (404 if path == "/nothing" else 200)
    assert (asked.status_code, asked.content) == (got.status_code, b"")
    assert asked.headers["content-length"] == str(len(got.content))


def test_30_a_head_with_a_bad_signature_is_refused_as_a_get_is(client: Client) -> None:
    answers = [
        client.request(method, "/v1/account/order/query", {"id": "1"}, headers={"Signature": "00"})
        for method in ("GET", "HEAD")
    ]
    assert [answer.status_code for answer in answers] == [answers[0].status_code] * 2
    assert answers[0].status_code >= 400
    assert answers[1].content == b""


def test_30_a_refusal_of_another_method_allows_get_and_head(client: Client) -> None:
    assert client.request("PUT", "/v1/account/order/query").headers["allow"] == "GET, HEAD"

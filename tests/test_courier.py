"""Where webhooks may go: names are checked after resolution, and what is called is the address that was checked."""

import asyncio
import socket
from typing import Any

import pytest

from emulator.connections import ANSWER_BYTES
from emulator.core.delivery import Message, Response
from emulator.courier import Courier
from tests.receivers import Receiver

PUBLIC = "203.0.113.7"


def resolve(courier: Courier, host: str, *addresses: str) -> str | None:
    """The address that the courier would call, if the name resolved to these."""

    async def run() -> str | None:
        async def found(*_: Any, **__: Any) -> list[Any]:
            return [(socket.AF_INET, socket.SOCK_STREAM, 6, "", (address, 80)) for address in addresses]

        loop = asyncio.get_running_loop()
        loop.getaddrinfo = found  # type: ignore[method-assign]
        return await courier._resolve(host, 80)

    return asyncio.run(run())


def send(courier: Courier, url: str) -> Response:
    async def run() -> Response:
        try:
            return await courier.send(Message(url, (("Content-Type", "text/plain"),), b"body"), 2000)
        finally:
            await courier.close()

    return asyncio.run(run())


@pytest.mark.parametrize(
    "address", ["127.0.0.1", "10.1.2.3", "172.16.0.9", "172.31.255.1", "192.168.1.1", "::1", "fd00::1"]
)
def test_loopback_and_private_addresses_may_be_called(address: str) -> None:
    assert resolve(Courier(), "app.test", address) == address
    assert resolve(Courier(), address) == address


@pytest.mark.parametrize(
    "address", [PUBLIC, "8.8.8.8", "172.32.0.1", "169.254.169.254", "0.0.0.0", "2001:db8::1", "::ffff:8.8.8.8"]
)
def test_other_addresses_may_not(address: str) -> None:
    assert resolve(Courier(), "shop.example", address) is None
    assert resolve(Courier(), address) is None


def test_a_name_that_also_resolves_to_a_public_address_is_called_at_its_private_one() -> None:
    assert resolve(Courier(), "both.test", PUBLIC, "10.0.0.1") == "10.0.0.1"


def test_an_allowed_host_may_be_called_wherever_it_is() -> None:
    courier = Courier(["Shop.Example", PUBLIC])
    assert resolve(courier, "shop.example", PUBLIC) == PUBLIC
    assert resolve(courier, PUBLIC) == PUBLIC
    assert resolve(courier, "evil.example", PUBLIC) is None


def test_a_refusal_says_how_to_allow_it_and_calls_nobody() -> None:
    response = send(Courier(), f"http://{PUBLIC}/hook")
    assert response.refused
    assert response.status is None
    assert f"--webhook-allow {PUBLIC}" in str(response.error)


@pytest.mark.parametrize("url", ["ftp://127.0.0.1/x", "http://", "nonsense", "http:///x"])
def test_what_is_no_http_url_is_refused(url: str) -> None:
    assert send(Courier(), url).refused


def test_the_host_header_is_the_name_and_the_connection_goes_to_the_address() -> None:
    with Receiver() as receiver:
        url = receiver.url.replace("127.0.0.1", "localhost")
        assert send(Courier(), url).status == 200
        assert receiver.received[0].headers["host"] == url.split("/")[2]


def test_a_redirect_is_not_followed() -> None:
    with Receiver(302) as receiver:
        assert send(Courier(), receiver.url).status == 302
        assert len(receiver.received) == 1


def test_an_endless_answer_is_not_read_to_its_end() -> None:
    async def chatty(message: Message) -> Response:
        return Response(200, b"x" * (ANSWER_BYTES * 4))

    courier = Courier()
    courier.receivers["chatty.test"] = chatty
    assert len(send(courier, "http://chatty.test/hook").body) == ANSWER_BYTES

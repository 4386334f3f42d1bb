"""Whom a request is for: by port, by host name, or by mount prefix."""

import httpx
import pytest

from emulator import providers
from emulator.testing import BackgroundServer, Emulator
from emulator.web.router import Addresses

PATH = "/v1/order/products/available"


def keys(emulator: Emulator) -> dict[str, str]:
    return {"X-Client-ID": f"client-{emulator.name}", "Authorization": f"Bearer user-{emulator.name}"}


def test_a_provider_answers_the_same_at_its_port_under_its_mount_and_by_its_host_names(
    emulator: Emulator, emulator_server: BackgroundServer
) -> None:
    addresses = emulator_server.server.addresses
    answers = [httpx.get(f"{addresses.urls()['baanx']}{PATH}", headers=keys(emulator), verify=False)]
    answers.append(httpx.get(f"{addresses.front}/baanx{PATH}", headers=keys(emulator), verify=False))
    for host in ("api.baanx.com", "DEV.api.baanx.com:443"):
        for port in (addresses.front_port, addresses.provider_ports["koywe"]):
            headers = {**keys(emulator), "Host": host}
            answers.append(httpx.get(f"http://127.0.0.1:{port}{PATH}", headers=headers, verify=False))
    assert {answer.status_code for answer in answers} == {200}
    assert len({answer.content for answer in answers}) == 1


def test_every_public_host_name_belongs_to_one_provider() -> None:
    hosts = [host for card in providers.load_all().values() for host in card.public_hosts]
    assert len(hosts) == len(set(hosts)) >= len(providers.NAMES)
    assert hosts == [host.lower() for host in hosts]


def test_the_control_api_answers_on_every_port_and_for_every_host(emulator_server: BackgroundServer) -> None:
    addresses = emulator_server.server.addresses
    for url in (addresses.front, *addresses.urls().values()):
        for host in ("127.0.0.1", "api.baanx.com"):
            answer = httpx.get(f"{url}/_emulator/health", headers={"Host": host}, verify=False)
            assert answer.json() == {"status": "ok"}


@pytest.mark.parametrize("path", ["/nothing", "/nobody/v1/order", "/_emulators", "/baanx", "/v1/order"])
@pytest.mark.parametrize("method", ["GET", "POST", "DELETE"])
def test_the_front_door_says_where_to_go(emulator_server: BackgroundServer, path: str, method: str) -> None:
    answer = httpx.request(method, emulator_server.server.addresses.front + path, verify=False)
    assert answer.status_code == 404
    assert answer.json() == {
        "error": "not-found",
        "message": "there is nothing here: use a provider's port, /<provider>/... or /_emulator/...",
    }


def test_the_front_page_names_every_address(emulator_server: BackgroundServer) -> None:
    addresses = emulator_server.server.addresses
    page = httpx.get(addresses.front, verify=False)
    assert page.headers["content-type"] == "text/html; charset=utf-8"
    for url in (*addresses.urls().values(), addresses.control):
        assert url in page.text


@pytest.mark.parametrize(
    ("host", "shown"),
    [
        ("127.0.0.1", "127.0.0.1"),
        ("0.0.0.0", "127.0.0.1"),
        ("::", "127.0.0.1"),
        ("::1", "[::1]"),
        ("example", "example"),
    ],
)
def test_the_addresses_shown_can_be_called(host: str, shown: str) -> None:
    addresses = Addresses(host, 8900, {"baanx": 8901})
    assert addresses.front == f"http://{shown}:8900"
    assert addresses.control == f"http://{shown}:8900/_emulator"
    assert addresses.urls() == {"baanx": f"http://{shown}:8901"}

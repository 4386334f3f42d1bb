"""URLs follow the request: through mapped ports, from neighbours in a network, over IPv6, by raw Host headers."""

import json
from collections.abc import Iterator

import httpx
import pytest

from emulator.providers import NAMES
from emulator.testing import BackgroundServer, Emulator
from emulator.web.application import Options
from tests import raw
from tests.payers import LINK, pay_at
from tests.relay import mapped

PROVIDERS = pytest.mark.parametrize("provider", NAMES)


@pytest.fixture(scope="module")
def front(emulator_server: BackgroundServer) -> Iterator[str]:
    """The front door behind a single mapped port, as with `docker run -p 80:8900`."""
    with mapped([emulator_server.server.addresses.front_port]) as [port]:
        yield f"http://127.0.0.1:{port}"


@pytest.fixture(scope="module")
def block(emulator_server: BackgroundServer) -> Iterator[dict[str, str]]:
    """Each provider's port behind another one, as with `docker run -p 9901-9904:8901-8904`."""
    ports = emulator_server.server.addresses.provider_ports
    with mapped(list(ports.values())) as others:
        yield {name: f"http://127.0.0.1:{port}" for name, port in zip(ports, others, strict=True)}


@pytest.fixture(scope="module")
def over_ipv6() -> Iterator[BackgroundServer]:
    with BackgroundServer(Options(host="::1", port=0, self_check=True)) as server:
        yield server


@PROVIDERS
def test_through_a_single_mapped_port_every_provider_works_under_its_mount(
    front: str, emulator: Emulator, provider: str
) -> None:
    pay_at(emulator, provider, f"{front}/{provider}")


@PROVIDERS
def test_a_provider_s_port_can_be_mapped_to_any_other(block: dict[str, str], emulator: Emulator, provider: str) -> None:
    pay_at(emulator, provider, block[provider])


def test_through_a_mapped_port_base_urls_and_the_console_have_that_port(front: str, emulator: Emulator) -> None:
    told = httpx.get(f"{front}/_emulator/sandboxes/{emulator.name}").json()
    assert told["urls"] == {name: f"{front}/{name}" for name in NAMES}
    console = httpx.get(f"{front}/", params={"sandbox": emulator.name}, follow_redirects=True)
    assert (console.status_code, console.url.netloc) == (200, httpx.URL(front).netloc)
    links = LINK.findall(console.text)
    assert links
    assert {httpx.get(f"{front}{link}").status_code for link in links if "static" in link} == {200}
    document = httpx.get(f"{front}/_emulator/openapi/koywe.json").json()
    assert document["servers"] == [{"url": f"{front}/koywe"}]


@PROVIDERS
def test_over_ipv6_links_have_the_address_in_brackets(over_ipv6: BackgroundServer, provider: str) -> None:
    with over_ipv6.sandbox() as sandbox:
        url = over_ipv6.server.addresses.urls()[provider]
        assert url.startswith("http://[::1]:")
        pay_at(sandbox, provider, url)


@PROVIDERS
def test_over_ipv6_every_provider_works_under_its_mount(over_ipv6: BackgroundServer, provider: str) -> None:
    with over_ipv6.sandbox() as sandbox:
        pay_at(sandbox, provider, f"{over_ipv6.server.addresses.front}/{provider}")
        told = httpx.get(f"{over_ipv6.server.addresses.control}/sandboxes/{sandbox.name}").json()
        assert told["urls"] == over_ipv6.server.addresses.urls()


@pytest.mark.parametrize(
    ("version", "target", "host", "origin"),
    [
        ("1.1", "", "emulator:{port}", "http://emulator:{port}"),
        ("1.1", "", "emulator", "http://emulator"),
        ("1.1", "", "EMULATOR:80", "http://EMULATOR"),
        ("1.1", "", "emulator:", "http://emulator"),
        ("1.1", "", "[2001:db8::1]:8901", "http://[2001:db8::1]:8901"),
        ("1.1", "", "[2001:db8::1]", "http://[2001:db8::1]"),
        ("1.1", "", "api.baanx.com", "http://api.baanx.com"),
        ("1.1", "", "shop@evil.test", "http://127.0.0.1:{port}"),
        ("1.1", "", "evil.test/x?y=", "http://127.0.0.1:{port}"),
        ("1.1", "http://emulator:8900", "emulator:8900", "http://emulator:8900"),
        ("1.0", "", None, "http://127.0.0.1:{port}"),
        ("1.0", "", "", "http://127.0.0.1:{port}"),
    ],
)
def test_a_link_begins_with_the_host_as_the_client_wrote_it(
    emulator: Emulator, version: str, target: str, host: str | None, origin: str
) -> None:
    port = httpx.URL(emulator.baanx.url).port or 0
    keys = emulator.baanx.credentials
    headers = [f"X-Client-ID: {keys['client_id']}", f"Authorization: Bearer {keys['token']}"]
    headers += ["Content-Type: application/json", *([] if host is None else [f"Host: {host.format(port=port)}"])]
    body = json.dumps({"productId": "PRODUCT_ID_ABC", "paymentMethod": "CRYPTO_EXTERNAL_DAIMO"}).encode()
    answer = raw.request(port, "POST", f"{target}/v1/order", *headers, body=body, version=version)
    assert answer.status == 200, answer.body
    page = str(emulator.order(answer.json()["orderId"])["page"])
    assert page.startswith(f"{origin.format(port=port)}/pay/")


@pytest.mark.parametrize("name", ["emulator", "localhost", "host.docker.internal"])
def test_a_neighbouring_container_is_shown_all_ports(emulator_server: BackgroundServer, name: str) -> None:
    addresses = emulator_server.server.addresses
    path = "/_emulator/sandboxes/default"
    answer = raw.request(addresses.front_port, "GET", path, f"Host: {name}:{addresses.front_port}")
    wanted = {each: f"http://{name}:{port}" for each, port in addresses.provider_ports.items()}
    assert answer.json()["urls"] == wanted
    mapped_to_80 = raw.request(addresses.front_port, "GET", path, f"Host: {name}")
    assert mapped_to_80.json()["urls"] == {each: f"http://{name}/{each}" for each in NAMES}

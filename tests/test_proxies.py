"""Real proxies in front: signatures, links and pages are right, with the recipes of docs/proxies.md and with whatever
else a proxy may say about the client's URL.
"""

import itertools
from collections.abc import Callable, Iterator, Mapping
from contextlib import AbstractContextManager
from pathlib import Path
from typing import NamedTuple

import httpx
import pytest

from emulator.contract.client_side import ProviderAccess
from emulator.providers import NAMES, load_all
from emulator.testing import Emulator
from emulator.testing.background import BackgroundServer
from emulator.web.application import Options
from tests.certificates import Authority
from tests.clients import changelly
from tests.payers import LINK, pay_at
from tests.polling import eventually
from tests.proxies import caddy, free_ports, nginx
from tests.test_docs import ROOT, blocks

OWN_NAMES = ("api.baanx.com", "api.basswallet.com", "fiat-api.changelly.com", "api.koywe.com")
PREFIX = "/emulator"
SAID = {
    "host and scheme": "Host $http_host; X-Forwarded-Proto $scheme",
    "host, scheme and port": "Host $host; X-Forwarded-Proto $scheme; X-Forwarded-Port $server_port",
    "forwarded host": "X-Forwarded-Host $http_host; X-Forwarded-Proto $scheme",
    "forwarded host and port": "X-Forwarded-Host $host; X-Forwarded-Port $server_port; X-Forwarded-Proto $scheme",
    "Forwarded": 'Forwarded "for=192.0.2.1;host=\\"$http_host\\";proto=$scheme"',
    "Forwarded before all others": 'Forwarded "host=\\"$http_host\\";proto=$scheme"; X-Forwarded-Host no.example; '
    "X-Forwarded-Proto gopher; X-Forwarded-Port 7",
    "a list of proxies": 'X-Forwarded-Host "$http_host, inner.example"; X-Forwarded-Proto "$scheme, http"',
}
"""What a proxy says about the client's URL, as headers that nginx sets. Without `Host` it sends its own name for the
emulator.
"""


class Way(NamedTuple):
    """A way to the emulator."""

    said: str
    scheme: str
    prefix: str


WAYS = [Way(*each) for each in itertools.product(SAID, ("http", "https"), ("", PREFIX))]
NAMING = [way for way in WAYS if not way.prefix and "port" not in way.said]
"""Without those by which the proxy says that the client used the port that it listens at."""


def headers(said: str) -> str:
    """The same as nginx is told it."""
    return "\n".join(f"proxy_set_header {each.strip()};" for each in SAID[said].split("; "))


def server_block(way: Way, port: int, certificate: Path, upstream: int) -> str:
    """An nginx server with the headers of a way."""
    secure = f"ssl_certificate {certificate}; ssl_certificate_key {certificate};" if way.scheme == "https" else ""
    cut = f"proxy_set_header X-Forwarded-Prefix {way.prefix};" if way.prefix else ""
    return f"""
    server {{
        listen 127.0.0.1:{port} {"ssl" if secure else ""};
        {secure}
        location {way.prefix}/ {{
            proxy_pass http://127.0.0.1:{upstream}/;
            {headers(way.said)}
            {cut}
        }}
    }}"""


@pytest.fixture(scope="module")
def emulator_server() -> Iterator[BackgroundServer]:
    """An emulator that trusts its proxies."""
    with BackgroundServer(Options(port=0, trust_proxy=True, allowed_host=("pay.example",), self_check=True)) as server:
        yield server


@pytest.fixture
def emulator(emulator_server: BackgroundServer) -> Iterator[Emulator]:
    with emulator_server.sandbox() as sandbox:
        yield sandbox


@pytest.fixture(scope="module")
def certificate(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Certificate and key of a proxy, in one file."""
    folder = tmp_path_factory.mktemp("certificate")
    Authority(folder).serve_as("pay.example", "127.0.0.1", *hosts())
    return folder / "server-pay.example.pem"


@pytest.fixture(scope="module")
def ways(
    emulator_server: BackgroundServer, certificate: Path, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[dict[Way, str]]:
    """The URL of each way's proxy, in front of the front door."""
    ports = dict(zip(WAYS, free_ports(len(WAYS)), strict=True))
    upstream = emulator_server.server.addresses.front_port
    servers = "".join(server_block(way, port, certificate, upstream) for way, port in ports.items())
    with nginx(tmp_path_factory.mktemp("nginx"), servers, list(ports.values())):
        yield {way: f"{way.scheme}://127.0.0.1:{port}{way.prefix}" for way, port in ports.items()}


def hosts() -> list[str]:
    return [host for card in load_all().values() for host in card.public_hosts]


@pytest.mark.parametrize("provider", NAMES)
@pytest.mark.parametrize("way", WAYS, ids=lambda way: " ".join(way))
def test_signatures_links_and_pages_are_right_with_every_set_of_proxy_headers(
    ways: dict[Way, str], emulator: Emulator, way: Way, provider: str
) -> None:
    pay_at(emulator, provider, f"{ways[way]}/{provider}")


@pytest.mark.parametrize("way", NAMING, ids=lambda way: " ".join(way))
@pytest.mark.parametrize("port", ["", ":default"])
def test_a_provider_is_found_by_its_host_name_through_a_proxy(
    ways: dict[Way, str], emulator: Emulator, way: Way, port: str
) -> None:
    default = {"": "", ":default": {"http": ":80", "https": ":443"}[way.scheme]}[port]
    emulator._access["changelly"] = ProviderAccess(ways[way], emulator.changelly.credentials)
    with changelly.Client(emulator) as client:
        created = client.request(
            "POST", "/v1/orders", changelly.BUY, headers={"Host": f"fiat-api.changelly.com{default}"},
            signed_base=f"{way.scheme}://fiat-api.changelly.com",
        )  # fmt: skip
    assert created.status_code == 201, created.text
    assert created.json()["redirectUrl"].startswith(f"{way.scheme}://fiat-api.changelly.com/")


@pytest.mark.parametrize("way", WAYS, ids=lambda way: " ".join(way))
def test_base_urls_and_the_console_have_the_proxy_s_address(ways: dict[Way, str], emulator: Emulator, way: Way) -> None:
    base = ways[way]
    told = httpx.get(f"{base}/_emulator/sandboxes/{emulator.name}", verify=False).json()
    assert told["urls"] == {provider: f"{base}/{provider}" for provider in NAMES}
    console = httpx.get(f"{base}/", verify=False, follow_redirects=True)
    assert console.status_code == 200
    below = httpx.URL(base).path.rstrip("/")
    assert [link for link in LINK.findall(console.text) if not link.startswith(f"{below}/")] == []


# -- the recipes


def recipe(language: str, changes: Mapping[str, str]) -> str:
    """The one block of docs/proxies.md in a language, with what must be otherwise here."""
    [text] = [block.text for block in blocks(ROOT / "docs" / "proxies.md") if block.language == language]
    for shown, real in changes.items():
        assert shown in text
        text = text.replace(shown, real)
    return text


def by_nginx(folder: Path, upstream: int, port: int, certificate: Path) -> AbstractContextManager[None]:
    changes = {
        "127.0.0.1:8900": f"127.0.0.1:{upstream}",
        "listen 443": f"listen 127.0.0.1:{port}",
        "/etc/nginx/pay.example.pem": str(certificate),
        "/etc/nginx/pay.example.key": str(certificate),
    }
    return nginx(folder, recipe("nginx", changes), [port])


def by_caddy(folder: Path, upstream: int, port: int, certificate: Path) -> AbstractContextManager[None]:
    names = {name: f"{name}:{port}" for name in OWN_NAMES}
    changes = {"127.0.0.1:8900": f"127.0.0.1:{upstream}", "pay.example": f"127.0.0.1:{port}", **names}
    return caddy(folder, recipe("caddyfile", changes), [port])


Proxy = Callable[[Path, int, int, Path], AbstractContextManager[None]]


@pytest.fixture(scope="module", params=[by_nginx, by_caddy], ids=["nginx", "caddy"])
def front(
    request: pytest.FixtureRequest,
    emulator_server: BackgroundServer,
    certificate: Path,
    tmp_path_factory: pytest.TempPathFactory,
) -> Iterator[str]:
    """The URL of a proxy that follows a recipe."""
    [port], start = free_ports(1), request.param
    with start(tmp_path_factory.mktemp("proxy"), emulator_server.server.addresses.front_port, port, certificate):
        url = f"https://127.0.0.1:{port}"
        eventually(lambda: all(is_known(url, name) for name in ("127.0.0.1", *OWN_NAMES)))
        yield url


def is_known(url: str, name: str) -> bool:
    """Whether a proxy has a certificate for a name; Caddy makes its own after it has begun to listen."""
    try:
        ask(url, name)
    except httpx.ConnectError:
        return False
    return True


def ask(url: str, host: str, port: str = "") -> httpx.Response:
    """The answer where nothing is, asked for by a host name."""
    with httpx.Client(verify=False, headers={"Host": host + port}) as client:
        return client.send(client.build_request("GET", f"{url}/nothing/here", extensions={"sni_hostname": host}))


@pytest.mark.parametrize("prefix", ["", PREFIX])
@pytest.mark.parametrize("provider", NAMES)
def test_the_recipe_works_for_every_provider(front: str, emulator: Emulator, provider: str, prefix: str) -> None:
    pay_at(emulator, provider, f"{front}{prefix}/{provider}")


@pytest.mark.parametrize("prefix", ["", PREFIX])
def test_a_path_passes_the_proxy_unchanged(front: str, emulator: Emulator, prefix: str) -> None:
    emulator._access["changelly"] = ProviderAccess(f"{front}{prefix}/changelly", emulator.changelly.credentials)
    with changelly.Client(emulator) as client:
        answer = client.request("GET", "/v1/orders", params={"orderId": "a/b+c d", "externalUserId": "ñ%"})
        assert answer.status_code == 200, answer.text
        answer = client.patch("a%2Fb%20c", status="complete")
        assert answer.json()["errorType"] == "validation"
        answer = client.patch("a%2Fb%20c", {"X-Api-Signature": "AAAA"}, status="complete")
        assert answer.json()["errorType"] == "unauthorized"


@pytest.mark.parametrize("host", OWN_NAMES)
@pytest.mark.parametrize("port", ["", ":443"])
def test_the_recipe_routes_every_provider_s_host_name(front: str, host: str, port: str) -> None:
    there = ask(front, host, port)
    assert there.status_code == 404
    assert ask(front, "127.0.0.1").json()["error"] == "not-found"
    assert "not-found" not in there.text


def test_events_pass_the_proxy_as_they_happen(front: str, emulator: Emulator) -> None:
    url = f"{front}/_emulator/sandboxes/{emulator.name}/events"
    with httpx.stream("GET", url, verify=False, timeout=10) as events:
        order = emulator.make_order("baanx")
        assert any(order["id"] in line for line in events.iter_lines())

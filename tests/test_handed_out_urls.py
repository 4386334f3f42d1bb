"""Every URL in an answer follows the address that the client used, unless a setting or a flag says otherwise."""

from collections.abc import Iterator, Mapping
from typing import Any, cast
from urllib.parse import urlsplit

import httpx
import pytest

from emulator.core.forwarded import read_forwarded, read_origin
from emulator.providers.changelly.signature.rsa import sign
from emulator.testing import Emulator
from emulator.testing.background import BackgroundServer
from emulator.web.application import Options
from tests.payers import CLIENTS, WITH_PAGES

PROVIDERS = pytest.mark.parametrize("provider", WITH_PAGES)
FORWARDED = {"X-Forwarded-Proto": "https", "X-Forwarded-Host": "pay.example"}


@pytest.fixture(scope="module")
def trusting() -> Iterator[BackgroundServer]:
    with BackgroundServer(Options(port=0, trust_proxy=True, allowed_host=("pay.example", "other.example"))) as server:
        yield server


@pytest.fixture(scope="module")
def public() -> Iterator[BackgroundServer]:
    with BackgroundServer(Options(port=0, public_url="https://emulator.example/base/")) as server:
        yield server


def page_of(emulator: Emulator, provider: str, headers: Mapping[str, str]) -> str:
    """Where the payer of a new order is sent, if a client created it with these headers."""
    if provider == "changelly":
        emulator.set("changelly", signature_check="off")
    with CLIENTS[provider](emulator) as client:
        answer = client.create(headers).json()
    found = answer.get("data", answer)
    page = str(emulator.order(str(found.get("orderId") or found["id"]))["page"])
    for link in (found.get("redirectUrl"), found.get("paymentUrl")):
        assert link in (None, page)
    return page


@PROVIDERS
@pytest.mark.parametrize("host", ["localhost:8", "LOCALHOST", "[::1]:8904", "shop.test", "api.koywe.com:8900"])
def test_a_link_begins_with_the_host_that_the_client_used(emulator: Emulator, provider: str, host: str) -> None:
    if host.startswith("api.") and provider != "koywe":
        return
    assert page_of(emulator, provider, {"Host": host}).startswith(f"http://{host}/")


@PROVIDERS
@pytest.mark.parametrize("host", ["shop.test:80", "a b", 'x"><b>', "a/b", "x@y"])
def test_a_default_port_is_left_out_and_no_host_is_replaced(emulator: Emulator, provider: str, host: str) -> None:
    page = page_of(emulator, provider, {"Host": host})
    server = urlsplit(emulator[provider].url).netloc
    assert urlsplit(page).netloc == ("shop.test" if host == "shop.test:80" else server)


@PROVIDERS
def test_a_link_stays_as_it_was_when_its_order_was_made(emulator: Emulator, provider: Any) -> None:
    page = page_of(emulator, provider, {"Host": "first.test"})
    [order] = emulator.orders()
    page_of(emulator, provider, {"Host": "second.test"})
    emulator.set(provider, public_base="https://third.test")
    assert emulator.order(order["id"])["page"] == page


@PROVIDERS
def test_links_under_a_mount_include_it(emulator: Emulator, provider: str) -> None:
    front = emulator.control_url.removesuffix("/_emulator")
    emulator._access[provider] = type(emulator[provider])(f"{front}/{provider}", emulator[provider].credentials)
    page = page_of(emulator, provider, {})
    assert page.startswith(f"{front}/{provider}/")
    answer = httpx.get(page)
    assert answer.status_code == 200
    assert f'action="/{provider}/' in answer.text or "action=" not in answer.text


@PROVIDERS
@pytest.mark.parametrize("name", ["public_base", "publicBase", "pay_base_url"])
def test_the_setting_takes_precedence(public: BackgroundServer, provider: Any, name: Any) -> None:
    with public.sandbox() as sandbox:
        _local(sandbox, public)
        sandbox.set(cast(Any, provider), **cast(Any, {name: "https://pay.example/x/"}))
        assert page_of(sandbox, provider, {"Host": "shop.test"}).startswith("https://pay.example/x/")


@PROVIDERS
def test_the_flag_takes_precedence_over_the_request(public: BackgroundServer, provider: str) -> None:
    with public.sandbox() as sandbox:
        _local(sandbox, public)
        page = page_of(sandbox, provider, {"Host": "shop.test", **FORWARDED})
        assert page.startswith(f"https://emulator.example/base/{provider}/")


@PROVIDERS
@pytest.mark.parametrize(
    ("headers", "base"),
    [
        (FORWARDED, "https://pay.example"),
        ({**FORWARDED, "X-Forwarded-Port": "8443"}, "https://pay.example:8443"),
        ({**FORWARDED, "X-Forwarded-Port": "443"}, "https://pay.example"),
        ({**FORWARDED, "X-Forwarded-Prefix": "/emu/"}, "https://pay.example/emu"),
        ({"Forwarded": 'for=1.2.3.4;proto=https;host="pay.example:9"', **FORWARDED}, "https://pay.example:9"),
        ({"X-Forwarded-Proto": "https", "Host": "pay.example"}, "https://pay.example"),
    ],
)
def test_the_url_of_a_trusted_proxy_is_used(
    trusting: BackgroundServer, provider: str, headers: dict[str, str], base: str
) -> None:
    with trusting.sandbox() as sandbox:
        assert page_of(sandbox, provider, headers).startswith(base + "/")


@PROVIDERS
def test_headers_of_an_untrusted_proxy_are_ignored(emulator: Emulator, provider: str) -> None:
    assert "pay.example" not in page_of(emulator, provider, FORWARDED)


def test_changelly_checks_signatures_against_the_same_urls(
    trusting: BackgroundServer, public: BackgroundServer, emulator: Emulator
) -> None:
    emulator.set("changelly", public_base="https://pay.example/x")
    prefixed = {**FORWARDED, "X-Forwarded-Prefix": "/emu"}
    with trusting.sandbox() as behind, public.sandbox() as said:
        _local(said, public)
        for sandbox, headers, base, good in (
            (behind, FORWARDED, "https://pay.example", True),
            (behind, prefixed, "https://pay.example/emu", True),
            (behind, FORWARDED, "https://other.example", False),
            (said, {}, "https://emulator.example/base/changelly", True),
            (emulator, {}, "https://pay.example/x", True),
            (emulator, FORWARDED, "https://pay.example", False),
        ):
            key = str(sandbox.changelly.credentials["private_key"])
            signed = {
                "X-Api-Key": str(sandbox.changelly.credentials["api_key"]),
                "X-Api-Signature": sign(f"{base}/v1/providers{{}}", key),
                **headers,
            }
            answer = httpx.get(f"{sandbox.changelly.url}/v1/providers", headers=signed)
            assert (answer.status_code == 200) is good, (base, answer.text)


@pytest.mark.parametrize(
    "said", [{"X-Forwarded-Host": "api.koywe.com"}, {"Forwarded": 'host="API.koywe.com:443";proto=https'}]
)
def test_a_provider_is_found_by_the_name_that_a_trusted_proxy_passes_on(
    trusting: BackgroundServer, emulator_server: BackgroundServer, said: dict[str, str]
) -> None:
    path = "/api/v1/auth/sign-in"
    for server, status in ((trusting, 200), (emulator_server, 404)):
        keys = {"apiKey": "api-default", "secret": "secret-default"}
        assert httpx.post(server.server.addresses.front + path, json=keys, headers=said).status_code == status


def test_the_setting_of_changelly_is_enough(emulator: Emulator) -> None:
    emulator.set("changelly", trustProxy=True)
    assert page_of(emulator, "changelly", FORWARDED).startswith("https://pay.example/checkout/")


# -- the control API and the front page


def urls(server: BackgroundServer, **headers: str) -> dict[str, str]:
    sent = {name.replace("_", "-"): value for name, value in headers.items()}
    answer = httpx.get(f"{server.server.addresses.control}/sandboxes/default", headers=sent)
    assert answer.status_code == 200, answer.text
    return dict(answer.json()["urls"])


def test_base_urls_have_the_host_that_the_client_used(emulator_server: BackgroundServer) -> None:
    addresses = emulator_server.server.addresses
    assert urls(emulator_server) == addresses.urls()
    port = addresses.front_port
    named = urls(emulator_server, Host=f"localhost:{port}")
    assert named == {name: f"http://localhost:{each}" for name, each in addresses.provider_ports.items()}
    assert urls(emulator_server, Host=f"[::1]:{port}")["koywe"].startswith("http://[::1]:")


def test_through_another_port_every_url_has_the_mount(emulator_server: BackgroundServer) -> None:
    assert urls(emulator_server, Host="localhost:7")["koywe"] == "http://localhost:7/koywe"
    assert urls(emulator_server, Host="localhost")["baanx"] == "http://localhost/baanx"


def test_a_proxy_and_the_flag_apply_to_base_urls_too(trusting: BackgroundServer, public: BackgroundServer) -> None:
    prefix = {"X_Forwarded_Prefix": "/emu", "X_Forwarded_Proto": "https", "X_Forwarded_Host": "pay.example"}
    assert urls(trusting, **prefix)["koywe"] == "https://pay.example/emu/koywe"
    assert urls(public)["koywe"] == "https://emulator.example/base/koywe"
    assert public.server.ready_document()["urls"]["koywe"] == "https://emulator.example/base/koywe"


def test_pages_and_documents_show_the_same_urls(trusting: BackgroundServer) -> None:
    control = trusting.server.addresses.control
    front = httpx.get(control.removesuffix("_emulator"), headers=FORWARDED).text
    assert "https://pay.example/koywe" in front
    assert "https://pay.example/_emulator" in front
    document = httpx.get(f"{control}/openapi/koywe.json", headers=FORWARDED).json()
    assert document["servers"] == [{"url": "https://pay.example/koywe"}]
    own = httpx.get(f"{control}/openapi.json", headers=FORWARDED).json()
    assert own["servers"][0]["url"] == "https://pay.example/_emulator"


@pytest.mark.parametrize("url", ["emulator.example", "ftp://a.test", "https://a.test/?x", "https://a.test/#x"])
def test_an_invalid_public_url_is_refused(url: str) -> None:
    with pytest.raises(ValueError, match="--public-url"):
        Options(public_url=url)


@pytest.mark.parametrize(
    ("headers", "origin", "prefix"),
    [
        ({"forwarded": "proto=https"}, "https://h:1", ""),
        ({"forwarded": 'host="[2001:db8::1]:8"; PROTO=HTTPS'}, "https://[2001:db8::1]:8", ""),
        ({"forwarded": "host=a.test, host=b.test"}, "http://a.test", ""),
        ({"forwarded": ";;=;x"}, "http://h:1", ""),
        ({"x-forwarded-host": "a.test, b.test", "x-forwarded-proto": "https, http"}, "https://a.test", ""),
        ({"x-forwarded-host": "a b", "x-forwarded-proto": "gopher"}, "http://h:1", ""),
        ({"x-forwarded-host": "a.test:9", "x-forwarded-port": "7"}, "http://a.test:9", ""),
        ({"x-forwarded-port": "99999999"}, "http://h:1", ""),
        ({"x-forwarded-prefix": "a/b"}, "http://h:1", "/a/b"),
        ({"x-forwarded-prefix": "/<b>"}, "http://h:1", ""),
        ({"x-forwarded-prefix": "//evil.test"}, "http://h:1", "/evil.test"),
    ],
)
def test_the_headers_of_proxies_are_read(headers: dict[str, str], origin: str, prefix: str) -> None:
    reached = read_forwarded({"host": "h:1", **headers}, "http", "server:2")
    assert (reached.origin, reached.prefix, reached.base) == (origin, prefix, origin + prefix)


def test_a_host_header_is_read() -> None:
    assert read_origin("https", "a.test:443", "s") == "https://a.test"
    assert read_origin("http", "", "s:1") == "http://s:1"


def _local(sandbox: Emulator, server: BackgroundServer) -> None:
    """Lets the clients of a sandbox use the ports of this machine, whatever URLs it shows."""
    for name, port in server.server.addresses.provider_ports.items():
        sandbox._access[name] = type(sandbox[name])(f"http://127.0.0.1:{port}", sandbox[name].credentials)

"""No page of another site may call the emulator's own addresses, nor may anything under a host name that anybody could
have.
"""

from collections.abc import Iterator

import pytest

from emulator import providers
from emulator.testing import BackgroundServer, Emulator
from emulator.web.application import Options, guard_for
from emulator.web.guard import Guard, host_name
from tests.clients.koywe import Client
from tests.command import in_process
from tests.raw import RawAnswer, request

PLACES = ("front", *providers.NAMES)
NAVIGATION = ("Sec-Fetch-Site: cross-site", "Sec-Fetch-Mode: navigate", "Sec-Fetch-Dest: document")
FOREIGN = (
    ("Sec-Fetch-Site: cross-site", "Sec-Fetch-Mode: no-cors", "Sec-Fetch-Dest: empty"),
    ("Sec-Fetch-Site: same-site", "Sec-Fetch-Mode: cors", "Sec-Fetch-Dest: empty"),
    ("Sec-Fetch-Site: Cross-Site",),
    ("Sec-Fetch-Site: cross-site", "Sec-Fetch-Mode: navigate", "Sec-Fetch-Dest: iframe"),
    ("Origin: http://evil.test",),
    ("Origin: null",),
    ("Origin: https://127.0.0.1:{port}",),
    ("Origin: http://127.0.0.1",),
    ("Origin: http://127.0.0.1:{port}.evil.test",),
    ("Origin: http://localhost:{port}",),
    ("Origin: http://127.0.0.1:{port}", "Origin: http://evil.test"),
    ("Origin: http://127.0.0.1:{port}", "Sec-Fetch-Site: same-site"),
)
OWN = (
    (),
    ("Origin: http://127.0.0.1:{port}",),
    ("Origin: http://127.0.0.1:{port}", "Sec-Fetch-Site: same-origin", "Sec-Fetch-Mode: cors", "Sec-Fetch-Dest: empty"),
    ("Sec-Fetch-Site: none", "Sec-Fetch-Mode: navigate", "Sec-Fetch-Dest: document"),
    ("Sec-Fetch-Mode: cors",),
)
PATHS = (
    ("GET", "/_emulator/sandboxes"),
    ("GET", "/_emulator/health"),
    ("GET", "/_emulator/openapi.json"),
    ("GET", "/_emulator/openapi/koywe.json"),
    ("GET", "/_emulator/docs"),
    ("GET", "/_emulator/nothing"),
    ("GET", "/_emulator"),
    ("OPTIONS", "/_emulator/sandboxes"),
    ("POST", "/_emulator/sandboxes/default/reset"),
    ("DELETE", "/_emulator/sandboxes/{sandbox}"),
)
GOOD_HOSTS = (
    "127.0.0.1:{port}",
    "127.0.0.1",
    "10.1.2.3:80",
    "[::1]:{port}",
    "[::1]",
    "[fe80::1]:1",
    "localhost:{port}",
    "LOCALHOST",
    "localhost.",
    "shop.localhost:{port}",
    "emulator",
    "emulator:8900",
    "my_project-emulator-1:8900",
    "host.docker.internal:8900",
    "Host.Containers.Internal",
    "api.baanx.com",
    "DEV.api.baanx.com:443",
    "fiat-api.changelly.com",
)
BAD_HOSTS = (
    "evil.test",
    "evil.test:{port}",
    "127.0.0.1.evil.test",
    "localhost.evil.test:{port}",
    "evil.localhost.test",
    "api.baanx.com.evil.test",
    "host.docker.internal.evil.test",
    "evil.test:{port}:{port}",
    "evil.test@127.0.0.1",
    "evil.test:80@localhost",
    "127.0.0.1, evil.test",
    "[::1].evil.test",
    "[evil.test]",
    "emulator/evil.test",
    "x" * 10_000 + ".test",
)


@pytest.fixture
def ports(emulator_server: BackgroundServer) -> dict[str, int]:
    """All ports of the emulator."""
    return ports_of(emulator_server)


def ports_of(server: BackgroundServer) -> dict[str, int]:
    addresses = server.server.addresses
    return {"front": addresses.front_port, **addresses.provider_ports}


def ask(port: int, method: str, path: str, *headers: str, host: str = "127.0.0.1:{port}") -> RawAnswer:
    """The answer to a request under a name."""
    return request(port, method, path, *(each.format(port=port) for each in (f"Host: {host}", *headers)))


# -- pages of other origins


@pytest.mark.parametrize("place", PLACES)
@pytest.mark.parametrize("headers", FOREIGN, ids=" ".join)
def test_a_page_of_another_origin_is_refused_on_every_port_and_path(
    emulator: Emulator, ports: dict[str, int], place: str, headers: tuple[str, ...]
) -> None:
    here = (("GET", "/"), ("GET", "/nothing")) if place == "front" else ()
    for method, path in (*PATHS, *here):
        answer = ask(ports[place], method, path.format(sandbox=emulator.name), *headers)
        assert (answer.status, answer.error) == (403, "foreign-origin"), path
        assert "from its own pages" in answer.json()["message"]
        assert "access-control-allow-origin" not in answer.headers
    assert emulator.orders() == []


@pytest.mark.parametrize("headers", FOREIGN[:2])
def test_a_page_is_refused_under_the_host_name_of_a_provider_too(
    ports: dict[str, int], headers: tuple[str, ...]
) -> None:
    for port in ports.values():
        answer = ask(port, "GET", "/_emulator/sandboxes", *headers, host="api.baanx.com")
        assert answer.error == "foreign-origin"


def test_a_call_from_another_site_s_page_has_no_effect(emulator: Emulator, ports: dict[str, int]) -> None:
    emulator.set("baanx", use_pending=True)
    reset, origin = f"/_emulator/sandboxes/{emulator.name}/reset", "Origin: http://evil.test"
    assert ask(ports["front"], "POST", reset, origin).status == 403
    body = b'{"name": "theirs", "webhook_url": "http://127.0.0.1:9/"}'
    for kind in ("text/plain", "application/json"):
        headers = ("Host: localhost", origin, f"Content-Type: {kind}")
        assert request(ports["front"], "POST", "/_emulator/sandboxes", *headers, body=body).status == 403
    assert ask(ports["front"], "GET", "/_emulator/sandboxes/theirs").error == "unknown-sandbox"
    assert emulator.call("GET", "settings")["baanx"]["use_pending"] is True
    assert ask(ports["front"], "POST", reset).status == 200
    assert emulator.call("GET", "settings")["baanx"]["use_pending"] is False


@pytest.mark.parametrize("place", PLACES)
@pytest.mark.parametrize("headers", OWN, ids=" ".join)
def test_programs_and_the_emulator_s_own_pages_may_call(
    emulator: Emulator, ports: dict[str, int], place: str, headers: tuple[str, ...]
) -> None:
    assert ask(ports[place], "GET", "/_emulator/sandboxes", *headers).status == 200
    assert ask(ports[place], "POST", f"/_emulator/sandboxes/{emulator.name}/reset", *headers).status == 200


@pytest.mark.parametrize("host", ["localhost", "LocalHost:80", "api.baanx.com:80", "[::1]"])
def test_the_own_origin_is_recognized_in_every_spelling(ports: dict[str, int], host: str) -> None:
    origin = f"Origin: http://{host.lower().removesuffix(':80')}"
    assert ask(ports["front"], "GET", "/_emulator/sandboxes", origin, host=host).status == 200


def test_a_link_on_any_site_may_lead_to_the_pages(ports: dict[str, int]) -> None:
    for port in ports.values():
        assert ask(port, "GET", "/_emulator/docs", *NAVIGATION).status == 200
        assert ask(port, "GET", "/_emulator/sandboxes", *NAVIGATION).error == "foreign-origin"
        assert ask(port, "POST", "/_emulator/docs", *NAVIGATION).error == "foreign-origin"
    assert ask(ports["front"], "GET", "/", *NAVIGATION).status == 200
    assert ask(ports["front"], "GET", "/pay/1", *NAVIGATION).error == "not-found"
    assert ask(ports["front"], "POST", "/", *NAVIGATION).error == "foreign-origin"


# -- names of the host


@pytest.mark.parametrize("place", PLACES)
def test_the_control_api_answers_under_names_that_only_its_user_can_have(ports: dict[str, int], place: str) -> None:
    refused = [host for host in GOOD_HOSTS if ask(ports[place], "GET", "/_emulator/version", host=host).status != 200]
    assert refused == []


@pytest.mark.parametrize("place", PLACES)
def test_the_control_api_does_not_answer_under_names_that_anybody_could_have(
    emulator: Emulator, ports: dict[str, int], place: str
) -> None:
    for host in BAD_HOSTS:
        answer = ask(ports[place], "POST", f"/_emulator/sandboxes/{emulator.name}/reset", host=host)
        assert (answer.status, answer.error) == (403, "unknown-host"), host
        assert "--allowed-host" in answer.json()["message"]
        assert len(answer.body) < 500


def test_pages_are_not_shown_under_names_that_anybody_could_have(ports: dict[str, int]) -> None:
    for path in ("/", "/_emulator/docs", "/nothing"):
        assert ask(ports["front"], "GET", path, *NAVIGATION, host="evil.test").error == "unknown-host"


def test_two_host_headers_are_refused_if_one_is_bad(ports: dict[str, int]) -> None:
    answer = ask(ports["front"], "GET", "/_emulator/version", "Host: evil.test")
    assert answer.status == 400 or answer.error == "unknown-host"


@pytest.mark.parametrize("probe", ["health", "ready"])
def test_probes_are_answered_with_any_host_header_or_none(ports: dict[str, int], probe: str) -> None:
    for port in ports.values():
        for host in ("evil.test", "10.0.0.7:8900", "emulator.shop.svc.cluster.local"):
            assert ask(port, "GET", f"/_emulator/{probe}", host=host).status == 200
        assert request(port, "GET", f"/_emulator/{probe}", version="1.0").status == 200


def test_a_client_that_cannot_send_a_host_header_is_answered(ports: dict[str, int]) -> None:
    for port in ports.values():
        assert request(port, "GET", "/_emulator/sandboxes", version="1.0").status == 200
        assert request(port, "GET", "/_emulator/version", "Origin: http://", version="1.0").error == "foreign-origin"


@pytest.fixture(scope="module")
def named() -> Iterator[BackgroundServer]:
    """An emulator with two allowed host names."""
    with BackgroundServer(Options(port=0, allowed_host=("Emulator.example", "other.example"))) as server:
        yield server


@pytest.mark.parametrize("host", ["emulator.example", "EMULATOR.example:80", "other.example.", "emulator"])
def test_an_allowed_host_name_is_accepted(named: BackgroundServer, host: str) -> None:
    for port in ports_of(named).values():
        assert ask(port, "GET", "/_emulator/sandboxes", host=host).status == 200


@pytest.mark.parametrize("host", ["example", "x.emulator.example", "emulator.example.test"])
def test_an_allowed_host_name_allows_no_other(named: BackgroundServer, host: str) -> None:
    answer = ask(named.server.addresses.front_port, "GET", "/_emulator/sandboxes", host=host)
    assert answer.error == ("unknown-host" if "." in host else "")


@pytest.mark.parametrize("name", ["", "http://emulator.example", "emulator.example:8900", "a b", "emulator.example/"])
def test_only_a_host_name_can_be_allowed(name: str) -> None:
    ended = in_process("--port", "0", "--allowed-host", name)
    assert ended.exit_code == 2
    assert f"--allowed-host {name}: write a host name without scheme and port" in ended.stderr


def test_the_host_name_it_listens_on_is_accepted_and_an_address_adds_none(emulator_server: BackgroundServer) -> None:
    library = emulator_server.server.engine.library
    for listening in ("box.example", "::1", "0.0.0.0"):
        guard = guard_for(Options(host=listening), library)
        for host in ("box.example", "a:b", "evil.test"):
            refusal = guard.refusal("http", "GET", "/_emulator/version", [(b"host", host.encode())])
            assert (refusal is None) == (host == listening)


def test_with_a_token_any_host_name_is_accepted_but_not_any_origin() -> None:
    with BackgroundServer(Options(port=0, control_token="s3cret")) as server:
        for port in ports_of(server).values():
            path, token = "/_emulator/sandboxes", "Authorization: Bearer s3cret"
            assert ask(port, "GET", path, token, host="emulator.example").status == 200
            assert ask(port, "GET", path, host="emulator.example").error == "unauthorized"
            assert ask(port, "GET", path, token, "Origin: http://evil.test").error == "foreign-origin"
        addresses = server.server.addresses
        page = ask(addresses.front_port, "GET", "/", host="emulator.example")
        assert page.status == 401
        assert b"user-default" not in page.body  # no credentials: it asks for the token, and no more


# -- the providers' own


@pytest.mark.parametrize("headers", FOREIGN, ids=" ".join)
def test_providers_answer_pages_of_any_origin_and_under_any_name(
    emulator: Emulator, ports: dict[str, int], headers: tuple[str, ...]
) -> None:
    keys = (f"X-Client-ID: client-{emulator.name}", f"Authorization: Bearer user-{emulator.name}")
    path = "/v1/order/products/available"
    expected = ask(ports["baanx"], "GET", path, *keys)
    assert expected.status == 200
    assert ask(ports["baanx"], "GET", path, *keys, *headers, host="shop.evil.test") == expected
    assert ask(ports["front"], "GET", f"/baanx{path}", *keys, *headers, host="evil.test") == expected


@pytest.mark.parametrize("headers", FOREIGN, ids=" ".join)
def test_payers_may_come_to_a_pay_page_from_anywhere(
    emulator: Emulator, ports: dict[str, int], headers: tuple[str, ...]
) -> None:
    emulator.choose(koywe="interactive")
    with Client(emulator) as merchant:
        order_id = merchant.create().json()["id"]
        sent = (
            *(each.format(port=ports["koywe"]) for each in headers),
            "Content-Type: application/x-www-form-urlencoded",
        )
        for body, status in ((b"outcome=abandon", "PENDING"), (b"outcome=succeed", "PAID")):
            page = request(ports["koywe"], "POST", f"/pay/{order_id}", "Host: pay.evil.test", *sent, body=body)
            assert page.status == 200
            assert merchant.status(order_id) == status


# -- the rules by themselves


@pytest.mark.parametrize(
    ("host", "name"),
    [
        ("Emulator.Example:8900", "emulator.example"),
        ("emulator.example.", "emulator.example"),
        ("[::1]:8900", "::1"),
        ("127.0.0.1", "127.0.0.1"),
        ("", ""),
        (":8900", ""),
        ("a:b", ""),
        ("a:1:2", ""),
        ("::1", ""),
    ],
)
def test_the_name_in_a_host_header_is_read(host: str, name: str) -> None:
    assert host_name(host) == name


def test_an_origin_with_the_other_scheme_is_another_origin() -> None:
    guard = Guard()
    for scheme, other, port in (("http", "https", 80), ("https", "http", 443)):
        for host in ("localhost", f"localhost:{port}", "localhost:8443"):
            sent = [(b"host", host.encode())]
            plain = host.removesuffix(f":{port}").encode()
            own, foreign = (
                (b"origin", b"%b://%b" % (scheme.encode(), plain)),
                (b"origin", b"%b://%b" % (other.encode(), plain)),
            )
            assert guard.refusal(scheme, "GET", "/_emulator/sandboxes", [*sent, own]) is None
            refusal = guard.refusal(scheme, "GET", "/_emulator/sandboxes", [*sent, foreign])
            assert refusal is not None
            assert refusal.error == "foreign-origin"


# -- the token


@pytest.mark.parametrize("scheme", ["Bearer", "bearer", "BEARER", "bEaReR"])
def test_the_scheme_of_the_token_is_read_in_any_case(scheme: str) -> None:
    with BackgroundServer(Options(port=0, control_token="s3cret")) as server:
        port = server.server.addresses.front_port
        for token, status in (("s3cret", 200), (" s3cret", 200), ("S3cret", 401), ("", 401), ("s3cret x", 401)):
            sent = f"Authorization: {scheme} {token}"
            assert ask(port, "GET", "/_emulator/version", sent).status == status, sent
        assert ask(port, "GET", "/_emulator/version", "Authorization: Basic s3cret").status == 401

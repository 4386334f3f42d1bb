"""Where webhooks may go: names are checked after resolution, and the address called is the one checked."""

import asyncio
import socket
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from emulator.contract.delivery import Message, Response
from emulator.engine.connections import ANSWER_BYTES, Connections
from emulator.engine.sender import Sender, trusted
from emulator.testing import BackgroundServer, Emulator
from emulator.web.application import Options
from tests.certificates import Authority
from tests.receivers import Receiver

PUBLIC = "203.0.113.7"
METADATA = [
    "169.254.169.254", "169.254.170.2", "169.254.0.1", "100.100.100.200", "168.63.129.16", "192.0.0.192",
    "fd00:ec2::254", "fd00:ec2::23", "fd20:ce::254", "fd00:42::42", "fd00:a9fe:a9fe::1", "fe80::a9fe:a9fe", "fe80::1%1",
]  # fmt: skip
DISGUISED = [
    "::ffff:169.254.169.254", "::ffff:a9fe:a9fe", "::169.254.169.254", "64:ff9b::169.254.169.254",
    "64:ff9b:1::a9fe:a9fe", "2002:a9fe:a9fe::1", "::ffff:0:a9fe:a9fe", "fd00::5efe:a9fe:a9fe",
    "::ffff:100.100.100.200", "2002:a83f:8110::", "2001:0:a9fe:a9fe::1", "2001:0:1:2:3:4:5601:5601",
]  # fmt: skip


def found(address: str) -> list[Any]:
    """What the system resolves a name with this address to."""
    family = socket.AF_INET6 if ":" in address else socket.AF_INET
    return [(family, socket.SOCK_STREAM, 6, "", (address, 80))]


async def send_from(sender: Sender, url: str, *addresses: str) -> Response:
    """What becomes of a message; names resolve to these addresses, if there are any."""
    if addresses:

        async def resolve(*_: Any, **__: Any) -> list[Any]:
            return [entry for address in addresses for entry in found(address)]

        asyncio.get_running_loop().getaddrinfo = resolve  # type: ignore[method-assign]
    try:
        return await sender.send(Message(url, (("Content-Type", "text/plain"),), b"body"), 5000)
    finally:
        await sender.close()


def send(sender: Sender, url: str, *addresses: str) -> Response:
    return asyncio.run(send_from(sender, url, *addresses))


class Asked(Connections):
    """Calls nobody, but records whom it would have called."""

    async def post(self, message: Message, host: str, address: str, port: int, tls: object) -> Response:
        return Response(200, address.encode())


def asking(allowed: tuple[str, ...] = ()) -> Sender:
    sender = Sender(allowed)
    sender._connections = Asked()
    return sender


def called(url: str, *addresses: str, allowed: tuple[str, ...] = ()) -> str | None:
    """The address that would be called; None if it is refused."""
    response = send(asking(allowed), url, *addresses)
    assert response.refused is (response.status is None), response.error
    return None if response.refused else response.body.decode()


def literal(address: str) -> str:
    return f"http://[{address.partition('%')[0]}]/" if ":" in address else f"http://{address}/"


@pytest.mark.parametrize(
    "address", ["127.0.0.1", "10.1.2.3", "172.16.0.9", "172.31.255.1", "192.168.1.1", "::1", "fd00::1"]
)
def test_loopback_and_private_addresses_may_be_called(address: str) -> None:
    assert called("http://app.test/", address) == address
    assert called(literal(address)) == address


@pytest.mark.parametrize("address", [PUBLIC, "8.8.8.8", "172.32.0.1", "0.0.0.0", "2001:db8::1", "::ffff:8.8.8.8"])
def test_other_addresses_may_not_be_called(address: str) -> None:
    assert called("http://shop.example/", address) is None
    assert called(literal(address)) is None


@pytest.mark.parametrize("address", [*METADATA, *DISGUISED])
def test_a_cloud_s_metadata_address_is_never_called_even_if_it_is_allowed(address: str) -> None:
    assert called("http://metadata.test/", address) is None
    assert called("http://metadata.test/", address, allowed=("metadata.test",)) is None
    assert called(literal(address), allowed=(address.partition("%")[0],)) is None
    response = send(Sender(), "http://metadata.test/", address)
    assert "metadata" in str(response.error)


@pytest.mark.parametrize("host", ["2852039166", "0xA9FEA9FE", "169.16689662", "0251.0376.0251.0376"])
def test_a_number_that_stands_for_such_an_address_is_refused_like_the_address(host: str) -> None:
    assert called(f"http://{host}/") is None


def test_a_name_that_also_resolves_to_a_public_address_is_called_at_its_private_one() -> None:
    assert called("http://both.test/", PUBLIC, "10.0.0.1") == "10.0.0.1"
    assert called("http://both.test/", "169.254.169.254", "10.0.0.1") == "10.0.0.1"


def test_an_allowed_host_may_be_called_wherever_it_is() -> None:
    allowed = ("Shop.Example", PUBLIC)
    assert called("http://shop.example/", PUBLIC, allowed=allowed) == PUBLIC
    assert called(f"http://{PUBLIC}/", allowed=allowed) == PUBLIC
    assert called("http://evil.example/", "8.8.8.8", allowed=allowed) is None


def test_a_refusal_says_how_to_allow_it_and_calls_nobody() -> None:
    response = send(Sender(), f"http://{PUBLIC}/hook")
    assert response.refused
    assert response.status is None
    assert f"--webhook-allow {PUBLIC}" in str(response.error)


@pytest.mark.parametrize(
    "url", ["ftp://127.0.0.1/x", "http://", "nonsense", "http:///x", "http://[::1", "http://a:99999"]
)
def test_anything_but_an_http_url_is_refused(url: str) -> None:
    assert send(Sender(), url).refused


def test_a_backslash_does_not_change_the_host() -> None:
    assert called("http://evil.test\\@127.0.0.1/") is None


def test_the_host_header_is_the_name_and_the_connection_goes_to_the_address() -> None:
    with Receiver() as receiver:
        assert send(Sender(), f"HTTP://Shop.test:{receiver.port}/hook", "127.0.0.1").status == 200
        assert receiver.received[0].headers["host"] == f"shop.test:{receiver.port}"


def test_a_redirect_is_not_followed() -> None:
    with Receiver(302) as receiver:
        assert send(Sender(), receiver.url).status == 302
        assert len(receiver.received) == 1


def test_an_endless_answer_is_not_read_to_its_end() -> None:
    async def chatty(message: Message) -> Response:
        return Response(200, b"x" * (ANSWER_BYTES * 4))

    sender = Sender()
    sender.receivers["chatty.test"] = chatty
    assert len(send(sender, "http://chatty.test/hook").body) == ANSWER_BYTES


@pytest.mark.parametrize("variable", ["HTTP_PROXY", "HTTPS_PROXY", "ALL_PROXY"])
def test_no_proxy_and_no_password_from_the_environment_is_used(
    variable: str, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    (tmp_path / "netrc").write_text(
        "machine 127.0.0.1 login me password s3cret\nmachine app.test login me password x\n"
    )
    monkeypatch.setenv("NETRC", str(tmp_path / "netrc"))
    monkeypatch.setenv(variable, "http://127.0.0.1:9")
    monkeypatch.setenv(variable.lower(), "socks5://127.0.0.1:9")
    monkeypatch.delenv("NO_PROXY", raising=False)
    sender = Sender()
    tls = Authority(tmp_path).serve_as("127.0.0.1")
    with Receiver() as plain, Receiver(tls=tls) as secured:
        for url in (plain.url, secured.url):
            assert send(sender, url).status == 200
        assert [each.headers.get("authorization") for each in plain.received + secured.received] == [None, None]


# -- the emulator itself


@pytest.fixture
def server() -> Iterator[BackgroundServer]:
    with BackgroundServer(Options(port=0)) as running:
        yield running


def sent(server: BackgroundServer, url: str) -> Any:
    """The webhook of an order, once it was tried to send it to this URL."""
    from tests.clients.basswallet import Client

    with server.sandbox(webhook_url=url) as sandbox, Client(sandbox) as client:
        client.create({"X-Emulator-Scenario": "manual"})
        sandbox.fire(sandbox.orders()[0]["id"], "expire")
        sandbox.advance("1s")
        (webhook,) = sandbox.webhooks()
        return webhook


@pytest.mark.parametrize(
    "host",
    ["127.0.0.1", "127.1.2.3", "localhost", "LOCALHOST", "[::1]", "[::ffff:127.0.0.1]", "[::ffff:7f00:1]", "0.0.0.0",
     "[::]", "127.1", "2130706433", "user:word@127.0.0.1"],
)  # fmt: skip
def test_no_webhook_goes_to_the_emulator_itself_whatever_name_is_used(server: BackgroundServer, host: str) -> None:
    addresses = server.server.addresses
    for port in (addresses.front_port, *addresses.provider_ports.values()):
        webhook = sent(server, f"http://{host}:{port}/_emulator/sandboxes/default/reset")
        assert (webhook["state"], webhook["attempts"][0]["status"]) == ("refused", None), port
        assert "the emulator itself" in webhook["attempts"][0]["error"]


def own_address() -> str:
    """An address of this machine that is not loopback, or else one of loopback that is not the usual one."""
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as probe:
        try:
            probe.connect(("192.0.2.1", 9))  # sends nothing
        except OSError:
            return "127.0.0.2"
        return str(probe.getsockname()[0])


def test_bound_to_all_addresses_the_emulator_recognizes_each_address_of_the_machine() -> None:
    with BackgroundServer(Options(port=0, host="0.0.0.0")) as server:
        url = f"http://{own_address()}:{server.server.addresses.front_port}/_emulator/sandboxes/default/reset"
        webhook = sent(server, url)
        assert webhook["state"] == "refused"
        assert "the emulator itself" in webhook["attempts"][0]["error"]


def test_of_the_emulator_s_own_urls_only_the_built_in_receiver_may_be_called(server: BackgroundServer) -> None:
    front = server.server.addresses.front
    assert sent(server, f"{front}/receiver/default")["state"] != "refused"
    for path in ("/receiver/", "/receiver/../_emulator/sandboxes", "/receiver/a/b", "/Receiver/a", "/receiver/%2e%2e"):
        assert sent(server, front + path)["state"] == "refused", path
    provider = next(iter(server.server.addresses.urls().values()))
    assert sent(server, f"{provider}/receiver/default")["state"] == "refused"


def test_the_same_port_of_another_machine_may_be_called() -> None:
    sender = asking()
    sender.stay_away_from("127.0.0.1", [8900, 8901])
    assert send(sender, "http://10.255.255.254:8900/").body == b"10.255.255.254"
    sender = asking()
    sender.stay_away_from("0.0.0.0", [8900])
    assert send(sender, "http://10.255.255.254:8900/").body == b"10.255.255.254"


# -- receivers with TLS


def test_a_receiver_on_this_machine_needs_no_trusted_certificate(tmp_path: Path) -> None:
    with Receiver(tls=Authority(tmp_path).serve_as("elsewhere.test")) as receiver:
        assert send(Sender(), receiver.url).status == 200
        assert send(Sender(), f"https://app.test:{receiver.port}/hook", "127.0.0.1").status == 200


def test_with_the_flag_it_needs_one_and_a_custom_authority_can_sign_it(tmp_path: Path) -> None:
    authority = Authority(tmp_path)
    tls = authority.serve_as("127.0.0.1", "::1", "app.test")
    with Receiver(tls=tls) as receiver, Receiver(tls=tls, host="::1") as sixth:
        strict = send(Sender(verify_loopback=True), receiver.url)
        assert (strict.status, strict.refused) == (None, False)
        assert "CERTIFICATE_VERIFY_FAILED" in str(strict.error)
        for url in (receiver.url, sixth.url, f"https://app.test:{receiver.port}/hook"):
            addresses = ["127.0.0.1"] if "app.test" in url else []
            assert send(Sender(ca=authority.path, verify_loopback=True), url, *addresses).status == 200, url
        other = send(
            Sender(ca=authority.path, verify_loopback=True), f"https://other.test:{receiver.port}/", "127.0.0.1"
        )
        assert "other.test" in str(other.error)


def test_a_receiver_elsewhere_needs_a_trusted_certificate(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The receiver is on loopback; for this test, another network counts as loopback."""
    monkeypatch.setattr("emulator.engine.sender.is_loopback", lambda address: False)
    authority = Authority(tmp_path)
    with Receiver(tls=authority.serve_as("127.0.0.1")) as receiver:
        assert send(Sender(), receiver.url).status is None
        assert send(Sender(ca=authority.path), receiver.url).status == 200
        assert receiver.received[0].body == b"body"


def test_a_connection_opened_for_one_name_is_not_used_for_another(tmp_path: Path) -> None:
    authority = Authority(tmp_path)

    async def both(port: int) -> list[Response]:
        sender = Sender(ca=authority.path, verify_loopback=True)

        async def resolve(*_: Any, **__: Any) -> list[Any]:
            return found("127.0.0.1")

        asyncio.get_running_loop().getaddrinfo = resolve  # type: ignore[method-assign]
        try:
            urls = (f"https://one.test:{port}/", f"https://two.test:{port}/")
            return [await sender.send(Message(url, (), b""), 5000) for url in urls]
        finally:
            await sender.close()

    with Receiver(tls=authority.serve_as("one.test")) as receiver:
        one, two = asyncio.run(both(receiver.port))
    assert (one.status, two.status) == (200, None)


def test_a_file_without_certificates_is_refused_with_the_name_of_its_flag(tmp_path: Path) -> None:
    broken, absent = tmp_path / "broken.pem", tmp_path / "absent.pem"
    for content in (b"", b"no certificate", b"-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n"):
        broken.write_bytes(content)
        with pytest.raises(ValueError, match="--webhook-ca .*broken.pem: it has no readable certificate"):
            trusted(broken)
    with pytest.raises(ValueError, match=r"--webhook-ca .*absent.pem: No such file"):
        Options(webhook_ca=absent)


def test_webhooks_of_a_real_emulator_go_to_https(emulator: Emulator, tmp_path: Path) -> None:
    from tests.clients.basswallet import Client

    with Receiver(tls=Authority(tmp_path).serve_as("localhost")) as receiver, Client(emulator) as client:
        emulator.set("basswallet", webhook_url=receiver.url)
        client.create({"X-Emulator-Scenario": "manual"})
        emulator.fire(emulator.orders()[0]["id"], "expire")
        emulator.advance("1s")
        assert [each.path for each in receiver.received] == ["/hook"]
        assert emulator.webhooks()[0]["state"] == "delivered"


def test_the_flag_and_the_variable_reach_the_sender(tmp_path: Path) -> None:
    from tests.clients.basswallet import Client
    from tests.command import Serving

    authority = Authority(tmp_path)
    serving = Serving(
        tmp_path / "ready.json", "--port", "0", "--clock", "manual", "--webhook-verify",
        EMULATOR_WEBHOOK_CA=str(authority.path),
    )  # fmt: skip
    try:
        control = serving.ready()["control"]
        tls, foreign = authority.serve_as("127.0.0.1"), Authority(tmp_path, "other").serve_as("127.0.0.1")
        with Receiver(tls=tls) as good, Receiver(tls=foreign) as bad:
            for receiver, state in ((good, "delivered"), (bad, "pending")):
                made = Emulator.create(control, name=f"is-{state}", webhook_url=receiver.url)
                with made as sandbox, Client(sandbox) as client:
                    client.create({"X-Emulator-Scenario": "manual"})
                    sandbox.fire(sandbox.orders()[0]["id"], "expire")
                    sandbox.advance("1s")
                    assert [each["state"] for each in sandbox.webhooks()] == [state]
    finally:
        serving.end()


def test_tests_reach_the_emulator_without_proxies_from_the_environment(
    server: BackgroundServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("ALL_PROXY", "socks5://127.0.0.1:9")
    monkeypatch.setenv("HTTP_PROXY", "http://127.0.0.1:9")
    monkeypatch.delenv("NO_PROXY", raising=False)
    with server.sandbox() as sandbox:
        assert sandbox.webhooks() == []

"""A sandbox's own keys: the API key, the key that checks requests, and the one that checks callbacks. Over HTTP."""

import base64
import json
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from typing import Any

import httpx
import pytest
from cryptography.hazmat.primitives.asymmetric import rsa
from cryptography.hazmat.primitives.asymmetric.padding import PKCS1v15
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.serialization import (
    Encoding,
    NoEncryption,
    PrivateFormat,
    PublicFormat,
    load_pem_public_key,
)

from emulator.testing import BackgroundServer, ControlRefused, Emulator
from emulator.testing.connection import tls
from emulator.testing.types.arguments import Settings
from emulator.web.application import Options
from tests.clients.changelly import Client
from tests.providers.changelly.answers import refused
from tests.receivers import Receiver

API_KEY = "4f" * 32
CALLBACK_KEY = "callback_public_key"
CALLBACK_KEY_BASE64 = "callback_public_key_base64"


@cache
def pair() -> rsa.RSAPrivateKey:
    return rsa.generate_private_key(public_exponent=65537, key_size=2048)


def private_pem() -> str:
    return pair().private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()).decode()


def public_pem(form: PublicFormat) -> str:
    return pair().public_key().public_bytes(Encoding.PEM, form).decode()


def in_base64(text: str) -> str:
    return base64.b64encode(text.encode()).decode()


@pytest.fixture
def neighbour(emulator_server: BackgroundServer) -> Iterator[Emulator]:
    """A second sandbox of the same server, made later."""
    with emulator_server.sandbox() as sandbox:
        yield sandbox


@pytest.fixture
def control(emulator_server: BackgroundServer) -> Iterator[httpx.Client]:
    with httpx.Client(base_url=emulator_server.server.addresses.control, verify=tls()) as client:
        yield client


def credentials(control: httpx.Client, name: str) -> dict[str, Any]:
    found: dict[str, Any] = control.get(f"/sandboxes/{name}").json()["credentials"]["changelly"]
    return found


def ask(emulator: Emulator, api_key: str, private_key: str | None = None) -> httpx.Response:
    """A call with this key."""
    with Client(emulator, api_key=api_key, private_key=private_key) as client:
        return client.request("GET", "/v1/providers")


def test_39_credentials_show_the_callback_key_in_two_forms(control: httpx.Client, tmp_path: Path) -> None:
    created = control.post("/sandboxes", json={"name": "two-forms"}).json()["credentials"]["changelly"]
    for shown in (created, credentials(control, "two-forms")):
        assert shown[CALLBACK_KEY].startswith("-----BEGIN PUBLIC KEY-----\n")
        assert base64.b64decode(shown[CALLBACK_KEY_BASE64]).decode() == shown[CALLBACK_KEY]
    control.delete("/sandboxes/two-forms")
    with BackgroundServer(Options(port=0, ready_file=tmp_path / "ready.json")):
        ready = json.loads((tmp_path / "ready.json").read_text("utf-8"))["credentials"]["changelly"]
    assert base64.b64decode(ready[CALLBACK_KEY_BASE64]).decode() == ready[CALLBACK_KEY] == created[CALLBACK_KEY]


@pytest.mark.parametrize("own", [False, True])
def test_39_the_callback_key_can_be_shown_as_pkcs1(emulator: Emulator, control: httpx.Client, own: bool) -> None:
    if own:
        emulator.set("changelly", callbackPrivateKey=private_pem())
    spki = load_pem_public_key(credentials(control, emulator.name)[CALLBACK_KEY].encode())
    emulator.set("changelly", callbackPublicKeyForm="pkcs1")
    shown = credentials(control, emulator.name)
    assert shown[CALLBACK_KEY].startswith("-----BEGIN RSA PUBLIC KEY-----\n")
    assert base64.b64decode(shown[CALLBACK_KEY_BASE64]).decode() == shown[CALLBACK_KEY]
    assert load_pem_public_key(shown[CALLBACK_KEY].encode()) == spki
    assert (spki == pair().public_key()) is own


@pytest.mark.parametrize("form", ["spki", "pkcs1"])
@pytest.mark.parametrize("own", [False, True])
def test_39_a_callback_verifies_with_what_the_credentials_show(
    emulator: Emulator, client: Client, control: httpx.Client, form: Any, own: bool
) -> None:
    with Receiver() as receiver:
        emulator.set("changelly", callbackUrl=receiver.url, callbackPublicKeyForm=form)
        if own:
            emulator.set("changelly", callbackPrivateKey=in_base64(private_pem()))
        order_id = client.start(providerCode="wert")
        emulator.wait_for_webhooks(1)
    key = load_pem_public_key(base64.b64decode(credentials(control, emulator.name)[CALLBACK_KEY_BASE64]))
    assert isinstance(key, rsa.RSAPublicKey)
    signature = base64.b64decode(receiver.received[0].headers["x-callback-signature"])
    key.verify(signature, f'{{"orderId":"{order_id}"}}'.encode(), PKCS1v15(), SHA256())


@pytest.mark.parametrize("form", [PublicFormat.SubjectPublicKeyInfo, PublicFormat.PKCS1])
@pytest.mark.parametrize("wrap", [str, in_base64], ids=["pem", "base64"])
def test_40_a_sandbox_can_have_its_own_keys(
    emulator: Emulator, control: httpx.Client, client: Client, form: PublicFormat, wrap: Any
) -> None:
    order_id = client.start()
    emulator.set("changelly", apiKey=API_KEY, publicKey=wrap(public_pem(form)))
    with Receiver() as receiver, Client(emulator, api_key=API_KEY, private_key=private_pem()) as owner:
        emulator.set("changelly", callbackUrl=receiver.url)
        assert owner.status(order_id) == "created"
        assert owner.request("GET", "/v1/orders").json()["total"] == 1
        owner.patch(order_id, status="pending")
        emulator.wait_for_webhooks(1)
    assert receiver.received[0].headers["x-callback-api-key"] == API_KEY
    assert refused(client.request("GET", "/v1/providers")) == (401, "unauthorized")
    assert refused(ask(emulator, API_KEY)) == (401, "unauthorized")
    shown = credentials(control, emulator.name)
    assert (shown["api_key"], shown["private_key"], shown["private_key_base64"]) == (API_KEY, None, None)


@pytest.mark.parametrize("wrap", [str, in_base64], ids=["pem", "base64"])
def test_40_the_private_key_is_shown_if_the_public_key_is_that_of_the_test_pair(
    emulator: Emulator, control: httpx.Client, wrap: Any
) -> None:
    before = credentials(control, emulator.name)
    key = load_pem_public_key(before[CALLBACK_KEY].encode())
    pkcs1 = key.public_bytes(Encoding.PEM, PublicFormat.PKCS1).decode()
    emulator.set("changelly", publicKey=wrap(pkcs1))
    assert credentials(control, emulator.name) == before


def test_40_a_key_belongs_to_one_sandbox(emulator: Emulator, neighbour: Emulator, control: httpx.Client) -> None:
    emulator.set("changelly", apiKey=API_KEY)
    taken = f"changelly.apiKey cannot be what was given: the sandbox {emulator.name} has it"
    with pytest.raises(ControlRefused, match=taken) as refusal:
        neighbour.set("changelly", api_key=API_KEY)
    assert refusal.value.status == 400
    answer = control.post("/sandboxes", json={"name": "taker", "settings": {"changelly": {"apiKey": API_KEY}}})
    assert (answer.status_code, answer.json()["message"]) == (400, taken)
    assert control.get("/sandboxes/taker").status_code == 404
    assert ask(emulator, API_KEY).status_code == 200
    emulator.set("changelly", apiKey="another")
    neighbour.set("changelly", apiKey=API_KEY)
    assert ask(neighbour, API_KEY).status_code == 200
    assert ask(emulator, "another").status_code == 200


def test_40_a_key_is_free_once_its_sandbox_is_removed(emulator: Emulator, emulator_server: BackgroundServer) -> None:
    with emulator_server.sandbox(settings={"changelly": {"apiKey": API_KEY}}) as short:
        assert ask(short, API_KEY).status_code == 200
        with pytest.raises(ControlRefused, match="changelly.apiKey"):
            emulator.set("changelly", apiKey=API_KEY)
    emulator.set("changelly", apiKey=API_KEY)
    assert ask(emulator, API_KEY).status_code == 200


def test_40_a_snapshot_brings_no_key_that_another_sandbox_has(
    emulator: Emulator, neighbour: Emulator, control: httpx.Client
) -> None:
    emulator.set("changelly", apiKey=API_KEY)
    snapshot = control.get(f"/sandboxes/{emulator.name}/snapshot").json()

    def restore(sandbox: Emulator) -> httpx.Response:
        return control.put(f"/sandboxes/{sandbox.name}/snapshot", json=snapshot)

    assert restore(emulator).status_code == 200
    assert ask(emulator, API_KEY).status_code == 200
    refusal = restore(neighbour)
    assert refusal.status_code == 400
    assert "changelly.apiKey" in refusal.json()["message"]
    emulator.set("changelly", apiKey=None)
    assert restore(neighbour).status_code == 200
    assert ask(neighbour, API_KEY).status_code == 200


@pytest.mark.parametrize("key", ["key-bob", "other-bob", "", "a b", "é", "x" * 257, 7])
def test_40_impossible_keys_are_refused(emulator: Emulator, key: Any) -> None:
    with pytest.raises(ControlRefused, match="changelly.apiKey cannot be") as refusal:
        emulator.set("changelly", apiKey=key)
    assert refusal.value.status == 400


def test_40_the_second_partner_keeps_its_key(emulator: Emulator, other: Client) -> None:
    emulator.set("changelly", apiKey=API_KEY)
    assert other.request("GET", "/v1/providers").status_code == 200
    with pytest.raises(ControlRefused, match="changelly.apiKey"):
        emulator.set("changelly", apiKey=other.api_key)


def test_40_a_reset_restores_the_keys_the_sandbox_was_created_with(
    emulator_server: BackgroundServer, emulator: Emulator
) -> None:
    made: Settings = {"changelly": {"apiKey": API_KEY, "publicKey": public_pem(PublicFormat.PKCS1)}}
    with emulator_server.sandbox(settings=made) as sandbox:
        sandbox.set("changelly", apiKey="later", publicKey=public_pem(PublicFormat.SubjectPublicKeyInfo))
        assert ask(sandbox, "later", private_pem()).status_code == 200
        with pytest.raises(ControlRefused, match="changelly.apiKey"):
            emulator.set("changelly", apiKey=API_KEY)
        sandbox.reset()
        assert ask(sandbox, API_KEY, private_pem()).status_code == 200
        assert refused(ask(sandbox, "later", private_pem())) == (401, "unauthorized")


def test_40_a_key_in_the_server_s_settings_is_that_of_the_default_sandbox() -> None:
    settings = {"changelly": {"api_key": API_KEY, "public_key": public_pem(PublicFormat.PKCS1)}}
    with BackgroundServer(Options(port=0, settings=settings, sandboxes="auto")) as server:
        control = server.server.addresses.control
        with httpx.Client(base_url=control, verify=tls()) as asked:
            assert credentials(asked, "default")["api_key"] == API_KEY
            with server.sandbox(name="bob") as bob:
                assert bob.changelly.credentials["api_key"] == "key-bob"
                assert bob.changelly.credentials["private_key"] is None
                assert ask(bob, "key-bob", private_pem()).status_code == 200
                assert ask(bob, "key-new", private_pem()).status_code == 200
                assert ask(bob, API_KEY, private_pem()).status_code == 200
            entries = asked.get("/sandboxes/default/journal").json()["entries"]
    assert [entry["endpoint"] for entry in entries if entry.get("endpoint")] == ["list-providers"]

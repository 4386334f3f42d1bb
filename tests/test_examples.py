"""The examples in other languages work against a live server, as they stand."""

import shutil
import socket
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from emulator.testing import BackgroundServer, Emulator
from emulator.web.server import write_ready_file
from tests.clients import basswallet, changelly, koywe
from tests.receivers import Received, Receiver

EXAMPLES = Path(__file__).parent.parent / "examples"
TOOLS = {".mjs": ("node",), ".java": ("java",), ".sh": ("bash", "curl", "openssl")}
QUICKLY = {".java": ("-XX:TieredStopAtLevel=1", "-XX:+UseSerialGC")}
FINAL_STATUS = {"baanx": "COMPLETED", "basswallet": "Success", "changelly": "complete", "koywe": "COMPLETED"}
FIRST_STATUS = {"baanx": "STARTED", "basswallet": "Pending", "changelly": "created", "koywe": "PENDING"}
CLIENTS = sorted(path.name for path in EXAMPLES.iterdir() if path.stem.lower() in FINAL_STATUS)
SIGNATURES = {"basswallet": "signature", "changelly": "x-callback-signature", "koywe": "koywe-signature"}
"""Providers that send webhooks, and the header in which the signature is."""
_LIMIT_S = 60


def command(example: str) -> list[str]:
    """How an example is started; skips the test if a tool that it needs is not on this machine."""
    path = EXAMPLES / example
    tools = TOOLS[path.suffix]
    for tool in tools:
        if shutil.which(tool) is None:
            pytest.skip(f"{tool} is not installed")
    return [tools[0], *QUICKLY.get(path.suffix, ()), str(path)]


@pytest.fixture
def ready_file(emulator: Emulator, tmp_path: Path) -> Path:
    """What `emulator --ready-file` would write if this sandbox were the default one."""
    document = emulator.call("GET", "")
    path = tmp_path / "ready.json"
    write_ready_file(
        path, {"control": emulator.control_url, "urls": document["urls"], "credentials": document["credentials"]}
    )
    return path


def test_the_ready_file_of_these_tests_has_the_form_of_a_real_one(
    emulator_server: BackgroundServer, emulator: Emulator
) -> None:
    real = emulator_server.server.ready_document()
    document = emulator.call("GET", "")
    assert list(real) == ["control", "urls", "credentials"]
    assert (real["control"], real["urls"]) == (emulator.control_url, document["urls"])
    assert list(real["credentials"]) == list(document["credentials"])


def test_each_provider_has_a_client_in_node_and_one_in_shell() -> None:
    assert {f"{provider}{suffix}" for provider in FINAL_STATUS for suffix in (".mjs", ".sh")} <= set(CLIENTS)


@pytest.mark.parametrize("example", CLIENTS)
def test_a_client_creates_an_order_and_sees_it_paid(emulator: Emulator, ready_file: Path, example: str) -> None:
    provider = Path(example).stem.lower()
    run = subprocess.run([*command(example), str(ready_file)], capture_output=True, text=True, timeout=_LIMIT_S)
    assert (run.returncode, run.stderr) == (0, ""), run.stdout
    [order] = emulator.orders()
    assert (order["provider"], order["status"]) == (provider, FINAL_STATUS[provider])
    steps = [line.split()[0] for line in run.stdout.splitlines() if not line.startswith(("page", "signed"))]
    assert steps == ["created", "read", "advanced", "read"]
    assert order["id"] in run.stdout
    assert f"read       {FIRST_STATUS[provider]}\n" in run.stdout
    assert f"read       {FINAL_STATUS[provider]}" in run.stdout.splitlines()[-1]


@pytest.mark.parametrize("example", CLIENTS)
def test_a_client_says_so_when_the_order_is_not_paid(emulator: Emulator, ready_file: Path, example: str) -> None:
    provider = Path(example).stem.lower()
    emulator.choose(**{provider: "manual"})
    run = subprocess.run([*command(example), str(ready_file)], capture_output=True, text=True, timeout=_LIMIT_S)
    assert run.returncode != 0
    assert FINAL_STATUS[provider] in run.stderr
    assert FIRST_STATUS[provider] in run.stderr


# -- Webhooks


@contextmanager
def receiving(ready_file: Path) -> Iterator[list[str]]:
    """Runs the receiver; its lines are in the list afterwards."""
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    lines: list[str] = []
    started = [*command("receive-webhooks.mjs"), str(ready_file), str(port)]
    with subprocess.Popen(started, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True) as process:
        try:
            assert process.stdout is not None
            lines.append(process.stdout.readline().rstrip())
            assert lines == [f"listening  http://127.0.0.1:{port}"]
            yield lines
        finally:
            process.terminate()
            lines += process.communicate(timeout=_LIMIT_S)[0].splitlines()


def test_the_receiver_is_told_that_each_client_s_order_is_paid(emulator: Emulator, ready_file: Path) -> None:
    with receiving(ready_file) as lines:
        for provider in SIGNATURES:
            run = [*command(f"{provider}.mjs"), str(ready_file)]
            subprocess.run(run, check=True, capture_output=True, timeout=_LIMIT_S)
    for order in emulator.orders():
        assert f"{order['provider']:<10} {order['id']} {FINAL_STATUS[order['provider']]}" in lines
    assert all(webhook["state"] == "delivered" for webhook in emulator.webhooks())
    assert len(lines) == 1 + len(emulator.webhooks())


def test_the_receiver_rejects_a_wrong_signature(emulator: Emulator, ready_file: Path) -> None:
    with receiving(ready_file) as lines:
        emulator.inject("bad-signature")
        for provider in SIGNATURES:
            run = [*command(f"{provider}.mjs"), str(ready_file)]
            subprocess.run(run, check=True, capture_output=True, timeout=_LIMIT_S)
    wrong = [line for line in lines if line.endswith("has a wrong signature")]
    assert {line.split()[0] for line in wrong} == set(SIGNATURES)
    assert len(wrong) == len(emulator.webhooks())
    assert all(webhook["attempts"][0]["status"] == 401 for webhook in emulator.webhooks())


def receive_one(emulator: Emulator, provider: str) -> Received:
    """The first webhook of a new order."""
    with Receiver(200) as receiver:
        match provider:
            case "basswallet":
                emulator.set(provider, webhook_url=receiver.url)
                with basswallet.Client(emulator) as merchant:
                    merchant.create(businessId="Order1")
            case "changelly":
                emulator.set(provider, callbackUrl=receiver.url)
                with changelly.Client(emulator) as partner:
                    partner.create()
            case _:
                with koywe.Client(emulator) as backend:
                    endpoint = {"url": receiver.url, "secret": "whsec_koywe_test"}
                    backend.request("POST", f"{backend.organization}/webhooks", endpoint)
                    backend.create(externalId="factura-ñ-1")
        emulator.advance("10m")
        return receiver.wait(1)[0]


def verify(ready_file: Path, provider: str, signature: str, body: bytes) -> subprocess.CompletedProcess[bytes]:
    """Runs the example that verifies with openssl."""
    run = [*command("verify-webhook.sh"), str(ready_file), provider, signature]
    return subprocess.run(run, input=body, capture_output=True, timeout=_LIMIT_S)


@pytest.mark.parametrize("provider", SIGNATURES)
def test_openssl_verifies_a_webhook(emulator: Emulator, ready_file: Path, provider: str) -> None:
    received = receive_one(emulator, provider)
    signature = received.headers[SIGNATURES[provider]]
    good = verify(ready_file, provider, signature, received.body)
    assert (good.returncode, good.stderr) == (0, b"")
    order_id = str(emulator.orders()[0]["id"]).encode()
    other = order_id[:-1] + (b"0" if order_id[-1:] != b"0" else b"1")
    changed = received.body.replace(order_id, other)
    for name, sent, body in [
        (provider, signature, changed),
        (provider, signature[::-1], received.body),
        ("baanx", "", b""),
    ]:
        wrong = verify(ready_file, name, sent, body)
        assert wrong.returncode == 1
        assert b"is wrong" in wrong.stderr

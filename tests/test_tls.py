"""HTTPS on one more port, with a certificate of the emulator's own authority, as real clients see it."""

import json
import os
import shutil
import ssl
import stat
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import httpx
import pytest

from emulator.files.authority import CERTIFICATE, KEY, PASSWORD, open_authority
from emulator.providers import load_all
from emulator.testing import Emulator
from tests.clients.changelly import BUY, sign
from tests.command import Serving, emulator, in_process

BAANX = {"X-Client-ID": "client-default", "Authorization": "Bearer user-default"}
ORDER = {"productId": "PRODUCT_ID_ABC", "paymentMethod": "CRYPTO_EXTERNAL_DAIMO"}
JAVA = """
import java.net.URI; import java.net.http.*;
class Ask { public static void main(String[] a) throws Exception {
  var r = HttpClient.newHttpClient().send(HttpRequest.newBuilder(URI.create(a[0])).build(),
    HttpResponse.BodyHandlers.ofString());
  System.out.println(r.body()); } }
"""


@contextmanager
def serving(folder: Path, *arguments: str) -> Iterator[dict[str, Any]]:
    """What the ready file of an emulator says that serves HTTPS on a free port."""
    started = Serving(
        folder / "ready.json",
        "--port",
        "0",
        "--tls",
        "--tls-port",
        "0",
        "--tls-ca-folder",
        str(folder / "ca"),
        *arguments,
    )
    try:
        yield started.ready()
    finally:
        code, _, errors = started.end()
        assert code == 0, errors


@pytest.fixture(scope="module")
def ready(tmp_path_factory: pytest.TempPathFactory) -> Iterator[dict[str, Any]]:
    """An emulator that serves HTTPS, too."""
    with serving(tmp_path_factory.mktemp("tls"), "--tls-name", "emulator.example") as document:
        yield document


@pytest.fixture
def client(ready: dict[str, Any]) -> Iterator[httpx.Client]:
    """A client that trusts its authority and nobody else."""
    trusted = ssl.create_default_context(cadata=ready["tls"]["ca_pem"])
    with httpx.Client(base_url=ready["tls"]["url"], verify=trusted) as client:
        yield client


def test_the_ready_file_has_the_https_urls_and_the_authority(ready: dict[str, Any], client: httpx.Client) -> None:
    assert list(ready["tls"]) == ["url", "ca", "ca_pem"]
    assert Path(ready["tls"]["ca"]).read_text() == ready["tls"]["ca_pem"]
    answer = client.get("/_emulator/ca.pem")
    assert (answer.text, answer.headers["content-type"]) == (ready["tls"]["ca_pem"], "application/x-pem-file")
    assert httpx.get(f"{ready['control']}/ca.pem").text == answer.text


def test_a_client_that_does_not_trust_the_authority_cannot_connect(ready: dict[str, Any]) -> None:
    with pytest.raises(httpx.ConnectError, match="CERTIFICATE_VERIFY_FAILED"):
        httpx.get(ready["tls"]["url"])


def hosts() -> list[str]:
    return [host for card in load_all().values() for host in card.public_hosts]


@pytest.mark.parametrize("name", ["localhost", "127.0.0.1", "emulator.example", *hosts()])
def test_the_certificate_is_valid_for_every_name_of_the_emulator(ready: dict[str, Any], name: str) -> None:
    trusted = ssl.create_default_context(cadata=ready["tls"]["ca_pem"])
    port = int(ready["tls"]["url"].rpartition(":")[2])
    with httpx.Client(verify=trusted) as client:
        answer = client.get(
            f"https://127.0.0.1:{port}/_emulator/health", headers={"Host": name}, extensions={"sni_hostname": name}
        )
    assert answer.json() == {"status": "ok"}


def test_a_provider_answers_by_its_own_name_and_by_mount(client: httpx.Client) -> None:
    by_mount = client.post("/baanx/v1/order", json=ORDER, headers=BAANX)
    by_name = client.post(
        "/v1/order",
        json=ORDER,
        headers={**BAANX, "Host": "api.baanx.com"},
        extensions={"sni_hostname": "api.baanx.com"},
    )
    assert (by_mount.status_code, by_name.status_code) == (200, 200)


def test_signatures_over_urls_and_links_use_https(ready: dict[str, Any], client: httpx.Client) -> None:
    access = ready["credentials"]["changelly"]
    url, body = f"{ready['tls']['url']}/changelly/v1/orders", json.dumps(BUY).encode()
    headers = {"X-Api-Key": access["api_key"], "X-Api-Signature": sign(url.encode() + body, access["private_key"])}
    answer = client.post(url, content=body, headers={**headers, "Content-Type": "application/json"})
    assert answer.status_code == 201, answer.text
    assert answer.json()["redirectUrl"].startswith(f"{ready['tls']['url']}/changelly/")


def test_only_the_emulator_s_own_pages_may_post_over_https(client: httpx.Client, ready: dict[str, Any]) -> None:
    url = "/_emulator/sandboxes/default/reset"
    assert client.post(url, headers={"Origin": ready["tls"]["url"]}).status_code == 200
    http = ready["tls"]["url"].replace("https", "http")
    assert client.post(url, headers={"Origin": http}).json()["error"] == "foreign-origin"


def run(*command: str, **variables: str) -> str:
    return subprocess.run(
        command, env=os.environ | variables, capture_output=True, text=True, timeout=60, check=True
    ).stdout


def test_curl_and_node_can_connect(ready: dict[str, Any]) -> None:
    url, ca = f"{ready['tls']['url']}/_emulator/health", ready["tls"]["ca"]
    assert json.loads(run("curl", "-sS", "--cacert", ca, url)) == {"status": "ok"}
    script = f"fetch('{url}').then(r => r.text()).then(t => console.log(t))"
    assert json.loads(run("node", "-e", script, NODE_EXTRA_CA_CERTS=ca)) == {"status": "ok"}


@pytest.mark.parametrize(
    "program",
    [
        "import sys, urllib.request; print(urllib.request.urlopen(sys.argv[1]).read().decode())",
        "import sys, httpx; print(httpx.get(sys.argv[1]).text)",
    ],
)
def test_python_can_connect(ready: dict[str, Any], program: str) -> None:
    url = f"{ready['tls']['url']}/_emulator/health"
    assert json.loads(run(sys.executable, "-c", program, url, SSL_CERT_FILE=ready["tls"]["ca"])) == {"status": "ok"}


def test_requests_can_connect(ready: dict[str, Any]) -> None:
    program = "import sys, requests; print(requests.get(sys.argv[1]).text)"
    url = f"{ready['tls']['url']}/_emulator/health"
    said = run(sys.executable, "-c", program, url, REQUESTS_CA_BUNDLE=ready["tls"]["ca"])
    assert json.loads(said) == {"status": "ok"}


@pytest.mark.skipif(shutil.which("java") is None, reason="there is no java")
def test_java_can_connect_with_the_trust_store(ready: dict[str, Any], tmp_path: Path) -> None:
    (tmp_path / "Ask.java").write_text(JAVA)
    made = emulator("ca", "--tls-ca-folder", str(Path(ready["tls"]["ca"]).parent), "--p12", str(tmp_path / "trust.p12"))
    assert made.returncode == 0, made.stderr
    store = [f"-Djavax.net.ssl.trustStore={tmp_path / 'trust.p12'}", f"-Djavax.net.ssl.trustStorePassword={PASSWORD}"]
    url = f"{ready['tls']['url']}/_emulator/health".replace("127.0.0.1", "localhost")
    assert json.loads(run("java", *store, str(tmp_path / "Ask.java"), url)) == {"status": "ok"}


def test_the_authority_is_created_once_and_only_its_owner_can_read_the_key(tmp_path: Path) -> None:
    first = open_authority(tmp_path / "deep" / "ca")
    again = open_authority(tmp_path / "deep" / "ca")
    assert first.pem == again.pem
    assert stat.S_IMODE((tmp_path / "deep" / "ca" / KEY).stat().st_mode) == 0o600


def test_if_no_file_can_be_written_the_authority_is_kept_in_memory(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    (tmp_path / "file").write_text("")
    made = open_authority(tmp_path / "file" / "ca")
    assert made.path is None
    assert "cannot be kept" in caplog.text


def test_a_file_that_is_not_an_authority_is_refused(tmp_path: Path) -> None:
    for name in (CERTIFICATE, KEY):
        (tmp_path / name).write_text("no key at all")
    refused = emulator("serve", "--port", "0", "--tls", "--tls-port", "0", "--tls-ca-folder", str(tmp_path))
    assert refused.returncode == 2
    assert "are not a certificate authority: remove both, and start again" in refused.stderr


def test_the_command_prints_the_path_or_the_certificate(tmp_path: Path) -> None:
    said = emulator("ca", "--tls-ca-folder", str(tmp_path))
    assert said.stdout == f"{tmp_path / CERTIFICATE}\n"
    pem = emulator("ca", "--pem", EMULATOR_TLS_CA_FOLDER=str(tmp_path)).stdout
    assert pem == (tmp_path / CERTIFICATE).read_text()


def test_an_invalid_host_name_is_refused() -> None:
    refused = in_process("serve", "--tls", "--tls-name", "https://x")
    assert (refused.exit_code, "--tls-name https://x: write a host name" in refused.stderr) == (2, True)


def test_without_the_flag_there_is_no_certificate(emulator: Emulator) -> None:
    answer = httpx.get(f"{emulator.control_url}/ca.pem")
    assert (answer.status_code, answer.json()["message"]) == (404, "nothing is served over HTTPS: start it with --tls")

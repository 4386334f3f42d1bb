"""What pages and other answers forbid a browser to do."""

import base64
import hashlib
import re
from collections.abc import Callable

import httpx
import pytest

from emulator.testing import BackgroundServer, Emulator
from emulator.web.headers import page_headers
from tests.clients.baanx import Client as BaanxClient
from tests.clients.basswallet import Client as BasswalletClient
from tests.clients.changelly import Client as ChangellyClient
from tests.clients.koywe import Client as KoyweClient

PAGE_ONLY = ("content-security-policy", "referrer-policy")
_HANDLER = re.compile(r'<[^>]*\son[a-z]+="')
_SCRIPT = re.compile(r"<script[^>]*>(.*?)</script>", re.DOTALL)
_STYLE = re.compile(r"<style>(.*?)</style>", re.DOTALL)


@pytest.fixture
def front(emulator_server: BackgroundServer) -> str:
    """The URL of the front door."""
    return emulator_server.server.addresses.front


def basswallet_page(emulator: Emulator) -> str:
    emulator.choose(basswallet="manual")
    with BasswalletClient(emulator) as merchant:
        return str(merchant.data(merchant.create())["redirectUrl"])


def changelly_page(emulator: Emulator) -> str:
    emulator.choose(changelly="manual")
    with ChangellyClient(emulator) as partner:
        return str(partner.create().json()["redirectUrl"])


def koywe_page(emulator: Emulator) -> str:
    emulator.choose(koywe="interactive")
    with KoyweClient(emulator) as merchant:
        return f"{merchant.url}/pay/{merchant.create().json()['id']}"


PAYER_PAGES: dict[str, Callable[[Emulator], str]] = {
    "basswallet": basswallet_page, "changelly": changelly_page, "koywe": koywe_page,
}  # fmt: skip


def require_page(answer: httpx.Response) -> None:
    """Fails unless the answer is a page with the security headers."""
    assert answer.headers["content-type"] == "text/html; charset=utf-8"
    assert answer.headers["x-content-type-options"] == "nosniff"
    assert answer.headers["referrer-policy"] == "same-origin"
    rules = dict(rule.split(" ", 1) for rule in answer.headers["content-security-policy"].split("; "))
    assert not _HANDLER.search(answer.text)
    scripts, styles = (set(found.findall(answer.text)) for found in (_SCRIPT, _STYLE))
    assert len(scripts) == answer.text.count("<script")
    wanted = {"default-src": "'none'", "img-src": "data:", "base-uri": "'none'", "frame-ancestors": "'none'"}
    wanted["style-src"] = digests(styles) if scripts else "'unsafe-inline'"
    if scripts:
        wanted |= {"script-src": digests(scripts), "connect-src": "'self'"}
    assert rules == wanted


def digests(texts: set[str]) -> str:
    """The digests by which a policy allows these texts, and no others."""
    made = [base64.b64encode(hashlib.sha256(text.encode()).digest()).decode() for text in texts]
    return " ".join(f"'sha256-{digest}'" for digest in made)


def test_the_page_of_the_control_api_has_the_security_headers(front: str) -> None:
    require_page(httpx.get(front + "/_emulator/docs"))


@pytest.mark.parametrize("provider", PAYER_PAGES)
def test_pages_for_payers_have_the_security_headers(emulator: Emulator, front: str, provider: str) -> None:
    url = PAYER_PAGES[provider](emulator)
    require_page(httpx.get(url))
    require_page(httpx.get(url.replace(emulator[provider].url, f"{front}/{provider}")))


def test_error_pages_have_the_security_headers(emulator: Emulator) -> None:
    require_page(httpx.get(f"{emulator.basswallet.url}/payin/3f6c2c1e-5a0a-4b52-9a3c-8f1d2e7b6a90"))
    url = koywe_page(emulator)
    assert httpx.post(url, data={"outcome": "fail"}).status_code == 200
    paid = httpx.post(url, data={"outcome": "succeed"})
    assert paid.status_code == 409
    require_page(paid)


def test_the_policy_does_not_limit_where_forms_lead(emulator: Emulator) -> None:
    assert "form-action" not in page_headers()["content-security-policy"]
    for provider, page in PAYER_PAGES.items():
        policy = httpx.get(page(emulator)).headers["content-security-policy"]
        assert "form-action" not in policy, provider


def test_the_emulator_s_json_has_the_nosniff_header(front: str) -> None:
    for method, path, status in (
        ("GET", "/_emulator/sandboxes", 200), ("GET", "/_emulator/health", 200), ("GET", "/nothing", 404),
        ("GET", "/_emulator/nothing", 404), ("PUT", "/_emulator/sandboxes", 405), ("DELETE", "/", 404),
    ):  # fmt: skip
        answer = httpx.request(method, front + path)
        assert (answer.status_code, answer.headers["x-content-type-options"]) == (status, "nosniff"), path
        assert not set(PAGE_ONLY) & answer.headers.keys()
    refused = httpx.get(f"{front}/_emulator/sandboxes", headers={"Origin": "null"})
    assert (refused.status_code, refused.headers["x-content-type-options"]) == (403, "nosniff")


def test_a_provider_s_answers_do_not_have_the_security_headers(emulator: Emulator) -> None:
    with BaanxClient(emulator) as app:
        answers = [app.create(), app.read("none")]
    with KoyweClient(emulator) as merchant:
        answers.append(merchant.create())
    for answer in answers:
        assert not {*PAGE_ONLY, "x-content-type-options"} & answer.headers.keys()

"""What a page of another site can do to the emulator when it is open in a browser on the same machine: nothing."""

from collections.abc import Iterator
from typing import Any
from urllib.parse import urlsplit

import pytest
from playwright.sync_api import Browser, BrowserContext, Page, expect

from emulator.testing import BackgroundServer, Emulator
from emulator.web.guard import Guard, Refusal
from tests.clients.baanx import Client
from tests.clients.koywe import Client as KoyweClient
from tests.pages.conftest import EVIL_HOST
from tests.receivers import Receiver

CALL = """
async ([url, options]) => {
  try {
    const answer = await fetch(url, options);
    return [answer.type, answer.status, await answer.text()];
  } catch (error) {
    return ["failed", 0, String(error)];
  }
}
"""
"""What a script learns from a call: the kind of the answer, its status and text; for `no-cors` it is told nothing."""
FORM = """
([url, fields]) => {
  const form = document.createElement("form");
  form.method = "post";
  form.action = url;
  form.enctype = "text/plain";
  for (const [name, value] of fields) {
    const field = document.createElement("input");
    [field.type, field.name, field.value] = ["hidden", name, value];
    form.append(field);
  }
  document.body.append(form);
  form.submit();
}
"""
THEIRS = '{"name": "theirs", "webhook_url": "http://127.0.0.1:9/", "seed": "'


@pytest.fixture(scope="module")
def visitor(browser: Browser, emulator_server: BackgroundServer) -> Iterator[BrowserContext]:
    """A browser that can open pages of other sites: there is one at any `/attack`."""
    context = browser.new_context()
    context.set_default_timeout(5000)
    context.route("**/attack", lambda route: route.fulfill(content_type="text/html", body="<title>theirs</title>"))
    # This page stays open: the browser starts no process anew for each further one of the emulator.
    context.new_page().goto(emulator_server.server.addresses.front)
    yield context
    context.close()


@pytest.fixture
def order(emulator: Emulator) -> str:
    """An order that a reset would take away."""
    with Client(emulator) as app:
        return app.start()


@pytest.fixture(params=["127.0.0.1", "localhost", EVIL_HOST])
def attack(request: pytest.FixtureRequest, visitor: BrowserContext, shop: Receiver) -> Iterator[Page]:
    """A page of another origin: of another port, or of another host."""
    opened = visitor.new_page()
    opened.goto(f"http://{request.param}:{urlsplit(shop.url).port}/attack")
    expect(opened).to_have_title("theirs")
    yield opened
    opened.close()


@pytest.fixture
def rebound(visitor: BrowserContext, emulator_server: BackgroundServer) -> Iterator[Page]:
    """A page whose host name has become this machine's, so that the browser takes the emulator for a part of it."""
    opened = visitor.new_page()
    opened.goto(f"http://{EVIL_HOST}:{emulator_server.server.addresses.front_port}/attack")
    expect(opened).to_have_title("theirs")
    yield opened
    opened.close()


@pytest.fixture
def refused(monkeypatch: pytest.MonkeyPatch) -> list[tuple[str, str, str]]:
    """Method, path and error of each request that reaches the emulator and is refused; a browser does not tell all."""
    seen: list[tuple[str, str, str]] = []
    judge = Guard.refusal

    def watch(guard: Guard, scheme: str, method: str, path: str, headers: Any) -> Refusal | None:
        refusal = judge(guard, scheme, method, path, headers)
        if refusal is not None:
            seen.append((method, path, refusal.error))
        return refusal

    monkeypatch.setattr(Guard, "refusal", watch)
    return seen


def require_unharmed(emulator: Emulator, order: str) -> None:
    """Fails if anything has changed."""
    assert [each["id"] for each in emulator.orders()] == [order]


def sandboxes(server: BackgroundServer) -> set[str]:
    return set(server.server.engine.sandboxes)


@pytest.mark.parametrize("mode", ["no-cors", "cors"])
def test_a_script_of_another_site_can_do_nothing(
    emulator: Emulator,
    emulator_server: BackgroundServer,
    order: str,
    attack: Page,
    refused: list[tuple[str, str, str]],
    mode: str,
) -> None:
    before = sandboxes(emulator_server)
    for base in (emulator.control_url, f"{emulator.koywe.url}/_emulator"):
        for path, body in ((f"sandboxes/{emulator.name}/reset", ""), ("sandboxes", THEIRS + '"}')):
            _, status, text = attack.evaluate(CALL, [f"{base}/{path}", {"method": "POST", "mode": mode, "body": body}])
            assert (status, "error" in text) == (0, False)
            assert refused.pop() == ("POST", f"/_emulator/{path}", "foreign-origin")
    require_unharmed(emulator, order)
    assert sandboxes(emulator_server) == before


def test_a_script_of_another_site_cannot_send_requests_that_need_a_preflight(
    emulator: Emulator, order: str, attack: Page
) -> None:
    for method in ("DELETE", "PUT"):
        options = {"method": method, "headers": {"Content-Type": "application/json"}, "body": "{}"}
        got = attack.evaluate(CALL, [f"{emulator.control_url}/sandboxes/{emulator.name}", options])
        assert got[0] == "failed"
    require_unharmed(emulator, order)


def test_a_form_of_another_site_can_do_nothing(
    emulator: Emulator, emulator_server: BackgroundServer, order: str, attack: Page
) -> None:
    before, there = sandboxes(emulator_server), attack.url
    for path, fields in ((f"sandboxes/{emulator.name}/reset", []), ("sandboxes", [[THEIRS, '"}']])):
        with attack.expect_response(f"**/_emulator/{path}") as seen:
            attack.evaluate(FORM, [f"{emulator.control_url}/{path}", fields])
        assert (seen.value.status, seen.value.json()["error"]) == (403, "foreign-origin")
        attack.goto(there)
    require_unharmed(emulator, order)
    assert sandboxes(emulator_server) == before


def test_another_site_cannot_frame_a_page(emulator_server: BackgroundServer, attack: Page) -> None:
    url = emulator_server.server.addresses.front + "/_emulator/docs"
    with attack.expect_response(url) as seen:
        attack.evaluate("url => { document.body.innerHTML = `<iframe src='${url}'></iframe>` }", url)
    assert seen.value.status == 403


def test_a_pay_page_cannot_be_framed(emulator: Emulator, attack: Page) -> None:
    with KoyweClient(emulator) as merchant:
        url = f"{merchant.url}/pay/{merchant.create().json()['id']}"
    with attack.expect_console_message(lambda message: "frame-ancestors" in message.text):
        attack.evaluate("url => { document.body.innerHTML = `<iframe src='${url}'></iframe>` }", url)
    expect(attack.frame_locator("iframe").get_by_role("button")).to_have_count(0)


def test_a_link_on_another_site_leads_to_the_pages(emulator_server: BackgroundServer, attack: Page) -> None:
    addresses = emulator_server.server.addresses
    for url, title in (
        (f"{addresses.front}/", "Payment provider emulator"),
        (f"{addresses.control}/docs", "Control API"),
    ):
        there = attack.url
        attack.evaluate("url => { document.body.innerHTML = `<a href='${url}'>go</a>` }", url)
        attack.get_by_role("link").click()
        expect(attack).to_have_title(title)
        attack.goto(there)


def test_nothing_can_be_read_or_done_under_another_site_s_host_name(
    emulator: Emulator, emulator_server: BackgroundServer, order: str, rebound: Page
) -> None:
    before = sandboxes(emulator_server)
    calls = (
        ("GET", "/_emulator/sandboxes", None), ("GET", "/", None), ("GET", "/_emulator/docs", None),
        ("POST", f"/_emulator/sandboxes/{emulator.name}/reset", ""), ("POST", "/_emulator/sandboxes", THEIRS + '"}'),
        ("DELETE", f"/_emulator/sandboxes/{emulator.name}", None),
    )  # fmt: skip
    for method, path, body in calls:
        kind, status, text = rebound.evaluate(CALL, [path, {"method": method, "body": body}])
        assert (kind, status) == ("basic", 403), path
        assert "unknown-host" in text
        assert "secret" not in text
    require_unharmed(emulator, order)
    assert sandboxes(emulator_server) == before


def test_a_page_of_the_emulator_s_own_origin_may_call_it(
    emulator: Emulator, emulator_server: BackgroundServer, order: str, visitor: BrowserContext
) -> None:
    for host in ("127.0.0.1", "localhost", "emulator.localhost"):
        page = visitor.new_page()
        page.goto(f"http://{host}:{emulator_server.server.addresses.front_port}/attack")
        path = f"/_emulator/sandboxes/{emulator.name}"
        assert page.evaluate(CALL, [path, {"method": "GET"}])[1] == 200
        assert page.evaluate(CALL, [f"{path}/reset", {"method": "POST"}])[1] == 200
    assert emulator.orders() == []

"""The console as the server sends it: complete without scripts, and closed to other sites' pages."""

import json
import re
import subprocess
from collections.abc import Iterator
from html import unescape
from typing import Any

import httpx
import pytest

from emulator.providers import NAMES, load
from emulator.testing import BackgroundServer, Emulator
from emulator.testing.types.answers import Order
from emulator.testing.types.names import Provider
from emulator.web.application import Options
from tests.clients.basswallet import Client
from tests.receivers import Receiver

BROWSER = {"accept": "text/html"}
_NONCE = re.compile(r'<script nonce="([^"]+)" src="([^"]+)">')


@pytest.fixture
def console(emulator: Emulator, emulator_server: BackgroundServer) -> Iterator[httpx.Client]:
    """A browser without scripts, which follows where forms lead."""
    front = emulator_server.server.addresses.front
    with httpx.Client(base_url=front, follow_redirects=True, trust_env=False) as client:
        yield client


def home(emulator: Emulator) -> str:
    return f"/console/{emulator.name}"


def order_path(emulator: Emulator, order: Order) -> str:
    return f"{home(emulator)}/orders/{order['id']}"


def test_the_front_door_shows_the_default_sandbox(console: httpx.Client) -> None:
    answer = console.get("/")
    assert answer.status_code == 200
    assert "<title>Payment provider emulator</title>" in answer.text
    assert 'value="real" aria-pressed="true"' in answer.text


def test_a_browser_at_the_control_api_is_redirected_to_the_console(
    emulator_server: BackgroundServer, console: httpx.Client
) -> None:
    for base in (emulator_server.server.addresses.front, *emulator_server.server.addresses.urls().values()):
        answer = httpx.get(f"{base}/_emulator", headers=BROWSER)
        assert answer.headers["location"] == f"{emulator_server.server.addresses.front}/"
    assert console.get("/_emulator").status_code == 404


def test_only_the_page_s_own_scripts_run_and_nothing_is_loaded_from_elsewhere(
    console: httpx.Client, emulator: Emulator
) -> None:
    nonces = set()
    for _ in range(2):
        answer = console.get(home(emulator))
        rules = dict(rule.split(" ", 1) for rule in answer.headers["content-security-policy"].split("; "))
        found = _NONCE.findall(answer.text)
        assert len(found) == answer.text.count("<script") == 3
        assert {f"'nonce-{nonce}'" for nonce, _ in found} == {rules["script-src"]}
        assert (rules["default-src"], rules["style-src"], rules["frame-ancestors"]) == ("'none'", "'self'", "'none'")
        assert " style=" not in answer.text
        assert not re.search(r"\son[a-z]+=", answer.text)
        nonces |= {nonce for nonce, _ in found}
        for _, path in found:
            file = console.get(path)
            assert file.headers["content-type"] == "text/javascript; charset=utf-8"
            assert "immutable" in file.headers["cache-control"]
    assert len(nonces) == 2
    assert "Zero-Clause BSD" in console.get("/static/LICENSE.txt").text
    for path in ("/static/nothing.js", "/static/..%2Fapp.py", "/static/page.html"):
        assert console.get(path).status_code == 404


def test_forms_alone_can_create_an_order_fire_events_and_move_time(console: httpx.Client, emulator: Emulator) -> None:
    made = console.post(f"{home(emulator)}/new", data={"maker": "koywe", "kind": "PAYIN", "scenario": "manual"})
    order = emulator.orders()[0]
    assert made.url.path == order_path(emulator, order)
    assert "<title>50000 COP, PENDING" in made.text
    fired = console.post(f"{order_path(emulator, order)}/fire", data={"event": "confirm"})
    assert fired.url.path == order_path(emulator, order)
    assert emulator.order(order["id"])["status"] == "PAID"
    assert "50000 COP, PAID" in fired.text
    before = emulator.now
    moved = console.post(f"{home(emulator)}/clock", data={"by": "1h", "back": order_path(emulator, order)})
    assert moved.url.path == order_path(emulator, order)
    assert emulator.now == before.replace("T12:", "T13:")


def test_a_button_moves_the_clock_to_what_is_due_next(console: httpx.Client, emulator: Emulator) -> None:
    path = f"{home(emulator)}/clock"
    assert console.post(path, data={"until": "next"}).status_code == 400
    assert 'value="next" disabled' in console.get(home(emulator)).text
    order = emulator.make_order("changelly")
    after = emulator.order(order["id"])["next"]
    assert after is not None
    assert console.post(path, data={"until": "next"}).status_code == 200
    assert (emulator.now, emulator.order(order["id"])["status"]) == (after["at"], "pending")


def test_arguments_can_be_typed_and_stay_after_a_refusal(console: httpx.Client, emulator: Emulator) -> None:
    order = emulator.make_order("basswallet", "fixed", "manual")
    path = f"{order_path(emulator, order)}/fire"
    refused = console.post(path, data={"event": "pay", "argument.amount": "-7", "argument.tokenName": "USDT"})
    assert refused.status_code == 400
    assert 'value="-7"' in refused.text
    assert "this event takes amount" in refused.text
    paid = console.post(path, data={"event": "pay", "argument.times": "0.5", "argument.amount": ""})
    assert paid.status_code == 200
    story = emulator.order(order["id"])["story"]
    assert [each["event"] for each in story if each["kind"] == "transition"] == ["pay"]


def test_an_impossible_event_is_refused_with_the_possible_ones(console: httpx.Client, emulator: Emulator) -> None:
    order = emulator.make_order("koywe", "PAYIN", "manual")
    refused = console.post(f"{order_path(emulator, order)}/fire", data={"event": "settle"})
    assert refused.status_code == 409
    assert "possible now: start, confirm, fail, cancel, expire" in refused.text


@pytest.mark.parametrize("provider", ["baanx", "basswallet", "changelly", "koywe"])
def test_the_drawing_has_every_status_and_a_button_for_each_possible_event(
    console: httpx.Client, emulator: Emulator, provider: Any
) -> None:
    order = emulator.make_order(provider, scenario="manual")
    page = console.get(order_path(emulator, order)).text
    _, *drawings = page.partition('<p class="legend">')[0].split('<svg class="drawing ')
    assert [drawing.partition("-")[0] for drawing in drawings] == ["wide", "tall", "tall"]
    for drawing in drawings:
        assert '<div class="stop now" title=' in drawing
        pressed = re.findall(r'class="pill" data-fire name="event" value="(\w+)"', drawing)
        asked = re.findall(r"\?fire=(\w+)", drawing)
        assert set(order["events"]) <= {*pressed, *asked}
        assert 'class="stop not"' in drawing


def test_every_condition_of_a_life_cycle_is_in_words() -> None:
    rows = [row for name in NAMES for row in load(name).lifecycle.transitions if row.when is not None]
    assert len(rows) > 15
    in_words = re.compile(r"Whether [A-Za-z].{10,}\.", re.DOTALL)
    assert [row.when for row in rows if not in_words.fullmatch((row.when.__doc__ or "").strip())] == []


def test_transitions_that_are_impossible_now_are_shown_with_their_condition(
    console: httpx.Client, emulator: Emulator
) -> None:
    conditions: dict[Provider, str] = {
        "baanx": "refund leads to FAILED as things are; here it needs: refunds have a status of their own",
        "basswallet": "confirm leads here only if this holds: the confirmations that come next are the first ones",
    }
    for provider, told in conditions.items():
        order = emulator.make_order(provider, scenario="manual")
        assert told in unescape(console.get(order_path(emulator, order)).text)


def test_the_list_can_be_filtered_searched_counted_and_paged(console: httpx.Client, emulator: Emulator) -> None:
    for _ in range(60):
        emulator.make_order("changelly", scenario="manual")
    order = emulator.make_order("koywe", "PAYIN", "manual")
    with Client(emulator) as client:
        client.secret = "wrong"
        assert client.create().status_code == 401

    def rows(query: str) -> list[str]:
        return re.findall(r'<a id="row-(\w+)-', console.get(f"{home(emulator)}{query}").text)

    assert len(rows("")) == 50
    assert rows("")[:3] == ["requests", "orders", "orders"]
    assert f"row-orders-{order['id']}" in console.get(home(emulator)).text
    assert rows("?page=2") == ["orders"] * 12
    assert rows("?provider=koywe") == ["orders"]
    assert rows("?show=refused") == ["requests"]
    assert rows("?show=webhooks") == []
    assert rows(f"?search={order['id'][4:12].upper()}") == ["orders"]
    assert rows("?search=nothing+has+this") == []
    page = console.get(f"{home(emulator)}?show=orders&search=koywe&page=banana").text
    assert 'Orders <span class="count">61</span>' in page
    assert 'Refused <span class="count">1</span>' in page
    assert f'href="{order_path(emulator, order)}?show=orders&amp;search=koywe"' in page


def test_delivered_webhooks_in_a_row_are_one_line_but_refusals_are_not_grouped(
    console: httpx.Client, emulator: Emulator
) -> None:
    with Receiver(200) as receiver:
        emulator.set("basswallet", webhook_url=receiver.url)
        emulator.make_order("basswallet")
        emulator.advance("20s")
        [first] = emulator.webhooks()
        for _ in range(5):
            emulator.replay(first["id"])
    page = console.get(home(emulator)).text
    assert "6 webhooks delivered" in page
    assert page.count('class="row"') == 2
    assert console.get(f"{home(emulator)}?show=webhooks").text.count('class="row"') == 6
    with Client(emulator) as client:
        client.secret = "wrong"
        for _ in range(5):
            client.create()
    assert console.get(home(emulator)).text.count("401 SIGN_ERROR") == 5


def test_the_commands_that_the_page_offers_do_the_same(console: httpx.Client, emulator: Emulator) -> None:
    order = emulator.make_order("koywe", "PAYIN", "manual")
    page = unescape(console.get(order_path(emulator, order)).text)
    line = f'emulator.fire("{order["id"]}", "confirm")'
    assert line in page
    eval(line, {"emulator": emulator})
    assert emulator.order(order["id"])["status"] == "PAID"
    new = unescape(console.get(f"{home(emulator)}/new?maker=koywe&kind=PAYIN").text)
    curl = next(text for text in re.findall(r"<code>(curl -X POST .*?)</code>", new, re.DOTALL))
    made = subprocess.run(["/bin/sh", "-c", f"{curl} -s"], capture_output=True, text=True, check=True)
    assert emulator.order(json.loads(made.stdout)["id"])["status"] == "PENDING"


def test_the_page_offers_commands_for_webhooks_and_receivers(console: httpx.Client, emulator: Emulator) -> None:
    emulator.inject("late", by="1d", provider="basswallet", times=1)
    receiver = unescape(console.get(f"{home(emulator)}/receiver").text)
    subscribe = next(text for text in re.findall(r"<code>(curl -X POST .*?)</code>", receiver, re.DOTALL))
    subprocess.run(["/bin/sh", "-c", f"{subscribe} -s"], capture_output=True, text=True, check=True)
    emulator.make_order("basswallet")
    emulator.advance("30s")
    [waiting] = emulator.webhooks()[:1]
    for word, state in (("hold", "held"), ("release", "delivered")):
        page = unescape(console.get(f"{home(emulator)}/webhooks/{waiting['id']}").text)
        line = f'emulator.{word}_webhook("{waiting["id"]}")'
        assert line in page
        eval(line, {"emulator": emulator})
        assert emulator.webhooks()[0]["state"] == state
    for line in re.findall(r"emulator\.advance\([^)]+\)", unescape(console.get(home(emulator)).text)):
        eval(line, {"emulator": emulator})
    assert emulator.call("GET", "clock")["now"] > "2026-01-05T13:00"


def test_why_a_button_is_disabled_is_said_without_hovering(console: httpx.Client, emulator: Emulator) -> None:
    order = emulator.make_order("baanx", scenario="manual")
    page = unescape(console.get(order_path(emulator, order)).text)
    assert "<dt>PENDING</dt><dd>payment_started leads to STARTED as things are;" in page


def test_a_refused_request_is_shown_with_its_true_reason(console: httpx.Client, emulator: Emulator) -> None:
    with Client(emulator) as client:
        client.secret = "wrong"
        client.create()
    [entry] = [each for each in emulator.journal(kind="request") if each["error"]]
    page = console.get(f"{home(emulator)}/requests/{entry['number']}").text
    assert str(entry["reason"]).removeprefix("the ") in unescape(page)
    assert console.get(f"{home(emulator)}/requests/999999").status_code == 404


def test_a_webhook_shows_its_bytes_and_signed_text_and_can_be_sent_again_in_four_ways(
    console: httpx.Client, emulator: Emulator
) -> None:
    with Receiver(200) as receiver:
        emulator.set("basswallet", webhook_url=receiver.url)
        emulator.make_order("basswallet")
        emulator.advance("30s")
        [first] = emulator.webhooks()[:1]
        path = f"{home(emulator)}/webhooks/{first['id']}"
        page = console.get(path).text
        body = first["attempts"][0]["body"]
        assert body.replace("&", "&amp;") in page
        assert "answered with 200 in" in page
        assert "What was signed" in page
        assert "0000  " in page
        for way, count in (("as-is", 1), ("duplicate", 2), ("bad-signature", 1), ("late", 1)):
            before = len(emulator.webhooks())
            answer = console.post(f"{path}/resend", data={"way": way})
            assert answer.status_code == 200
            assert len(emulator.webhooks()) == before + count, way
        assert emulator.webhooks()[-1]["fault"] == "late"
        assert emulator.webhooks()[-1]["state"] == "pending"
        assert emulator.webhooks()[-2]["fault"] == "bad-signature"
        assert emulator.call("GET", "faults") == {"faults": []}
        assert console.post(f"{path}/resend", data={"way": "upside-down"}).status_code == 400


def test_a_webhook_can_be_held_and_released(console: httpx.Client, emulator: Emulator) -> None:
    with Receiver(500, 200, 200) as receiver:
        emulator.set("basswallet", webhook_url=receiver.url)
        emulator.make_order("basswallet")
        emulator.advance("20s")
        path = f"{home(emulator)}/webhooks/{emulator.webhooks()[0]['id']}"
        assert 'value="release"' not in console.get(path).text
        held = console.post(f"{path}/resend", data={"way": "hold-back"})
        assert (held.url.path, "It is held back until you release it." in held.text) == (path, True)
        assert 'value="hold-back"' not in held.text
        order = emulator.webhooks()[0]["order"]
        for page in (f"{home(emulator)}/orders/{order}", f"{home(emulator)}/journal"):
            marks = re.findall(r'class="mark (\w+)"(?:(?!class="mark).)*held back', console.get(page).text, re.DOTALL)
            assert marks == ["held"]
        released = console.post(f"{path}/resend", data={"way": "release"})
        assert "Your receiver took it" in released.text
        again = console.post(f"{path}/resend", data={"way": "hold"})
        assert "It is held back until you release it." in again.text
        assert emulator.webhooks()[-1]["fault"] == "hold"
        assert console.post(f"{path}/resend", data={"way": "release"}).status_code == 409


def test_other_sites_cannot_use_the_console_s_forms(console: httpx.Client, emulator: Emulator) -> None:
    order = emulator.make_order("koywe", "PAYIN", "manual")
    for headers in ({"origin": "http://evil.test"}, {"sec-fetch-site": "cross-site"}, {"host": "evil.test"}):
        for path in ("clock", "new", f"orders/{order['id']}/fire"):
            answer = console.post(f"{home(emulator)}/{path}", data={"event": "confirm"}, headers=headers)
            assert answer.status_code == 403
    assert emulator.order(order["id"])["status"] == "PENDING"


def test_the_console_redirects_to_no_other_site(console: httpx.Client, emulator: Emulator) -> None:
    for back in ("https://evil.test", "//evil.test", "/\\evil.test", "/console/other", f"{home(emulator)}\r\nx: y"):
        answer = console.post(f"{home(emulator)}/clock", data={"by": "1s", "back": back}, follow_redirects=False)
        assert (answer.status_code, answer.headers["location"]) == (303, home(emulator))


def test_an_unknown_page_or_order_says_so(console: httpx.Client, emulator: Emulator) -> None:
    for path in ("/console/nobody", f"{home(emulator)}/orders/none", f"{home(emulator)}/webhooks/none"):
        answer = console.get(path)
        assert (answer.status_code, "Not here" in answer.text) == (404, True), path
    assert console.get("/console", params={"sandbox": emulator.name}).url.path == home(emulator)
    assert console.post(f"{home(emulator)}/clock", content=b"x" * 300_000).status_code == 413
    assert console.post(f"{home(emulator)}/clock", data={"by": "soon"}).status_code == 400


def test_text_from_clients_is_shown_as_text(console: httpx.Client, emulator: Emulator) -> None:
    evil = "<script>alert(1)</script>"
    order = emulator.make_order("koywe", "PAYIN", "manual", description=evil)
    page = console.get(order_path(emulator, order)).text
    assert evil not in page
    assert "&lt;script&gt;alert(1)" in page


def test_with_a_control_token_the_console_asks_for_it_once() -> None:
    with BackgroundServer(Options(port=0, control_token="sesame & <more>")) as server:
        front = server.server.addresses.front
        with httpx.Client(base_url=front, trust_env=False) as client:
            for answer in (client.get("/"), client.post("/console/default/clock", data={"by": "1h"})):
                assert answer.status_code == 401
                assert "Control token" in answer.text
            assert client.get("/static/console.css").status_code == 200
            assert client.post("/enter", data={"token": "wrong", "back": "/"}).status_code == 401
            entered = client.post("/enter", data={"token": "sesame & <more>", "back": "/console/default/new"})
            assert (entered.status_code, entered.headers["location"]) == (303, "/console/default/new")
            cookie = entered.headers["set-cookie"]
            assert {"HttpOnly", "SameSite=strict", "Path=/"} <= {part.strip() for part in cookie.split(";")}
            assert "sesame" not in cookie
            assert client.get("/").status_code == 200
            assert client.post("/console/default/clock", data={"by": "1s"}).status_code == 303
            assert client.get("/_emulator/sandboxes/default/orders").status_code == 200
            assert client.post("/_emulator/sandboxes/default/reset").status_code == 401
            away = client.post("/enter", data={"token": "sesame & <more>", "back": "//evil.test"})
            assert away.headers["location"] == "/"

"""What was done in a sandbox, as one file: it replays byte for byte."""

import asyncio
import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from emulator.core import json_text, recording
from emulator.core.clock import Clock
from emulator.core.origin import ORIGIN
from emulator.core.recording import Recordings
from emulator.providers import NAMES, load_all
from emulator.testing import BackgroundServer, ControlRefused, Emulator
from emulator.testing.clients import order_path
from emulator.views.reproduction import BadReproduction, read_reproduction
from emulator.web import replay
from emulator.web.replay import Played, play, show
from tests.beside.test_plugin import python
from tests.command import emulator as command
from tests.core.toy import Bench
from tests.shelf import Shelf
from tests.test_coverage import BUY, answering
from tests.thorough import tries

READS = {"baanx": "/v1/order/products/available", "basswallet": "/v1/common/tokens", "changelly": "/v1/orders",
         "koywe": "/api/v1/organizations/org_{}/merchants/mrc_{}/orders"}  # fmt: skip
EVENTS = sorted({event for card in load_all().values() for event in card.lifecycle.events})
ANSWERS = ("latency; fixed=0", "status; status=500", "reset; when=after", "reset; when=before", "truncate; when=after")

providers = st.sampled_from(NAMES)
Deed = tuple[str, Any, Any]
deeds: st.SearchStrategy[Deed] = st.one_of(
    st.tuples(st.just("make"), providers, st.sampled_from([None, "manual", "happy"])),
    st.tuples(st.just("fire"), st.integers(0, 5), st.sampled_from(EVENTS)),
    st.tuples(st.just("advance"), st.sampled_from(["1s", "30s", "10m", "1h", "2d"]), st.none()),
    st.tuples(st.just("read"), providers, st.none()),
    st.tuples(st.just("look"), st.integers(0, 5), st.none()),
    st.tuples(st.just("nowhere"), providers, st.none()),
    st.tuples(st.just("fault"), providers, st.sampled_from(ANSWERS)),
    st.tuples(st.just("lose"), st.sampled_from(["drop", "duplicate", "late", "bad-signature"]), st.none()),
    st.tuples(st.just("test"), providers, st.none()),
    st.tuples(st.just("set"), st.booleans(), st.none()),
)


@pytest.fixture(scope="module")
def server() -> Iterator[BackgroundServer]:
    """An emulator without a socket."""
    with BackgroundServer(sockets=False) as running:
        yield running


def path_of(emulator: Emulator, provider: str) -> str:
    """Something that can be read at a provider."""
    return READS.get(provider, order_path(provider, emulator[provider], "none")).format(emulator.name, emulator.name)


def do(emulator: Emulator, deed: Deed, orders: list[tuple[Any, str]]) -> None:
    """One thing that a test does."""
    kind, first, second = deed
    try:
        if kind == "make":
            orders.append((first, emulator.make_order(first, scenario=second)["id"]))
        elif kind == "fire" and orders:
            emulator.fire(orders[first % len(orders)][1], second)
        elif kind == "advance":
            emulator.advance(first)
        elif kind == "read":
            emulator.client(first).get(path_of(emulator, first))
        elif kind == "look" and orders:
            provider, order_id = orders[first % len(orders)]
            emulator.client(provider).get(order_path(provider, emulator[provider], order_id))
        elif kind == "nowhere":
            emulator.client(first).get("/nowhere")
        elif kind == "fault":
            emulator.client(first).get(path_of(emulator, first), headers={"X-Emulator-Fault": second})
        elif kind == "lose":
            emulator.inject(first, times=1)
        elif kind == "test":
            emulator.command(first, "test_webhook")
        elif kind == "set":
            emulator.set("baanx", use_pending=first)
    except (ControlRefused, httpx.TransportError):
        pass


def play_again(document: Any) -> Played:
    return asyncio.run(play(read_reproduction(json_text.encode(document))))


def require_same(document: Any) -> Played:
    played = play_again(document)
    assert played.difference is None, show(played.difference)
    return played


@pytest.mark.parametrize("rate", [0, 1, 1000, 1_000_000])
@settings(max_examples=tries(25), suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow])
@given(
    course=st.lists(deeds, min_size=3, max_size=15), said=st.lists(st.sampled_from([200, 200, 500, 404]), min_size=1)
)
def test_any_series_of_calls_replays_byte_for_byte(
    server: BackgroundServer, rate: int, course: list[Deed], said: list[int]
) -> None:
    with server.sandbox(clock={"mode": "rate", "rate": rate} if rate else {"mode": "manual"}) as emulator:
        shop = emulator.receive_at("shop.test", answering(*said))
        emulator.call("POST", "webhooks/subscribe", {"url": shop.url})
        orders: list[tuple[Any, str]] = []
        for deed in course:
            do(emulator, deed, orders)
        emulator.call("PUT", "clock", {"mode": "manual"})
        emulator.advance("1s")
        document, end = emulator.call("GET", "reproduction"), emulator.call("GET", "snapshot")
    assert document["complete"] is True
    played = require_same(document)
    assert played.requests == sum(step["do"] == "request" for step in document["steps"])
    same_end(played, end)


def same_end(played: Played, snapshot: Any) -> None:
    """The sandbox is in the end what it was then."""
    assert _without_origin(json_text.decode(json_text.encode(played.snapshot))) == _without_origin(snapshot)


def _without_origin(snapshot: Any) -> Any:
    """A snapshot without what a reset goes back to, which tells when the sandbox was made."""
    tables = {name: rows for name, rows in snapshot["tables"].items() if name != ORIGIN}
    return {**snapshot, "tables": tables}


def bought(emulator: Emulator) -> Any:
    """The reproduction of a purchase that the client has read."""
    emulator.make_order("changelly", "buy")
    emulator.advance(until="idle")
    emulator.client("changelly").get("/v1/orders")
    return emulator.call("GET", "reproduction")


def test_a_running_clock_shows_the_same_times_again(server: BackgroundServer) -> None:
    with server.sandbox(clock={"mode": "rate", "rate": 3600}) as emulator:
        for _ in range(3):
            emulator.make_order("changelly", "buy")
            emulator.client("changelly").get("/v1/orders")
        document = emulator.call("GET", "reproduction")
    require_same(document)


def test_the_first_differing_byte_is_shown_with_those_around_it(emulator: Emulator) -> None:
    document = bought(emulator)
    [read] = [step for step in document["steps"] if step["do"] == "request" and step["method"] == "GET"]
    read["answer"]["body"] = read["answer"]["body"].replace('"complete"', '"completed"')
    difference = play_again(document).difference
    assert difference is not None
    assert difference.then[difference.place :].startswith(b'd"') and difference.now[difference.place :].startswith(b'"')
    shown = show(difference)
    assert "changelly GET /v1/orders differs at byte" in shown and '"status":"complete' in shown


def test_a_command_with_another_result_is_a_difference_too(emulator: Emulator) -> None:
    document = bought(emulator)
    [end] = [step for step in document["steps"] if step["do"] == "end"]
    end["status"] = 409
    difference = play_again(document).difference
    assert difference is not None and difference.what == "the answer to POST clock/advance"


def test_a_call_that_never_ends_is_a_difference_too(emulator: Emulator, monkeypatch: pytest.MonkeyPatch) -> None:
    shop = emulator.receive_at("shop.test", answering(200))
    emulator.call("POST", "webhooks/subscribe", {"url": shop.url})
    document = bought(emulator)
    document["steps"] = [step for step in document["steps"] if step["do"] not in ("response", "go-on")]
    monkeypatch.setattr(replay, "_LIMIT_MS", 50)
    difference = play_again(document).difference
    assert difference is not None and "within 50ms" in difference.what


@pytest.mark.parametrize(
    "change, says",
    [
        ({"version": 1}, "its version is 1, and this emulator replays 2"),
        ({"version": 3, "emulator": "9.0"}, r"use the emulator that wrote it \(9.0\)"),
        ({"complete": False, "why_not": "too long"}, "it is incomplete: too long"),
        ({"steps": [{"do": "dance", "real_ms": 1}]}, "no step is called 'dance'"),
        ({"clock": None}, "somebody has changed it"),
    ],
)
def test_a_file_that_cannot_be_replayed_is_refused_with_the_reason(
    emulator: Emulator, change: dict[str, Any], says: str
) -> None:
    document = emulator.call("GET", "reproduction") | change
    with pytest.raises(BadReproduction, match=says):
        read_reproduction(json.dumps(document, default=float).encode())


@pytest.mark.parametrize(
    "text, says", [("{", "not JSON"), ("[]", "not a reproduction"), ('{"a": 1}', "not a reproduction")]
)
def test_a_file_that_is_not_a_reproduction_is_refused(text: str, says: str) -> None:
    with pytest.raises(BadReproduction, match=says):
        read_reproduction(text.encode())


def test_a_reproduction_without_secrets_still_replays_the_same(emulator: Emulator) -> None:
    client = httpx.Client(base_url=emulator.baanx.url, transport=emulator.transport())
    stranger = {"X-Client-ID": f"client-{emulator.name}", "Authorization": "Bearer sk-live-0123456789"}
    assert client.get("/v1/order/products/available", headers=stranger).status_code == 401
    body = {"email": "somebody@shop.test", "password": "correct horse"}
    client.post("/v1/auth/login", json=body, headers={"X-Client-ID": f"client-{emulator.name}"})
    emulator.client("koywe").get("/api/v1/auth/me")
    emulator.make_order("koywe")
    emulator.make_order("baanx")
    document = emulator.call("GET", "reproduction")
    text = json.dumps(document, default=float)
    assert "sk-live" not in text and "correct horse" not in text
    assert "Bearer [redacted]" in text and '[redacted]\\"}' in text
    assert f"Bearer user-{emulator.name}" in text, "a test credential is no secret"
    assert require_same(document).requests == len([step for step in document["steps"] if step["do"] == "request"])


def test_settings_are_kept_except_private_keys(server: BackgroundServer) -> None:
    with server.sandbox() as other:
        key = other.changelly.credentials["private_key"]
    with server.sandbox(settings={"changelly": {"callback_private_key": key, "default_flow": "failed"}}) as emulator:
        emulator.set("changelly", callback_private_key=key, default_flow="expired")
        emulator.set("baanx", webhook_token="partner")
        emulator.make_order("changelly", "buy")
        document = emulator.call("GET", "reproduction")
    text = json.dumps(document, default=float)
    assert "PRIVATE KEY" not in text
    assert document["settings"] == {"changelly": {"default_flow": "failed"}}
    assert '"webhook_token":"partner"' in text.replace("\\", "") and '"default_flow":"expired"' in text.replace(
        "\\", ""
    )
    require_same(document)


def test_a_request_without_its_secrets_is_signed_again(emulator: Emulator) -> None:
    body = {**BUY, "metadata": {"password": "correct horse"}}
    assert emulator.client("changelly").post("/v1/orders", json=body).status_code == 201
    emulator.client("changelly").get("/v1/orders")
    document = emulator.call("GET", "reproduction")
    assert "correct horse" not in json.dumps(document, default=float)
    assert require_same(document).requests == 2


def test_a_recording_that_grows_too_long_is_stopped_and_says_so(
    emulator: Emulator, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(recording, "MAX_STEPS", 4)
    for _ in range(3):
        emulator.client("changelly").get("/v1/orders")
    assert emulator.call("GET", "reproduction")["complete"] is True
    for _ in range(2):
        emulator.client("changelly").get("/v1/orders")
    document = emulator.call("GET", "reproduction")
    assert (document["complete"], document["steps"]) == (False, [])
    assert "steps" in str(document["why_not"])
    emulator.reset()
    assert emulator.call("GET", "reproduction")["complete"] is True


def test_all_recordings_share_one_limit_and_free_their_part() -> None:
    recordings = Recordings(max_bytes=2000)
    for name in ("first", "second"):
        recordings.begin(name, 0, Clock(), "")
        for number in range(2):
            recordings.find(name).begin_call(number, "PUT", "settings", b"")
    assert not recordings.find("first").why_not and not recordings.find("second").why_not
    recordings.find("second").begin_call(3, "PUT", "settings", b"")
    assert recordings.find("second").why_not == recording.TOO_MUCH
    assert recordings.size_bytes == recordings.find("first").size_bytes > 0
    recordings.remove("first")
    assert recordings.size_bytes == 0


def test_a_restored_sandbox_says_that_its_beginning_is_unknown(emulator: Emulator) -> None:
    emulator.call("PUT", "snapshot", emulator.call("GET", "snapshot"))
    assert emulator.call("GET", "reproduction")["why_not"] == recording.NOT_FROM_THE_BEGINNING


def test_a_recording_ends_where_the_store_failed_to_keep_something() -> None:
    shelf = Shelf()
    bench = Bench(store=shelf)
    bench.create()
    found = bench.engine.records.recordings.find("default")
    assert len(found.steps) > 1 and not found.why_not
    shelf.broken = True
    assert bench.request("POST", "/orders", {"amount": 5})[0] == 500
    assert (found.why_not, found.steps) == (recording.TAKEN_BACK, [])


def save(emulator: Emulator, folder: Path) -> Path:
    """The file of the sandbox's reproduction, written by the command."""
    path = folder / "course.json"
    done = command("reproduce", "--save", str(path), "--url", emulator.control_url, "--sandbox", emulator.name)
    assert (done.returncode, done.stderr) == (0, f"emulator: wrote {path}\n")
    return path


def test_the_command_saves_and_replays(emulator: Emulator, tmp_path: Path) -> None:
    bought(emulator)
    path = save(emulator, tmp_path)
    done = command("reproduce", str(path))
    assert (done.returncode, done.stdout) == (0, "2 answers, all the same byte for byte\n")
    path.write_text(path.read_text().replace('complete\\"', 'compleat\\"'))
    done = command("reproduce", str(path))
    assert done.returncode == 1 and "differs at byte" in done.stdout and "compleat" in done.stdout
    shown = json.loads(command("reproduce", str(path), "--json").stdout)
    assert shown["difference"]["what"] == "the answer to changelly GET /v1/orders"
    path.write_text("{}")
    assert command("reproduce", str(path)).returncode == 2
    assert command("reproduce").returncode == 2


def test_the_command_can_replay_into_a_sandbox_of_a_running_emulator(emulator: Emulator, tmp_path: Path) -> None:
    bought(emulator)
    path, kept = save(emulator, tmp_path), f"kept-{emulator.name}"
    assert command("reproduce", str(path), "--keep", kept, "--url", emulator.control_url).returncode == 0
    orders = httpx.get(f"{emulator.control_url}/sandboxes/{kept}/orders").json()["orders"]
    assert [each["id"] for each in orders] == [each["id"] for each in emulator.orders()]
    assert [each["status"] for each in orders] == ["complete"]


def test_a_reproduction_can_be_turned_into_a_passing_test(emulator: Emulator, tmp_path: Path) -> None:
    shop = emulator.receive_at("shop.test", answering(500, 200))
    emulator.call("POST", "webhooks/subscribe", {"url": shop.url})
    orders: list[tuple[Any, str]] = []
    emulator.call("PUT", "scenarios/baanx/mine", {"version": 1, "provider": "baanx", "about": "mine", "timeline": []})
    for provider in NAMES:
        do(emulator, ("make", provider, None), orders)
        do(emulator, ("look", len(orders) - 1, None), orders)
        do(emulator, ("advance", "10m", None), orders)
        do(emulator, ("fault", provider, "reset; when=after"), orders)
        do(emulator, ("nowhere", provider, None), orders)
        do(emulator, ("fire", len(orders) - 1, "coffee"), orders)
        do(emulator, ("look", len(orders) - 1, None), orders)
    path, test = save(emulator, tmp_path), tmp_path / "test_course.py"
    assert command("reproduce", str(path), "--as-test", str(test)).returncode == 0
    done = python(tmp_path, "-m", "pytest", "-p", "emulator.testing.plugin", "-p", "no:cacheprovider", str(test))
    assert "1 passed" in done.stdout, done.stdout


def test_a_failed_test_leaves_a_file_that_can_be_replayed(tmp_path: Path) -> None:
    (tmp_path / "test_mine.py").write_text(
        "def test_it(emulator):\n    emulator.make_order('changelly', 'buy')\n    assert 0\n\n"
        "def test_other(emulator):\n    emulator.make_order('changelly', 'buy')\n"
    )
    arguments = ("-m", "pytest", "-p", "emulator.testing.plugin", "--emulator-reproductions=left")
    shown = python(tmp_path, *arguments).stdout
    [path] = (tmp_path / "left").iterdir()
    assert path.name.startswith("test_mine.py-test_it-") and f"emulator reproduce left/{path.name}" in shown
    assert require_same(json_text.decode(path.read_bytes())).requests == 1


def test_a_refused_request_keeps_the_token_of_its_sandbox_and_no_other(server: BackgroundServer) -> None:
    with server.sandbox(clock={"mode": "manual"}) as emulator:
        emulator.advance("30s")
        with pytest.raises(ControlRefused):
            emulator.make_order("koywe", scenario="refuse")
        document = emulator.call("GET", "reproduction")
    require_same(document)
    stranger = "Bearer a-token-of-another-place"
    with server.sandbox() as emulator:
        emulator.client("baanx").get(path_of(emulator, "baanx"), headers={"Authorization": stranger})
        written = json.dumps(emulator.call("GET", "reproduction"))
        assert "Bearer [redacted]" in written
        assert stranger not in written

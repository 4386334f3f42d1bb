"""The control API: sandboxes and their clocks."""

from concurrent.futures import ThreadPoolExecutor
from typing import Any

import httpx
import pytest

from emulator import providers
from emulator.core.durations import read_instant_ms
from emulator.testing import BackgroundServer, ControlRefused, Emulator
from emulator.web.application import Options
from tests.clients.baanx import Client
from tests.polling import eventually

ABOUT = {"version": 1, "provider": "baanx", "about": "A test."}


def create(emulator: Emulator, scenario: str = "happy", **changes: Any) -> str:
    with Client(emulator) as client:
        return client.order_id(client.create({"X-Emulator-Scenario": scenario}, **changes))


# -- sandboxes


def test_two_sandboxes_with_the_same_requests_do_not_affect_each_other(emulator: Emulator, other: Emulator) -> None:
    mine, theirs = create(emulator), create(other)
    assert [order["id"] for order in emulator.orders()] == [mine]
    assert [order["id"] for order in other.orders()] == [theirs]
    emulator.advance("5s")
    assert emulator.order(mine)["status"] == "COMPLETED"
    assert other.order(theirs)["status"] == "STARTED"
    with pytest.raises(ControlRefused, match="unknown-order"):
        other.order(mine)
    with Client(other) as client:
        assert client.read(mine).status_code == 404


def test_resetting_a_sandbox_does_not_affect_another(emulator: Emulator, other: Emulator) -> None:
    create(emulator), create(other)
    emulator.set("baanx", use_pending=True), other.set("baanx", use_pending=True)
    emulator.advance("5s"), other.advance("5s")
    kept = other.call("GET", "snapshot"), other.journal()
    emulator.reset()
    assert (other.call("GET", "snapshot"), other.journal()) == kept


def test_a_reset_sandbox_repeats_exactly_what_it_did_at_first(emulator: Emulator) -> None:
    first = emulator.call("GET", "snapshot")
    order = create(emulator)
    emulator.set("baanx", use_pending=True)
    emulator.scenario("baanx", "mine", ABOUT)
    emulator.choose(baanx="mine")
    emulator.advance("1h")
    emulator.reset()
    again = emulator.call("GET", "snapshot")
    assert again == first
    assert emulator.journal() == []
    assert create(emulator) == order


def test_the_same_seed_gives_the_same_ids_and_another_seed_others(emulator_server: BackgroundServer) -> None:
    found = []
    for name, seed in (("seed-a", 7), ("seed-b", "7"), ("seed-c", 8)):
        with emulator_server.sandbox(name=name, seed=seed) as sandbox:
            found.append(create(sandbox))
    assert found[0] == found[1] != found[2]


def test_a_sandbox_comes_with_its_credentials_and_urls(emulator: Emulator, control: httpx.Client) -> None:
    shown = control.get(f"/sandboxes/{emulator.name}").json()
    name = emulator.name
    assert list(shown["credentials"]) == ["sandbox", *providers.NAMES]
    assert list(shown["urls"]) == list(providers.NAMES)
    assert shown["credentials"]["sandbox"] == name
    assert shown["credentials"]["baanx"] == {
        "client_id": f"client-{name}", "token": f"user-{name}", "email": f"user@{name}.test", "password": "sandbox",
        "partner_token": f"partner-{name}",
    }  # fmt: skip
    assert shown["credentials"]["basswallet"] == {
        "access_key": f"access-{name}", "secret_key": f"secret-{name}",
        "noauth_access_key": f"noauth-{name}", "noauth_secret_key": f"secret-noauth-{name}",
        "ip_access_key": f"ip-{name}", "ip_secret_key": f"secret-ip-{name}",
        "other_access_key": f"other-{name}", "other_secret_key": f"secret-other-{name}",
        "callback_access_key": f"callback-access-{name}", "callback_secret_key": f"callback-secret-{name}",
    }  # fmt: skip
    changelly = shown["credentials"]["changelly"]
    assert list(changelly) == [
        "api_key",
        "private_key",
        "private_key_base64",
        "callback_public_key",
        "callback_public_key_base64",
    ]
    assert changelly["api_key"] == f"key-{name}"
    assert shown["credentials"]["koywe"] == {
        "api_key": f"api-{name}", "secret": f"secret-{name}",
        "organization_id": f"org_{name}", "merchant_id": f"mrc_{name}",
    }  # fmt: skip


def test_sandboxes_can_be_listed_and_removed(emulator_server: BackgroundServer, control: httpx.Client) -> None:
    made = emulator_server.sandbox(name="listed")
    assert "listed" in [each["name"] for each in control.get("/sandboxes").json()["sandboxes"]]
    answer = control.delete("/sandboxes/listed")
    assert (answer.status_code, answer.content) == (204, b"")
    assert "listed" not in [each["name"] for each in control.get("/sandboxes").json()["sandboxes"]]
    assert control.get("/sandboxes/listed").status_code == 404
    made.close()


def test_many_simultaneous_requests_create_a_sandbox_once(
    emulator_server: BackgroundServer, control: httpx.Client
) -> None:
    with ThreadPoolExecutor(8) as threads:
        answers = list(threads.map(lambda _: control.post("/sandboxes", json={"name": "race"}), range(16)))
    assert sorted(answer.status_code for answer in answers) == [201] + [409] * 15
    control.delete("/sandboxes/race")


def test_a_new_sandbox_s_settings_are_added_to_the_server_s() -> None:
    options = Options(port=0, settings={"baanx": {"use_pending": True, "underpaid": "keep_open"}})
    with (
        BackgroundServer(options) as server,
        server.sandbox(settings={"baanx": {"underpaid": "fail", "omit_request_id": True}}) as sandbox,
    ):
        baanx = sandbox.call("GET", "settings")["baanx"]
        assert (baanx["use_pending"], baanx["underpaid"], baanx["omit_request_id"]) == (True, "fail", True)


def test_an_unknown_key_creates_its_sandbox_only_in_auto_mode() -> None:
    with BackgroundServer(Options(port=0, sandboxes="auto")) as server:
        url, control = server.server.addresses.urls()["baanx"], server.server.addresses.control
        headers = {"X-Client-ID": "client-fresh", "Authorization": "Bearer user-fresh"}
        with httpx.Client(verify=False) as client:
            for key, status in (("client-Bad!", 498), ("client-", 498), ("other-fresh", 498), ("client-fresh", 200)):
                answer = client.get(f"{url}/v1/order/products/available", headers={**headers, "X-Client-ID": key})
                assert answer.status_code == status
            names = [each["name"] for each in client.get(f"{control}/sandboxes").json()["sandboxes"]]
    assert names == ["default", "fresh"]


def test_an_unknown_key_gets_the_refusal_of_the_provider(emulator: Emulator, control: httpx.Client) -> None:
    with Client(emulator) as client:
        answer = client.create({"X-Client-ID": "client-nobody"})
    assert answer.status_code == 498
    assert "nobody" not in [each["name"] for each in control.get("/sandboxes").json()["sandboxes"]]


def test_simultaneous_clients_get_separate_orders(emulator: Emulator) -> None:
    with ThreadPoolExecutor(16) as threads:
        ids = list(threads.map(lambda _: create(emulator), range(48)))
    assert len(set(ids)) == 48
    assert {order["id"] for order in emulator.orders()} == set(ids)
    happened = emulator.advance("5s")
    assert sorted(item["order"] for item in happened if item["kind"] == "transition") == sorted(ids)


# -- the clock


def test_a_manual_clock_stands_still_until_it_is_advanced(emulator: Emulator) -> None:
    assert emulator.now == "2026-01-05T12:00:00.000Z"
    order = create(emulator)
    assert emulator.order(order)["created_at"] == emulator.now == "2026-01-05T12:00:00.000Z"
    for by, now in (("250ms", "12:00:00.250"), (1, "12:00:01.250"), ("1h30m", "13:30:01.250")):
        emulator.advance(by)
        assert emulator.now == f"2026-01-05T{now}Z"


def test_the_clock_can_be_advanced_to_a_time_by_a_duration_and_until_idle(emulator: Emulator) -> None:
    create(emulator)
    assert [item["status"] for item in emulator.advance(to="2026-01-05T12:00:05Z") if item["kind"] == "transition"] == [
        "COMPLETED"
    ]
    create(emulator, "manual")
    (expired,) = emulator.advance(until="idle")
    assert (expired["status"], expired["at"]) == ("EXPIRED", "2026-01-05T13:00:05.000Z")
    assert emulator.now == "2026-01-05T13:00:05.000Z"
    assert emulator.advance(until="idle") == []


def test_everything_happens_at_its_own_instant_in_order(emulator: Emulator) -> None:
    create(emulator, "manual"), create(emulator), create(emulator, "payment-late")
    happened = emulator.advance("2h")
    moments = [read_instant_ms(item["at"]) for item in happened]
    assert len(happened) >= 3
    assert moments == sorted(moments)
    assert moments[0] == read_instant_ms("2026-01-05T12:00:05Z")


def test_the_clock_can_jump_ahead_and_change_its_mode_but_never_goes_back(emulator: Emulator) -> None:
    order = create(emulator)
    shown = emulator.call("PUT", "clock", {"now": "2026-01-05T12:00:05Z"})
    assert (shown["mode"], shown["now"]) == ("manual", "2026-01-05T12:00:05.000Z")
    assert [item["order"] for item in shown["happened"] if item["kind"] == "transition"] == [order]
    for wanted, mode, rate in (
        ({"rate": 60}, "rate", 60),
        ({"mode": "real"}, "real", 1),
        ({"mode": "manual"}, "manual", 0),
    ):
        before = emulator.call("GET", "clock")["now_ms"]
        shown = emulator.call("PUT", "clock", wanted)
        assert (shown["mode"], shown["rate"]) == (mode, rate)
        assert shown["now_ms"] >= before
    with pytest.raises(ControlRefused, match="time does not run backwards"):
        emulator.call("PUT", "clock", {"now": "2026-01-05T12:00:00Z"})


def test_with_a_rate_things_happen_by_themselves(emulator_server: BackgroundServer) -> None:
    with emulator_server.sandbox(clock={"rate": 1000, "now": "2026-01-05T12:00:00Z"}) as sandbox:
        order = create(sandbox)
        eventually(lambda: sandbox.order(order)["status"] == "COMPLETED")
        story = sandbox.order(order)["story"]
        completed = next(item for item in story if item.get("status") == "COMPLETED")
        assert read_instant_ms(completed["at"]) - read_instant_ms(sandbox.order(order)["created_at"]) == 5000


def test_timers_fire_by_themselves_when_they_fall_due(emulator_server: BackgroundServer) -> None:
    with emulator_server.sandbox(clock={"rate": 100_000}) as sandbox:
        order = create(sandbox)
        journal = emulator_server.server.engine.records.journals[sandbox.name]
        eventually(lambda: any(entry.kind == "transition" for entry in list(journal.entries())))
        assert sandbox.order(order)["status"] == "COMPLETED"


def test_an_advance_of_a_running_clock_starts_from_now(emulator_server: BackgroundServer) -> None:
    with emulator_server.sandbox(clock={"mode": "real"}) as sandbox:
        order = create(sandbox)
        before = sandbox.call("GET", "clock")["now_ms"]
        assert [item["order"] for item in sandbox.advance("5s") if item["kind"] == "transition"] == [order]
        assert sandbox.call("GET", "clock")["now_ms"] >= before + 5000


def test_time_stops_at_its_last_instant(emulator: Emulator) -> None:
    emulator.advance(to="9000-01-01T00:00:00Z")
    order = create(emulator)
    with pytest.raises(ControlRefused, match="time ends at 9000-01-01"):
        emulator.advance("1s")
    assert emulator.advance(until="idle") == []
    due = emulator.order(order)["next"]
    assert due is not None
    assert str(due["at"]).startswith("9000-01-01T00:00:05")

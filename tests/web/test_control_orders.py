"""The control API: orders, journal, settings, scenarios, snapshots."""

import socket
from collections.abc import Callable
from typing import Any
from urllib.parse import urlsplit

import httpx
import pytest

from emulator import providers
from emulator.core import json_text
from emulator.core.journal import Journal
from emulator.testing import BackgroundServer, ControlRefused, Emulator
from tests.clients.baanx import Client
from tests.clients.koywe import Client as KoyweClient

ABOUT: dict[str, Any] = {"version": 1, "provider": "baanx", "about": "A test."}


def create(emulator: Emulator, scenario: str = "happy", **changes: Any) -> str:
    with Client(emulator) as client:
        return client.order_id(client.create({"X-Emulator-Scenario": scenario}, **changes))


def send_slowly(emulator: Emulator, method: str, path: str, body: bytes, meanwhile: Callable[[], Any]) -> int:
    """Status of the answer to a call of which the body comes only after something else has been done."""
    address = urlsplit(emulator.control_url)
    head = (
        f"{method} {address.path}/sandboxes/{emulator.name}/{path} HTTP/1.1\r\nHost: {address.netloc}\r\n"
        f"Content-Type: application/json\r\nContent-Length: {len(body)}\r\nConnection: close\r\n\r\n"
    )
    with socket.create_connection((address.hostname or "", address.port or 0), timeout=10) as connection:
        connection.sendall(head.encode())
        meanwhile()
        connection.sendall(body)
        return int(connection.recv(65536).split()[1])


# -- orders


@pytest.mark.parametrize(
    ("method", "path", "body", "status"),
    [
        ("PUT", "default-scenario", b'{"baanx":"manual"}', 200),
        ("PUT", "settings", b'{"baanx":{"cors":true}}', 200),
        ("PUT", "scenarios/baanx/mine", b"version: 1\nprovider: baanx\nabout: Mine.\n", 200),
        ("POST", "faults", b'{"fault":"latency","provider":"baanx","times":1}', 201),
        ("PUT", "clock", b'{"mode":"manual"}', 200),
    ],
)
def test_a_slow_control_call_loses_nothing_that_happened_meanwhile(
    emulator: Emulator, method: str, path: str, body: bytes, status: int
) -> None:
    orders: list[str] = []
    assert send_slowly(emulator, method, path, body, lambda: orders.append(create(emulator))) == status
    orders += [create(emulator), create(emulator)]
    assert len(set(orders)) == 3
    assert {order["id"] for order in emulator.orders()} == set(orders)


def test_the_seed_decides_between_the_outcomes_of_a_step(emulator_server: BackgroundServer) -> None:
    timeline = [{"after": "1s", "one_of": [{"to": "FAILED", "weight": 1}, {"to": "COMPLETED", "weight": 3}]}]

    def outcomes() -> list[str]:
        with emulator_server.sandbox(seed="dice") as sandbox:
            sandbox.scenario("baanx", "dice", {**ABOUT, "timeline": timeline})
            orders = [create(sandbox, "dice") for _ in range(30)]
            sandbox.advance("1s")
            return [sandbox.order(order)["status"] for order in orders]

    first = outcomes()
    assert set(first) == {"FAILED", "COMPLETED"}
    assert first.count("COMPLETED") > first.count("FAILED")
    assert outcomes() == first


def test_orders_can_be_listed_by_provider_and_status(emulator: Emulator, control: httpx.Client) -> None:
    first, second = create(emulator), create(emulator, "manual")
    emulator.advance("5s")
    assert [order["id"] for order in emulator.orders(status="COMPLETED")] == [first]
    assert [order["id"] for order in emulator.orders(status="STARTED", provider="baanx")] == [second]
    assert emulator.orders(provider="koywe") == []
    shown = control.get(f"/sandboxes/{emulator.name}/orders?limit=1").json()
    assert (len(shown["orders"]), shown["total"]) == (1, 2)


def test_a_story_tells_everything_in_the_order_in_which_it_happened(emulator: Emulator) -> None:
    with Client(emulator) as client:
        order = client.start()
        client.read(order)
        emulator.fire(order, "payment_started")
        client.read(order)
        emulator.advance("1s")
        emulator.fire(order, "pay")
        client.read(order)
    story = [(item["kind"], item.get("status") or item.get("event"), item.get("cause") or item.get("endpoint"))
             for item in emulator.order(order)["story"]]  # fmt: skip
    assert story == [
        ("created", "STARTED", "request"),
        ("request", 200, "create-order"),
        ("request", 200, "get-order"),
        ("transition", "STARTED", "control"),
        ("request", 200, "get-order"),
        ("transition", "COMPLETED", "control"),
        ("request", 200, "get-order"),
    ]


def test_an_order_says_what_comes_next(emulator: Emulator) -> None:
    emulator.scenario("baanx", "waits", {**ABOUT, "timeline": [{"on": "pay"}, {"reads": 3, "to": "REFUNDED", }]} | {
        "timeline": [{"on": "payment_started"}, {"reads": 3, "to": "FAILED"}]})  # fmt: skip
    assert emulator.order(create(emulator))["next"] == {
        "at": "2026-01-05T12:00:05.000Z",
        "what": "step",
        "does": "COMPLETED",
    }
    order = create(emulator, "waits")
    due = emulator.order(order)["next"]
    assert due is not None
    assert due["what"] == "expire"
    emulator.fire(order, "payment_started")
    assert emulator.order(order)["next"] == {"at": None, "what": "reads", "reads": 3}
    emulator.fire(order, "pay")
    assert emulator.order(order)["next"] == {"at": None, "what": "reads", "reads": 3}


def test_an_order_can_be_moved_by_a_transition_or_by_force(emulator: Emulator) -> None:
    order = create(emulator, "manual")
    moved = emulator.move(order, "COMPLETED")
    assert (moved["status"], [item["status"] for item in moved["happened"]]) == ("COMPLETED", ["COMPLETED"])
    before = emulator.call("GET", "snapshot")
    with pytest.raises(ControlRefused, match="illegal-event"):
        emulator.move(order, "STARTED")
    assert emulator.call("GET", "snapshot") == before
    assert emulator.move(order, "STARTED", force=True)["status"] == "STARTED"


# -- the journal


def test_the_journal_is_paged(emulator: Emulator) -> None:
    with Client(emulator) as client:
        for _ in range(5):
            client.read("none")
    numbers = [entry["number"] for entry in emulator.journal()]
    assert numbers == [1, 2, 3, 4, 5]
    assert [entry["number"] for entry in emulator.journal(after=2, limit=2)] == [3, 4]
    assert emulator.journal(kind="created") == []


def test_a_count_is_incomplete_once_requests_were_evicted(
    emulator: Emulator, emulator_server: BackgroundServer
) -> None:
    emulator_server.server.engine.records.journals[emulator.name] = Journal(max_entries=3)
    with Client(emulator) as client:
        for number in range(5):
            assert emulator.count({"kind": "request"}) == {"count": min(number, 3), "complete": number <= 3}
            client.read("none")
    assert emulator.count({"kind": "request", "path": "/v1/order/other"}) == {"count": 0, "complete": False}
    assert emulator.count({"kind": "created"}) == {"count": 0, "complete": True}
    assert emulator.call("GET", "journal")["evicted"] == 2


def test_numbers_are_counted_as_the_client_wrote_them(emulator: Emulator) -> None:
    with Client(emulator) as client:
        client.request("POST", "/v1/order", content=b'{"productId":"x","amount":275.0}')
    assert emulator.count({"body.amount": 275}) == {"count": 1, "complete": True}
    assert emulator.count({"body.amount": "275.0"})["count"] == 0
    with httpx.Client(base_url=emulator.control_url, verify=False) as client:
        assert b'"amount":275.0' in client.get(f"sandboxes/{emulator.name}/journal").content


@pytest.mark.parametrize(
    ("asked", "told"), [("1", True), ("true", True), ("0", False), ("false", False), (None, False)]
)
def test_the_true_reason_is_sent_on_request(emulator: Emulator, asked: str | None, told: bool) -> None:
    with Client(emulator) as client:
        answer = client.create({"X-Emulator-Explain": asked}, productId="NOPE")
    assert answer.status_code == 422
    assert answer.json() == {"message": "Unknown productId"}
    reason = emulator.journal()[-1]["reason"]
    assert "no product 'NOPE'; there are" in str(reason)
    assert answer.headers.get("x-emulator-reason") == (reason if told else None)


def test_a_reason_with_any_characters_can_be_sent_in_a_header(emulator: Emulator) -> None:
    with Client(emulator) as client:
        answer = client.create({"X-Emulator-Explain": "1"}, productId="é\r\nX-Evil: 1\u2028\U0001f600" * 200)
    assert "x-evil" not in answer.headers
    assert len(answer.headers["x-emulator-reason"]) <= 4000


def test_an_unknown_scenario_in_the_header_is_refused_with_the_known_ones(emulator: Emulator) -> None:
    headers = {
        "X-Client-ID": f"client-{emulator.name}",
        "Authorization": f"Bearer user-{emulator.name}",
        "X-Emulator-Scenario": "none",
    }
    body = {"productId": "PRODUCT_ID_ABC", "paymentMethod": "CRYPTO_EXTERNAL_DAIMO"}
    answer = httpx.post(f"{emulator.baanx.url}/v1/order", headers=headers, json=body, verify=False)
    assert (answer.status_code, answer.json()["error"]) == (400, "unknown-scenario")
    assert "use one of completed-on-third-poll, expires, happy" in answer.json()["message"]
    assert emulator.orders() == []


def test_a_story_includes_the_faults_of_webhooks(emulator: Emulator) -> None:
    emulator.set("basswallet", webhook_url="http://127.0.0.1:1/hook", signature_check="off")
    emulator.inject("drop", provider="basswallet")
    order = {"amount": "25.50", "tokenName": "USDT", "chainName": "Tron"}
    key = {"API-Access-Key": emulator.basswallet.credentials["access_key"]}
    answer = httpx.post(f"{emulator.basswallet.url}/v1/account/payment", data=order, headers=key, verify=False)
    emulator.advance("2m")
    told = [item for item in emulator.order(answer.json()["data"]["id"])["story"] if item["kind"] == "delivery"]
    assert told
    assert {item["fault"] for item in told} == {"drop"}
    assert {webhook["fault"] for webhook in emulator.webhooks()} == {"drop"}


# -- settings, scenarios, snapshots


def test_changed_settings_are_merged_and_shown_with_all_others(emulator: Emulator) -> None:
    emulator.set("baanx", use_pending=True)
    shown = emulator.set("baanx", underpaid="keep_open")
    assert list(shown) == list(providers.NAMES)
    assert (shown["baanx"]["use_pending"], shown["baanx"]["underpaid"], shown["baanx"]["client_header"]) == (
        True,
        "keep_open",
        "either",
    )


def test_a_refused_setting_changes_none_of_the_others(emulator: Emulator) -> None:
    before = emulator.call("GET", "settings")
    with pytest.raises(ControlRefused):
        emulator.call("PUT", "settings", {"baanx": {"use_pending": True, "nonsense": 1}})
    assert emulator.call("GET", "settings") == before


def test_a_custom_scenario_can_be_added_chosen_and_listed(
    emulator: Emulator, control: httpx.Client, other: Emulator
) -> None:
    text = "version: 1\nprovider: baanx\nabout: Waits.\ntimeline:\n  - {on: coffee, to: COMPLETED}\n"
    path = f"/sandboxes/{emulator.name}/scenarios"
    assert control.put(f"{path}/baanx/mine", content=text).json() == {
        "provider": "baanx",
        "name": "mine",
        "about": "Waits.",
    }
    assert emulator.choose(baanx="mine") == {"baanx": "mine"}
    (shown,) = [each for each in control.get(path).json()["scenarios"]["baanx"] if each["name"] == "mine"]
    assert shown == {"name": "mine", "about": "Waits.", "match": {}, "default": True, "own": True}
    with Client(emulator) as client:
        order = client.order_id(client.create())
    assert emulator.order(order)["scenario"] == "mine"
    assert emulator.fire(order, "coffee")["status"] == "COMPLETED"  # type: ignore[arg-type]
    assert emulator.choose(baanx=None) == {}
    assert "mine" not in [each["name"] for each in other.call("GET", "scenarios")["scenarios"]["baanx"]]


def test_a_scenario_with_unknown_arguments_of_an_event_is_refused(emulator: Emulator) -> None:
    step = {"on": "approve", "do": "pay", "with": {"amount": "abc"}}
    with pytest.raises(ControlRefused, match="this event takes amount, txHash"):
        emulator.scenario("baanx", "mine", {**ABOUT, "timeline": [step]})
    emulator.scenario("baanx", "mine", {**ABOUT, "timeline": [{**step, "with": {"amount": "5"}}]})
    order = create(emulator, "mine")
    assert emulator.fire(order, "approve")["events"] is not None
    assert emulator.orders()[0]["id"] == order


@pytest.mark.parametrize("pattern", ["(a+)+$", "^(([a-z])+.)+[A-Z]([a-z])+$", r"(a+)+\1$", "(?=.*b)(a|aa)+$"])
def test_no_pattern_in_a_scenario_can_block_an_order(emulator: Emulator, pattern: str) -> None:
    emulator.scenario("baanx", "mine", {**ABOUT, "match": {"body.productId": {"pattern": pattern}}})
    with Client(emulator) as client:
        assert client.create(productId="a" * 5000 + "!").status_code == 422
        assert client.create().status_code == 200


def test_a_pattern_that_could_block_an_order_gets_no_named_groups(emulator: Emulator) -> None:
    match = {"body.productId": {"pattern": "^(?P<s>a+)+$"}}
    with pytest.raises(ControlRefused, match="could take long to read the named groups"):
        emulator.scenario("baanx", "mine", {**ABOUT, "match": match})


def test_a_scenario_can_be_sent_as_json_or_yaml(emulator: Emulator) -> None:
    emulator.scenario("baanx", "mine", {**ABOUT, "timeline": [{"after": 1, "to": "FAILED"}]})
    order = create(emulator, "mine")
    emulator.advance(1)
    assert emulator.order(order)["status"] == "FAILED"


def test_after_a_snapshot_is_restored_over_http_everything_goes_on(emulator: Emulator, control: httpx.Client) -> None:
    order = create(emulator)
    path = f"/sandboxes/{emulator.name}/snapshot"
    kept = control.get(path).content
    emulator.advance("5s")
    later = create(emulator)
    assert control.put(path, content=kept).status_code == 200
    assert control.get(path).content == kept
    assert emulator.now == "2026-01-05T12:00:00.000Z"
    assert [each["id"] for each in emulator.orders()] == [order]
    assert [item["order"] for item in emulator.advance("5s") if item["kind"] == "transition"] == [order]
    assert create(emulator) == later


def test_a_snapshot_can_be_restored_in_another_emulator(emulator: Emulator, other: Emulator) -> None:
    order = create(emulator)
    other.call("PUT", "snapshot", emulator.call("GET", "snapshot"))
    assert other.order(order)["status"] == "STARTED"
    with Client(other) as client:
        assert client.status(order) == "STARTED"


def test_in_a_restored_snapshot_ids_have_the_new_sandbox_s_name(emulator: Emulator, other: Emulator) -> None:
    with KoyweClient(emulator) as client:
        created = client.create(externalId="inv-1", description=f"for mrc_{emulator.name}x")
        assert created.status_code == 201, created.text
    other.call("PUT", "snapshot", emulator.call("GET", "snapshot"))
    with KoyweClient(other) as client:
        assert client.create(externalId="inv-1").status_code == 409
        assert client.create(externalId="inv-2").status_code == 201
        shown = client.read(created.json()["id"]).json()
        assert client.balances()
    assert shown["description"] == f"for mrc_{emulator.name}x"


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ({"version": 3}, "version: it is 3, and this emulator reads 1 to 2"),
        ({"clock": {"mode": "manual", "rate": "fast"}}, "a rate is a number"),
        ({"clock": {"mode": "later"}}, "mode"),
        ({"clock": {"anchor_ms": -1}}, "out of range"),
        ({"clock": {"anchor_ms": 10**18}}, "out of range"),
        ({"tables": {"orders": {"o": 5}}}, "tables.orders.o: "),
        ({"tables": {"orders": {"o": {"id": "o"}}}}, "tables.orders.o: "),
        ({"tables": {"settings": {"baanx": {"x": 1}}}}, "tables.settings.baanx: baanx has no setting 'x'"),
        ({"tables": {"scenarios": {"baanx/x": {}}}}, "tables.scenarios.baanx/x: "),
        ({"tables": {"default-scenarios": {"baanx": []}}}, "tables.default-scenarios.baanx: "),
        ({"tables": {"default-scenarios": {"baanx": {"name": "no"}}}}, "must be the name of a scenario"),
        ({"tables": {"default-scenarios": {"nobody": {"name": "happy"}}}}, "tables.default-scenarios.nobody: "),
        ({"tables": {"default-scenarios": {"baanx": {"name": []}}}}, "tables.default-scenarios.baanx: "),
        ({"tables": {"faults-used": {"f": "zz"}}}, "tables.faults-used.f: it must be a whole number"),
        ({"tables": {"faults-drawn": {"f": -1}}}, "tables.faults-drawn.f: it must be a whole number"),
        ({"tables": {"request-windows": {"k": {"ends_ms": 1, "used": "x"}}}}, "tables.request-windows.k: "),
        ({"tables": {"faults": {"x": {}}}}, "tables.faults.x: fault must be one of"),
        ({"tables": {"origin": {"origin": {}}}}, "tables.origin.origin: "),
        ({"tables": 5}, "object"),
    ],
    ids=str,
)
def test_an_invalid_snapshot_is_refused_and_changes_nothing(
    emulator: Emulator, change: dict[str, Any], words: str
) -> None:
    create(emulator)
    kept = emulator.call("GET", "snapshot")
    with pytest.raises(ControlRefused) as caught:
        emulator.call("PUT", "snapshot", {**kept, **change})
    assert words in str(caught.value)
    assert emulator.call("GET", "snapshot") == kept


def test_a_large_snapshot_is_read_completely(emulator: Emulator, control: httpx.Client) -> None:
    snapshot = emulator.call("GET", "snapshot")
    snapshot["tables"]["a test"] = {"x": "x" * (12 * 1024 * 1024)}
    assert control.put(f"/sandboxes/{emulator.name}/snapshot", content=json_text.encode(snapshot)).status_code == 200
    assert len(control.get(f"/sandboxes/{emulator.name}/snapshot").content) > 12 * 1024 * 1024

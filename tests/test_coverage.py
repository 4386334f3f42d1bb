"""What the clients of a sandbox have covered of a provider, as the control API reports it."""

from typing import Any

import httpx
import pytest
from msgspec.structs import replace

from emulator.providers import NAMES, load
from emulator.testing import BackgroundServer, ControlRefused, Emulator
from emulator.views.coverage import list_items

BUY = {
    "externalUserId": "user-1",
    "providerCode": "moonpay",
    "currencyFrom": "USD",
    "currencyTo": "ETH",
    "amountFrom": "150",
    "country": "EE",
    "walletAddress": "0x8cfbd31371e9bec8c82ae101e25bd9394c03a227",
}


def covered(document: Any, provider: str, part: str) -> list[str]:
    """Names of the items of a part that are covered."""
    [found] = [each for each in document["providers"] if each["name"] == provider]
    [items] = [each["items"] for each in found["parts"] if each["name"] == part]
    return [item["name"] for item in items if item["covered"]]


def of(emulator: Emulator, provider: str, part: str) -> list[str]:
    return covered(emulator.call("GET", "coverage"), provider, part)


def post_order(emulator: Emulator, **headers: str) -> httpx.Response:
    named = {f"X-Emulator-{name.title()}": value for name, value in headers.items()}
    return emulator.client("changelly").post("/v1/orders", json=BUY, headers=named)


def test_nothing_is_covered_at_first(emulator: Emulator) -> None:
    document = emulator.call("GET", "coverage")
    assert (document["complete"], document["covered"], document["total"]) == (True, 0, 0)
    assert {each["name"]: each["covered"] for each in document["providers"]} == dict.fromkeys(NAMES, 0)


def test_a_call_is_covered_by_success_and_each_of_its_errors_separately(emulator: Emulator) -> None:
    assert post_order(emulator, scenario="refused-limits").status_code == 400
    assert of(emulator, "changelly", "calls") == []
    assert of(emulator, "changelly", "errors") == ["create-order limits"]
    assert post_order(emulator).status_code == 201
    assert of(emulator, "changelly", "calls") == ["create-order"]


def test_an_error_that_no_scenario_can_cause_is_covered_by_any_call(emulator: Emulator) -> None:
    assert emulator.client("baanx").get("/v1/order/ord_0").status_code == 404
    assert of(emulator, "baanx", "errors") == ["order_not_found"]
    assert emulator.client("baanx").get("/v1/nowhere").status_code == 404
    assert of(emulator, "baanx", "errors") == ["order_not_found", "not_found"]


def test_a_lost_answer_covers_no_call(emulator: Emulator) -> None:
    with pytest.raises(httpx.ReadError):
        post_order(emulator, fault="reset; when=after")
    assert of(emulator, "changelly", "calls") == []
    assert post_order(emulator, fault="status; error=limits; when=after").status_code == 400
    assert (of(emulator, "changelly", "calls"), of(emulator, "changelly", "errors")) == ([], ["create-order limits"])


def test_a_status_is_covered_when_the_client_has_read_it(emulator: Emulator) -> None:
    order = emulator.make_order("changelly", "buy", "manual")
    emulator.fire(order["id"], "start")
    assert of(emulator, "changelly", "statuses") == []
    emulator.client("changelly").get("/v1/orders")
    assert of(emulator, "changelly", "statuses") == ["pending"]


def test_a_status_caused_by_a_read_is_covered_only_by_the_next_read(emulator: Emulator) -> None:
    emulator.make_order("changelly", "buy", "completed-on-third-poll")
    for _ in range(2):
        emulator.client("changelly").get("/v1/orders")
    assert "complete" not in of(emulator, "changelly", "statuses")
    emulator.client("changelly").get("/v1/orders")
    assert "complete" in of(emulator, "changelly", "statuses")


def test_the_status_in_the_answer_to_a_new_order_counts_as_read(emulator: Emulator) -> None:
    emulator.make_order("basswallet")
    assert of(emulator, "basswallet", "statuses") == ["Pending"]


def answering(*statuses: int) -> Any:
    """A receiver that answers with these statuses, one after the other, and with the last one from then on."""
    left = list(statuses)

    def receive(environ: Any, start: Any) -> list[bytes]:
        start(f"{left.pop(0) if len(left) > 1 else left[0]} Said", [])
        return []

    return receive


def test_a_status_is_covered_when_a_webhook_with_it_is_acknowledged(emulator: Emulator) -> None:
    shop = emulator.receive_at("shop.test", answering(500, 200))
    emulator.set("changelly", callback_url=shop.url)
    order = emulator.make_order("changelly", "buy", "manual")
    emulator.fire(order["id"], "start")
    emulator.advance("1s")
    assert of(emulator, "changelly", "webhooks") == ["callback refused"]
    assert of(emulator, "changelly", "statuses") == []
    emulator.advance(until="idle")
    assert of(emulator, "changelly", "webhooks") == ["callback acknowledged", "callback refused"]
    assert of(emulator, "changelly", "statuses") == ["pending"]


def test_a_webhook_with_an_unknown_status_covers_none(emulator: Emulator) -> None:
    shop = emulator.receive_at("shop.test", answering(200))
    emulator.set("changelly", callback_url=shop.url)
    emulator.inject("unknown-status", provider="changelly", times=1)
    order = emulator.make_order("changelly", "buy", "manual")
    emulator.fire(order["id"], "start")
    emulator.advance(until="idle")
    assert of(emulator, "changelly", "webhooks") == ["callback acknowledged"]
    assert of(emulator, "changelly", "statuses") == []


def test_transitions_and_deadlines_are_covered_as_they_happen(emulator: Emulator) -> None:
    emulator.make_order("baanx", scenario="manual")
    assert of(emulator, "baanx", "transitions") == []
    emulator.advance(until="idle")
    assert of(emulator, "baanx", "transitions") == ["STARTED expire EXPIRED"]
    assert of(emulator, "baanx", "deadlines") == ["expire"]


def test_an_event_that_is_fired_by_hand_covers_no_deadline(emulator: Emulator) -> None:
    order = emulator.make_order("baanx", scenario="manual")
    emulator.fire(order["id"], "expire")
    assert of(emulator, "baanx", "transitions") == ["STARTED expire EXPIRED"]
    assert of(emulator, "baanx", "deadlines") == []


def test_a_fault_of_an_answer_is_covered_by_the_next_successful_call(emulator: Emulator) -> None:
    with pytest.raises(httpx.ReadError):
        post_order(emulator, fault="reset; when=after")
    emulator.client("changelly").get("/v1/currencies")
    assert of(emulator, "changelly", "faults") == []
    assert post_order(emulator, scenario="refused-limits").status_code == 400
    assert of(emulator, "changelly", "faults") == []
    assert post_order(emulator).status_code == 201
    assert of(emulator, "changelly", "faults") == ["reset after"]


def test_a_fault_of_a_webhook_is_covered_by_the_next_acknowledged_one(emulator: Emulator) -> None:
    shop = emulator.receive_at("shop.test", answering(200))
    emulator.set("changelly", callback_url=shop.url)
    emulator.inject("bad-signature", provider="changelly", times=1)
    order = emulator.make_order("changelly", "buy", "manual")
    emulator.fire(order["id"], "start")
    emulator.advance(until="idle")
    assert of(emulator, "changelly", "webhooks") == ["callback acknowledged"]
    assert of(emulator, "changelly", "faults") == []
    emulator.fire(order["id"], "hold")
    emulator.advance(until="idle")
    assert of(emulator, "changelly", "faults") == ["bad-signature"]


def test_only_providers_that_were_used_or_are_named_count(emulator: Emulator) -> None:
    emulator.make_order("changelly", "buy")
    document = emulator.call("GET", "coverage")
    assert [each["name"] for each in document["providers"] if each["counts"]] == ["changelly"]
    [changelly] = [each for each in document["providers"] if each["counts"]]
    assert (document["covered"], document["total"]) == (changelly["covered"], changelly["total"])
    named = emulator.call("GET", "coverage", provider=["baanx", "koywe"])
    assert [each["name"] for each in named["providers"] if each["counts"]] == ["baanx", "changelly", "koywe"]
    assert named["covered"] == document["covered"] and named["total"] > document["total"]
    with pytest.raises(ControlRefused, match="did you mean"):
        emulator.call("GET", "coverage", provider="chngelly")


def test_what_a_removed_sandbox_covered_still_counts_in_the_total() -> None:
    with BackgroundServer(sockets=False) as server:
        url = f"{server.control_url}/coverage"
        with server.sandbox() as first, httpx.Client(transport=first.transport()) as client:
            first.make_order("changelly", "buy")
            with server.sandbox() as second:
                second.make_order("baanx")
                assert of(second, "changelly", "calls") == []
            merged = client.get(url).json()
        assert merged["complete"] is True
        with server.sandbox() as third, httpx.Client(transport=third.transport()) as client:
            merged = client.get(url).json()
    assert covered(merged, "changelly", "calls") == covered(merged, "baanx", "calls") == ["create-order"]


def test_neither_a_reset_nor_evicted_entries_reduce_coverage(emulator: Emulator) -> None:
    emulator.make_order("changelly", "buy")
    emulator.reset()
    assert emulator.journal() == []
    assert of(emulator, "changelly", "calls") == ["create-order"]


def test_restoring_a_snapshot_keeps_coverage(emulator: Emulator) -> None:
    snapshot = emulator.call("GET", "snapshot")
    emulator.make_order("changelly", "buy")
    emulator.call("PUT", "snapshot", snapshot)
    document = emulator.call("GET", "coverage")
    assert covered(document, "changelly", "calls") == ["create-order"] and document["complete"] is True


def test_a_fault_that_a_provider_cannot_have_is_not_among_its_items() -> None:
    card = load("changelly")
    others = {name: case for name, case in card.errors.items() if case.status != 429}
    named = [{each.name for each in list_items(one)["faults"]} for one in (card, replace(card, errors=others))]
    assert named[0] - named[1] == {"rate-limit before", "rate-limit after"}
    assert {"status before", "status after"} < named[1]


def test_what_has_fallen_due_counts_when_coverage_is_asked_for(emulator: Emulator) -> None:
    emulator.make_order("basswallet", scenario="sandbox-fail")
    assert "Pending pay Pending" in of(emulator, "basswallet", "transitions")

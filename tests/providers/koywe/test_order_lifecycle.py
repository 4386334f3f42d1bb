"""Every row of the table of statuses: by the clock, by the pay page, by events alone."""

from typing import Any, cast

import pytest

from emulator import providers
from emulator.testing import ControlRefused, Emulator
from tests.clients.koywe import Client
from tests.providers.koywe.order_table import (
    AWAITED,
    COLLECTED,
    HELD,
    TRANSFERS,
    engine,
    everywhere,
    make,
    paths,
    rows,
)
from tests.providers.koywe.samples import KINDS, PAYIN, PAYMENT_LINK, PAYOUT, SCENARIO


def test_14_the_table_of_transitions_is_complete() -> None:
    lifecycle = providers.load("koywe").lifecycle
    for kind in KINDS:
        declared = {
            (row.source, row.event): row.target
            for status in lifecycle.statuses
            for row in lifecycle.rows(kind, status)
            if (row.event, row.target) != ("approve", "COMPLETED")
        }
        assert declared == rows(kind), kind
    assert set(lifecycle.statuses) == {status for _, status in everywhere()}


@pytest.mark.parametrize(("kind", "status"), list(everywhere()))
def test_15_every_event_does_what_the_table_says_and_nothing_else(
    emulator: Emulator, client: Client, kind: str, status: str
) -> None:
    order_id = make(emulator, client, kind, status)
    assert client.status(order_id) == status
    known = rows(kind)
    before = client.read(order_id).content, engine(client)
    for event in providers.load("koywe").lifecycle.events:
        if (status, event) not in known:
            with pytest.raises(ControlRefused) as refused:
                emulator.fire(order_id, cast(Any, event))
            assert refused.value.error == "illegal-event"
    assert (client.read(order_id).content, engine(client)) == before
    assert set(emulator.order(order_id)["events"]) == {event for source, event in known if source == status}
    for (source, event), target in known.items():
        if source == status:
            other = make(emulator, client, kind, status)
            assert emulator.fire(other, cast(Any, event))["status"] == target
            assert client.status(other) == target


HAPPY: dict[str, list[tuple[str, str]]] = {
    "PAYIN": [("1s", "PROCESSING"), ("1s", "PAID"), ("1s", "COMPLETED")],
    "PAYMENT_LINK": [("1s", "PROCESSING"), ("1s", "PAID"), ("1s", "COMPLETED")],
    "PAYOUT": [("1s", "PROCESSING"), ("60s", "COMPLETED")],
    "BALANCE_TRANSFER": [("2s", "COMPLETED")],
    "INTER_MERCHANT_TRANSFER": [("2s", "COMPLETED")],
    "ONRAMP_FROM_BALANCE": [("1s", "PROCESSING"), ("30s", "COMPLETED")],
    "ONRAMP_BY_METHOD": [("2s", "PAID"), ("1s", "PROCESSING"), ("30s", "COMPLETED")],
    "OFFRAMP": [("2s", "PAID"), ("1s", "PROCESSING"), ("30s", "COMPLETED")],
}
BY_PAYER: dict[str, list[tuple[str, str]]] = {
    "PAYIN": [("1s", "COMPLETED")],
    "PAYMENT_LINK": [("1s", "COMPLETED")],
    "ONRAMP_BY_METHOD": [("1s", "PROCESSING"), ("30s", "COMPLETED")],
    "OFFRAMP": [("1s", "PROCESSING"), ("30s", "COMPLETED")],
}


def walk(emulator: Emulator, client: Client, order_id: str, steps: list[tuple[str, str]]) -> None:
    for after, status in steps:
        before = client.status(order_id)
        emulator.advance(f"{int(after.removesuffix('s')) * 1000 - 1}ms")
        assert client.status(order_id) == before
        emulator.advance("1ms")
        assert client.status(order_id) == status


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("description", [None, "#emu:pay", "Invoice 77 #emu:pay"])
def test_14_the_scenario_happy_follows_the_clock(
    emulator: Emulator, client: Client, kind: str, description: str | None
) -> None:
    order_id = client.order_id(client.create(**KINDS[kind], description=description))
    walk(emulator, client, order_id, HAPPY[kind])
    assert emulator.advance(until="idle") == []


@pytest.mark.parametrize("kind", KINDS)
def test_14_the_scenario_interactive_waits_only_for_payers(emulator: Emulator, client: Client, kind: str) -> None:
    order_id = client.order_id(client.create(**KINDS[kind], description="#emu:interactive"))
    if kind not in BY_PAYER:
        walk(emulator, client, order_id, HAPPY[kind])
        return
    emulator.advance("50m")
    assert client.status(order_id) == "PENDING"
    emulator.fire(order_id, "confirm")
    assert client.status(order_id) == "PAID"
    walk(emulator, client, order_id, BY_PAYER[kind])


@pytest.mark.parametrize("kind", ["PAYIN", "PAYMENT_LINK", "ONRAMP_BY_METHOD"])
def test_14_the_scenario_interactive_goes_on_after_the_pay_page(emulator: Emulator, client: Client, kind: str) -> None:
    order_id = client.order_id(client.create(**KINDS[kind], description="#emu:interactive"))
    page = client.request("POST", f"/pay/{order_id}", {"outcome": "succeed"}, headers={"Authorization": None})
    assert page.status_code == 200
    assert client.status(order_id) == "PAID"
    walk(emulator, client, order_id, BY_PAYER[kind])


@pytest.mark.parametrize("kind", KINDS)
def test_14_with_the_scenario_manual_orders_move_only_by_events(emulator: Emulator, client: Client, kind: str) -> None:
    order_id = client.order_id(client.create(**KINDS[kind], description="#emu:manual"))
    first = client.status(order_id)
    emulator.advance("59m")
    assert client.status(order_id) == first
    for event in paths(kind)["COMPLETED"][1]:
        emulator.fire(order_id, cast(Any, event))
    assert client.status(order_id) == "COMPLETED"


@pytest.mark.parametrize(
    ("word", "kinds", "status"),
    [
        ("fail", tuple(KINDS), "FAILED"),
        ("cancel", tuple(kind for kind in KINDS if kind not in TRANSFERS), "CANCELLED"),
        ("expire", (*COLLECTED, *AWAITED), "EXPIRED"),
    ],
)
def test_14_magic_words_in_an_order_end_it_after_two_seconds(
    emulator: Emulator, client: Client, word: str, kinds: tuple[str, ...], status: str
) -> None:
    for kind in kinds:
        before = engine(client)
        order_id = client.order_id(client.create(**KINDS[kind], description=f"#emu:{word}"))
        emulator.advance("1999ms")
        assert client.status(order_id) in ("PENDING", "PROCESSING")
        emulator.advance("1ms")
        assert client.status(order_id) == status, kind
        assert engine(client) == before


def test_14_a_draft_waits_to_be_submitted(emulator: Emulator, client: Client) -> None:
    for changes in (PAYIN, PAYMENT_LINK):
        created = client.create(**changes, description="#emu:draft")
        assert created.json()["status"] == "DRAFT"
        order_id = client.order_id(created)
        emulator.advance("2d")
        assert client.status(order_id) == "DRAFT"
        emulator.fire(order_id, "submit")
        assert client.status(order_id) == "PENDING"
    assert client.create(**PAYOUT, description="#emu:draft").json()["status"] == "PENDING"


REFUNDS: dict[str, tuple[str, str, str]] = {
    "PAYIN": ("3s", "REFUND_REQUESTED", "REFUNDED"),
    "PAYMENT_LINK": ("3s", "REFUND_REQUESTED", "REFUNDED"),
    "PAYOUT": ("60s", "COMPLETED", "REFUNDED"),
    "OFFRAMP": ("2s", "REFUND_REQUESTED", "REFUNDED"),
}


@pytest.mark.parametrize("kind", REFUNDS)
def test_14_a_magic_word_leads_to_a_refund(emulator: Emulator, client: Client, kind: str) -> None:
    before = engine(client)
    order_id = client.order_id(client.create(**KINDS[kind], description="#emu:refund"))
    lead, middle, end = REFUNDS[kind]
    emulator.advance(lead)
    emulator.advance("1s")
    assert client.status(order_id) == middle
    emulator.advance("1s")
    assert client.status(order_id) == end
    assert engine(client) == before


@pytest.mark.parametrize("kind", COLLECTED)
def test_14_a_pay_in_is_held_for_review(emulator: Emulator, client: Client, kind: str) -> None:
    order_id = client.order_id(client.create(**KINDS[kind], description="#emu:hold"))
    emulator.advance("2s")
    assert client.status(order_id) == "ON_HOLD"
    emulator.advance("2d")
    emulator.fire(order_id, "release")
    assert client.status(order_id) == "PROCESSING"
    emulator.fire(order_id, "hold")
    emulator.fire(order_id, "reject")
    assert client.status(order_id) == "FAILED"


@pytest.mark.parametrize("kind", [*HELD, *TRANSFERS])
def test_14_a_held_order_begins_its_steps_when_it_is_approved(emulator: Emulator, client: Client, kind: str) -> None:
    created = client.create(**KINDS[kind], description="#emu:hold")
    assert created.json()["status"] == "ON_HOLD"
    order_id = client.order_id(created)
    emulator.advance("2d")
    assert client.status(order_id) == "ON_HOLD"
    emulator.fire(order_id, "approve")
    assert client.status(order_id) == ("PROCESSING" if kind in TRANSFERS else "PENDING")
    walk(emulator, client, order_id, HAPPY[kind])


@pytest.mark.parametrize(
    ("kind", "setting", "seconds"),
    [
        ("PAYIN", "payin_expire", 86400),
        ("ONRAMP_BY_METHOD", "onramp_expire", 86400),
        ("OFFRAMP", "offramp_expire", 3600),
    ],
)
def test_14_unpaid_orders_expire_by_their_timer(
    emulator: Emulator, client: Client, kind: str, setting: Any, seconds: int
) -> None:
    order_id = client.order_id(client.create({SCENARIO: "interactive"}, **KINDS[kind]))
    emulator.advance(seconds - 1)
    assert client.status(order_id) == "PENDING"
    emulator.advance("1s")
    assert client.status(order_id) == "EXPIRED"
    emulator.set("koywe", **cast(Any, {f"timers.{setting}": 5}))
    order_id = client.order_id(client.create({SCENARIO: "manual"}, **KINDS[kind]))
    emulator.advance("5s")
    assert client.status(order_id) == "EXPIRED"
    emulator.set("koywe", **cast(Any, {f"timers.{setting}": None}))
    order_id = client.order_id(client.create({SCENARIO: "manual"}, **KINDS[kind]))
    emulator.advance("30d")
    assert client.status(order_id) == "PENDING"


def test_14_the_time_to_pay_a_draft_begins_when_it_is_submitted(emulator: Emulator, client: Client) -> None:
    order_id = client.order_id(client.create({SCENARIO: "draft"}))
    emulator.advance("2d")
    emulator.fire(order_id, "submit")
    emulator.advance("86399s")
    assert client.status(order_id) == "PENDING"
    emulator.advance("1s")
    assert client.status(order_id) == "EXPIRED"


@pytest.mark.parametrize(
    ("scenario", "kind", "status"),
    [
        ("processing", "PAYIN", "PROCESSING"),
        ("processing", "OFFRAMP", "PROCESSING"),
        ("paid", "PAYIN", "PAID"),
        ("paid", "OFFRAMP", "PAID"),
        ("refund-requested", "PAYIN", "REFUND_REQUESTED"),
        ("refund-requested", "OFFRAMP", "REFUND_REQUESTED"),
        ("refund-rejected", "PAYIN", "COMPLETED"),
        ("refund-rejected", "OFFRAMP", "PAID"),
        ("payout-fails", "PAYOUT", "FAILED"),
    ],
)
def test_14_some_scenarios_stay_in_their_first_status(
    emulator: Emulator, client: Client, scenario: str, kind: str, status: str
) -> None:
    order_id = client.order_id(client.create({SCENARIO: scenario}, **KINDS[kind]))
    emulator.advance("30d")
    assert client.status(order_id) == status


def test_14_a_scenario_cannot_begin_in_a_status_in_which_no_order_begins(emulator: Emulator) -> None:
    document = {"version": 1, "provider": "koywe", "about": "Begins at its end.", "initial": "REFUNDED"}
    with pytest.raises(ControlRefused) as refused:
        emulator.scenario("koywe", "backwards", document)
    assert refused.value.error == "broken-scenario"
    assert "DRAFT" in str(refused.value)

"""What a payer has really paid stays, whatever the control API and scripts ask for."""

from decimal import Decimal
from typing import Any, cast

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from emulator.testing import BackgroundServer, ControlRefused, Emulator
from tests.clients.basswallet import Client

AMOUNT = "99.99"
STATUSES = ("AwaitingConfirmation", "Success", "Failed", "Underpaid", "Expired", "Cancelled")
PAID_BY_PAYER = [
    (AMOUNT, False, "Expired"),
    (AMOUNT, False, "Cancelled"),
    (AMOUNT, True, "Underpaid"),
    ("120", True, "Underpaid"),
    ("50", True, "Success"),
]


@pytest.mark.parametrize(("amount", "confirmed", "target"), PAID_BY_PAYER)
def test_14_an_order_cannot_get_a_status_that_its_payment_rules_out(
    emulator: Emulator, client: Client, amount: str, confirmed: bool, target: Any
) -> None:
    order_id = client.start(amount=AMOUNT)
    emulator.fire(order_id, "pay", amount=amount)
    if confirmed:
        emulator.fire(order_id, "confirm")
    before = client.read(order_id).content
    with pytest.raises(ControlRefused) as caught:
        emulator.move(order_id, target)
    assert (caught.value.status, caught.value.error) == (409, "illegal-event")
    assert client.read(order_id).content == before


def test_14_a_partly_paid_order_may_become_underpaid(emulator: Emulator, client: Client) -> None:
    order_id = client.start(amount=AMOUNT)
    emulator.fire(order_id, "pay", amount="70")
    emulator.move(order_id, "AwaitingConfirmation")
    emulator.move(order_id, "Underpaid")
    assert client.outcome(order_id) == ("Underpaid", "70")


def test_14_a_paid_order_is_not_cancelled_by_the_scenario(emulator: Emulator, client: Client) -> None:
    order_id = client.start("cancelled", amount=AMOUNT)
    emulator.advance("4s")
    emulator.fire(order_id, "pay")
    assert "dropped" in [item["kind"] for item in emulator.advance(until="idle")]
    assert client.outcome(order_id) == ("Success", "99.99")


def test_14_a_script_cannot_mark_a_full_payment_as_underpaid(emulator: Emulator, client: Client) -> None:
    steps = [{"after": "5s", "do": "pay"}, {"after": "5s", "to": "Underpaid"}]
    document = {"version": 1, "provider": "basswallet", "about": "x", "timeline": steps}
    emulator.scenario("basswallet", "paid-short", document)
    order_id = client.start("paid-short", amount=AMOUNT)
    assert "dropped" in [item["kind"] for item in emulator.advance(until="idle")]
    assert client.outcome(order_id) == ("Success", "99.99")


@settings(max_examples=40)
@given(
    st.sampled_from(["50", "99.98", AMOUNT, "120"]),
    st.lists(st.sampled_from(["confirm", "fail", "30s", *STATUSES]), min_size=2, max_size=6),
)
def test_the_amount_paid_is_never_rewritten(emulator_server: BackgroundServer, amount: str, told: list[str]) -> None:
    impossible = ("Expired", "Cancelled", "Underpaid" if Decimal(amount) >= Decimal(AMOUNT) else "Success")
    with emulator_server.sandbox() as emulator, Client(emulator) as client:
        order_id = client.start(amount=AMOUNT)
        emulator.fire(order_id, "pay", amount=amount)
        for word in told:
            try:
                if word == "30s":
                    emulator.advance(word)
                elif word in STATUSES:
                    emulator.move(order_id, cast(Any, word))
                else:
                    emulator.fire(order_id, cast(Any, word))
            except ControlRefused as refusal:
                assert refusal.error == "illegal-event"
            status, shown = client.outcome(order_id)
            assert shown == (None if status == "Pending" else amount)
            assert status not in impossible

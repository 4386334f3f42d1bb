"""What happens to orders: payments, failures, refunds, expiry, and that a final status is not left."""

import re
from typing import Any, cast

import pytest

from emulator.providers.baanx.lifecycle import LIFECYCLE
from emulator.testing import ControlRefused, Emulator
from tests.clients.baanx import Client

HASH = "0x" + "5b" * 32
REFUNDED = "payment_refunded"


def shown(client: Client, order_id: str) -> tuple[str, str | None, dict[str, Any]]:
    """Status, note, and everything."""
    body = client.read(order_id).json()
    return body["status"], (body.get("metadata") or {}).get("note"), body


def test_08_a_paid_order_is_completed(emulator: Emulator, client: Client) -> None:
    order_id = client.start()
    emulator.advance("1118ms")
    emulator.fire(order_id, "pay")
    emulator.advance("1h")
    body = client.read(order_id).json()
    assert list(body) == ["requestId", "orderId", "status", "paidAt", "metadata"]
    assert (body["status"], body["paidAt"]) == ("COMPLETED", "2026-01-05 12:00:01.118+00")
    assert list(body["metadata"]) == ["paymentId", "txHash"]
    assert body["metadata"]["paymentId"] == body["requestId"]
    assert re.fullmatch("0x[0-9a-f]{64}", body["metadata"]["txHash"])


def test_08_the_transaction_hash_can_be_given(emulator: Emulator, client: Client) -> None:
    order_id = client.start()
    emulator.fire(order_id, "pay", txHash=HASH)
    assert shown(client, order_id)[2]["metadata"]["txHash"] == HASH


def test_08_the_transaction_that_was_seen_first_is_the_one_that_pays(emulator: Emulator, client: Client) -> None:
    order_id = client.start()
    emulator.fire(order_id, "payment_started", txHash=HASH)
    emulator.fire(order_id, "pay")
    assert shown(client, order_id)[2]["metadata"]["txHash"] == HASH


@pytest.mark.parametrize(("arguments", "note"), [({}, "payment_failed"), ({"note": "chain_halted"}, "chain_halted")])
def test_09_a_failed_order_has_a_reason(emulator: Emulator, client: Client, arguments: Any, note: str) -> None:
    order_id = client.start()
    emulator.fire(order_id, "fail", **arguments)
    status, found, body = shown(client, order_id)
    assert (status, found) == ("FAILED", note)
    assert "paidAt" not in body
    assert "txHash" not in body["metadata"]


def test_09_the_hash_of_a_failed_transaction_can_be_given(emulator: Emulator, client: Client) -> None:
    order_id = client.start()
    emulator.fire(order_id, "fail", txHash=HASH)
    assert shown(client, order_id)[2]["metadata"]["txHash"] == HASH


@pytest.mark.parametrize(
    ("style", "before", "after"), [("failed", "FAILED", "COMPLETED"), ("refunded",) + ("REFUNDED",) * 2]
)
def test_09_a_refund_ends_an_order_or_marks_it(
    emulator: Emulator, client: Client, style: Any, before: str, after: str
) -> None:
    emulator.set("baanx", refund_style=style)
    unpaid, paid = client.start(), client.start()
    emulator.fire(unpaid, "refund")
    assert shown(client, unpaid)[:2] == (before, REFUNDED)
    assert "paidAt" not in client.read(unpaid).json()
    emulator.fire(paid, "pay")
    emulator.fire(paid, "refund")
    assert shown(client, paid)[:2] == (after, REFUNDED)
    assert client.read(paid).json()["paidAt"] == "2026-01-05 12:00:00.000+00"


def test_10_an_order_expires_exactly_at_its_expiry_time(emulator: Emulator, client: Client) -> None:
    order_id = client.start()
    emulator.advance("3599.999s")
    assert client.read(order_id).json()["status"] == "STARTED"
    happened = emulator.advance("1ms")
    assert [(item["order"], item["status"], item["at"]) for item in happened] == [
        (order_id, "EXPIRED", "2026-01-05T13:00:00.000Z")
    ]
    assert list(client.read(order_id).json()) == ["requestId", "orderId", "status"]
    assert client.status(order_id) == "EXPIRED"


def test_10_a_setting_changes_the_window_of_new_orders(emulator: Emulator, client: Client) -> None:
    old = client.start()
    emulator.set("baanx", order_expiry_seconds=60)
    new = client.start()
    emulator.advance("59999ms")
    assert client.status(new) == "STARTED"
    emulator.advance("1ms")
    assert (client.status(new), client.status(old)) == ("EXPIRED", "STARTED")


def test_10_a_payment_that_was_seen_stops_the_expiry(emulator: Emulator, client: Client) -> None:
    order_id = client.start()
    emulator.advance("3599s")
    emulator.fire(order_id, "payment_started")
    emulator.advance("2d")
    assert client.status(order_id) == "STARTED"
    with pytest.raises(ControlRefused, match="illegal-event"):
        emulator.fire(order_id, "expire")
    with pytest.raises(ControlRefused, match="illegal-event"):
        emulator.fire(order_id, "payment_started")
    emulator.fire(order_id, "pay")
    assert client.status(order_id) == "COMPLETED"


def test_10_an_order_can_be_made_to_expire_now(emulator: Emulator, client: Client) -> None:
    order_id = client.start()
    emulator.fire(order_id, "expire")
    assert client.status(order_id) == "EXPIRED"


def test_11_a_late_payment_changes_nothing(emulator: Emulator, client: Client) -> None:
    order_id = client.start()
    emulator.advance("3600s")
    before = client.read(order_id).content
    emulator.fire(order_id, "pay")
    assert client.read(order_id).content == before


@pytest.mark.parametrize(("amount", "status"), [("199", "COMPLETED"), ("198.99", "EXPIRED")])
def test_11_a_late_payment_completes_if_the_setting_says_so(
    emulator: Emulator, client: Client, amount: str, status: str
) -> None:
    emulator.set("baanx", late_payment="complete")
    order_id = client.start()
    emulator.advance("2h")
    emulator.fire(order_id, "pay", amount=amount)
    body = client.read(order_id).json()
    assert body["status"] == status
    assert body.get("paidAt") == ("2026-01-05 14:00:00.000+00" if status == "COMPLETED" else None)


@pytest.mark.parametrize("amount", ["198.99", 198.99, 0, "0.000000000000000001"])
def test_12_an_order_paid_too_little_fails_and_the_money_goes_back(
    emulator: Emulator, client: Client, amount: Any
) -> None:
    order_id = client.start()
    emulator.fire(order_id, "pay", amount=amount)
    assert shown(client, order_id)[:2] == ("FAILED", REFUNDED)
    assert "paidAt" not in client.read(order_id).json()


@pytest.mark.parametrize("rest", ["0.01", None])
def test_12_part_payments_add_up_if_the_order_is_kept_open(
    emulator: Emulator, client: Client, rest: str | None
) -> None:
    emulator.set("baanx", underpaid="keep_open")
    order_id = client.start()
    emulator.fire(order_id, "pay", amount="100.5")
    emulator.fire(order_id, "pay", amount="98.49")
    assert list(client.read(order_id).json()) == ["requestId", "orderId", "status"]
    assert client.status(order_id) == "STARTED"
    emulator.fire(order_id, "pay", **({"amount": rest} if rest else {}))
    assert client.status(order_id) == "COMPLETED"


def test_12_a_part_payment_does_not_stop_the_expiry(emulator: Emulator, client: Client) -> None:
    emulator.set("baanx", underpaid="keep_open")
    order_id = client.start()
    emulator.fire(order_id, "pay", amount="100")
    emulator.advance("1h")
    assert client.status(order_id) == "EXPIRED"


@pytest.mark.parametrize("amount", ["250", 250, "199.00", 1e9])
def test_12_the_full_amount_or_more_completes_the_order(emulator: Emulator, client: Client, amount: Any) -> None:
    order_id = client.start()
    emulator.fire(order_id, "pay", amount=amount)
    body = client.read(order_id).json()
    assert body["status"] == "COMPLETED"
    assert list(body["metadata"]) == ["paymentId", "txHash"]


@pytest.mark.parametrize(
    ("event", "status", "note"),
    [("pay", "COMPLETED", None), ("fail", "FAILED", "payment_failed"), ("refund", "FAILED", REFUNDED)],
)
def test_13_with_use_pending_a_payment_is_seen_first(
    emulator: Emulator, client: Client, event: Any, status: str, note: str | None
) -> None:
    emulator.set("baanx", use_pending=True)
    order_id = client.start()
    emulator.fire(order_id, "payment_started", txHash=HASH)
    found, _, body = shown(client, order_id)
    assert (found, body["metadata"]) == ("PENDING", {"paymentId": body["requestId"], "txHash": HASH})
    emulator.advance("1d")
    assert client.status(order_id) == "PENDING"
    emulator.fire(order_id, event)
    assert shown(client, order_id)[:2] == (status, note)


def test_13_a_pending_order_can_be_paid_in_parts(emulator: Emulator, client: Client) -> None:
    emulator.set("baanx", use_pending=True, underpaid="keep_open")
    order_id = client.start()
    emulator.fire(order_id, "payment_started")
    assert list(shown(client, order_id)[2]["metadata"]) == ["paymentId"]
    emulator.fire(order_id, "pay", amount="1")
    assert client.status(order_id) == "PENDING"
    emulator.fire(order_id, "pay")
    assert client.status(order_id) == "COMPLETED"


# The statuses of an order for the product at these seconds after its creation.
SCRIPTED_PRODUCTS = {
    "SANDBOX_COMPLETE": [(9.999, "STARTED"), (10, "COMPLETED")],
    "SANDBOX_FAIL": [(9.999, "STARTED"), (10, "FAILED")],
    "SANDBOX_PENDING": [(4.999, "STARTED"), (5, "PENDING"), (9.999, "PENDING"), (10, "COMPLETED")],
    "SANDBOX_EXPIRE": [(9.999, "STARTED"), (10, "EXPIRED")],
}


@pytest.mark.parametrize("product", SCRIPTED_PRODUCTS)
def test_13_a_sandbox_product_runs_its_script(emulator: Emulator, client: Client, product: str) -> None:
    order_id = client.order_id(client.create(productId=product))
    now_s = 0.0
    for at_s, status in SCRIPTED_PRODUCTS[product]:
        emulator.advance(f"{(at_s - now_s) * 1000:.0f}ms")
        now_s = at_s
        assert client.status(order_id) == status


def test_13_a_script_does_not_change_what_has_ended(emulator: Emulator, client: Client) -> None:
    order_id = client.order_id(client.create(productId="SANDBOX_FAIL"))
    emulator.fire(order_id, "pay")
    emulator.advance("1d")
    assert client.status(order_id) == "COMPLETED"


EVENTS = ("payment_started", "pay", "fail", "refund", "expire")
ENDINGS = {
    "COMPLETED": (["pay"], {"refund"}),
    "COMPLETED, refunded": (["pay", "refund"], set()),
    "FAILED": (["fail"], set()),
    "EXPIRED": (["expire"], {"pay"}),
}


def test_14_the_events_are_exactly_these() -> None:
    assert tuple(LIFECYCLE.events) == EVENTS


@pytest.mark.parametrize("ending", ENDINGS)
@pytest.mark.parametrize("event", EVENTS)
def test_14_a_final_order_refuses_every_further_event(
    emulator: Emulator, client: Client, ending: str, event: Any
) -> None:
    before, allowed = ENDINGS[ending]
    order_id = client.start()
    for each in before:
        emulator.fire(order_id, cast(Any, each))
    if event in allowed:
        return
    body = client.read(order_id).content
    with pytest.raises(ControlRefused, match="illegal-event"):
        emulator.fire(order_id, event)
    assert client.read(order_id).content == body


@pytest.mark.parametrize("event", EVENTS)
def test_14_a_refunded_order_refuses_every_event(emulator: Emulator, client: Client, event: Any) -> None:
    emulator.set("baanx", refund_style="refunded")
    order_id = client.start()
    emulator.fire(order_id, "refund")
    with pytest.raises(ControlRefused, match="illegal-event"):
        emulator.fire(order_id, event)
    assert client.status(order_id) == "REFUNDED"


@pytest.mark.parametrize(
    ("path", "status", "note"),
    [
        (["PENDING", "COMPLETED"], "COMPLETED", None),
        (["PENDING", "FAILED"], "FAILED", "payment_failed"),
        (["FAILED"], "FAILED", "payment_failed"),
        (["EXPIRED"], "EXPIRED", None),
        (["REFUNDED"], "REFUNDED", REFUNDED),
        (["COMPLETED", "REFUNDED"], "REFUNDED", REFUNDED),
    ],
)
def test_a_status_that_is_set_comes_with_everything_that_belongs_to_it(
    emulator: Emulator, client: Client, path: list[str], status: str, note: str | None
) -> None:
    order_id = client.start()
    for target in path:
        emulator.move(order_id, cast(Any, target))
    assert shown(client, order_id)[:2] == (status, note)


@pytest.mark.parametrize(("late_payment", "status"), [("ignore", "EXPIRED"), ("complete", "COMPLETED")])
@pytest.mark.parametrize("scenario", ["happy", "completed-on-third-poll", "payment-pending"])
def test_no_script_completes_an_expired_order_unless_late_payments_count(
    emulator: Emulator, client: Client, scenario: str, late_payment: Any, status: str
) -> None:
    emulator.set("baanx", late_payment=late_payment)
    order_id = client.start(scenario=scenario)
    emulator.fire(order_id, "expire")
    for _ in range(3):
        assert client.status(order_id) in ("EXPIRED", status)
    emulator.advance("1m")
    assert client.status(order_id) == status


def test_a_late_completion_that_does_not_count_is_refused(emulator: Emulator, client: Client) -> None:
    order_id = client.start()
    emulator.fire(order_id, "expire")
    with pytest.raises(ControlRefused, match="cannot become COMPLETED"):
        emulator.move(order_id, "COMPLETED")
    emulator.set("baanx", late_payment="complete")
    emulator.move(order_id, "COMPLETED")
    assert client.status(order_id) == "COMPLETED"


@pytest.mark.parametrize("scenario", ["sandbox-expire", "expires"])
def test_no_script_expires_an_order_whose_payment_was_seen(emulator: Emulator, client: Client, scenario: str) -> None:
    order_id = client.start(scenario=scenario)
    emulator.fire(order_id, "payment_started")
    emulator.advance("2h")
    assert client.status(order_id) == "STARTED"
    with pytest.raises(ControlRefused, match="cannot become EXPIRED"):
        emulator.move(order_id, "EXPIRED")


@pytest.mark.parametrize("event", ["expire", "fail", "payment_started"])
def test_a_forced_completion_is_paid_like_any_other(emulator: Emulator, client: Client, event: Any) -> None:
    order_id = client.start()
    emulator.fire(order_id, event)
    emulator.move(order_id, "COMPLETED", force=True)
    body = client.read(order_id).json()
    assert (body["status"], "paidAt" in body, "txHash" in body["metadata"]) == ("COMPLETED", True, True)


def test_an_order_cannot_be_moved_to_the_status_it_has(emulator: Emulator, client: Client) -> None:
    order_id = client.start()
    emulator.move(order_id, "COMPLETED")
    body = client.read(order_id).content
    with pytest.raises(ControlRefused, match="illegal-event"):
        emulator.move(order_id, "COMPLETED")
    assert client.read(order_id).content == body


@pytest.mark.parametrize(
    ("event", "arguments"),
    [
        ("pay", {"amount": -1}),
        ("pay", {"amount": "1e5"}),
        ("pay", {"amount": ""}),
        ("pay", {"amount": 10**19}),
        ("pay", {"txHash": "0x12"}),
        ("fail", {"note": ""}),
        ("fail", {"reason": "x"}),
        ("expire", {"amount": 1}),
    ],
)
def test_the_arguments_of_events_are_checked(emulator: Emulator, client: Client, event: Any, arguments: Any) -> None:
    order_id = client.start()
    with pytest.raises(ControlRefused, match="bad-request"):
        emulator.fire(order_id, event, **arguments)
    assert client.status(order_id) == "STARTED"


def test_21_no_change_of_an_order_sends_a_webhook(emulator: Emulator, client: Client) -> None:
    emulator.set("baanx", use_pending=True)
    for events in (["payment_started", "pay", "refund"], ["fail"], ["refund"], ["expire", "pay"]):
        order_id = client.start()
        for event in events:
            emulator.fire(order_id, cast(Any, event))
    emulator.advance(until="idle")
    assert {entry["kind"] for entry in emulator.journal()} == {"request", "transition"}

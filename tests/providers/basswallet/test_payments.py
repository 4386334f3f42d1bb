"""How payments take an order from status to status: by the clock, by events, by scripts."""

from typing import Any, cast

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from emulator.testing import BackgroundServer, ControlRefused, Emulator
from tests.clients.basswallet import Client

AMOUNT = "99.99"
COMPLETE = ("Success", "Failed", "Underpaid")


def changes(happened: list[Any]) -> list[tuple[str, str]]:
    """When (after noon) the order got which status."""
    moved = [item for item in happened if item["kind"] == "transition" and item["status"] != item["source"]]
    return [(item["at"].removeprefix("2026-01-05T12:").removesuffix("Z"), item["status"]) for item in moved]


# -- 12. the usual way


@pytest.mark.parametrize(
    ("token", "chain", "first", "final"),
    [
        ("USDT", "Tron", "00:03.000", "01:00.000"),
        ("USDT", "Ethereum", "00:12.000", "12:48.000"),
        ("BNB", "Bsc", "00:03.000", "01:00.000"),
        ("BTC", "Bitcoin", "10:00.000", "20:00.000"),
    ],
)
def test_12_the_blocks_of_the_chain_confirm_a_payment(
    emulator: Emulator, client: Client, token: str, chain: str, first: str, final: str
) -> None:
    order_id = client.start(tokenName=token, chainName=chain)
    emulator.fire(order_id, "pay")
    assert client.outcome(order_id) == ("Pending", None)
    assert changes(emulator.advance(until="idle")) == [(first, "AwaitingConfirmation"), (final, "Success")]
    assert client.status(order_id) == "Success"


def test_12_a_tron_payment_moves_at_three_and_at_sixty_seconds(emulator: Emulator, client: Client) -> None:
    order_id = client.start(amount=AMOUNT)
    emulator.fire(order_id, "pay")
    for by, status in [("2999ms", "Pending"), ("1ms", "AwaitingConfirmation"), ("56999ms", "AwaitingConfirmation")]:
        emulator.advance(by)
        assert client.status(order_id) == status
    emulator.advance("1ms")
    assert client.outcome(order_id) == ("Success", AMOUNT)


def test_12_confirm_moves_a_payment_to_the_next_stage_at_once(emulator: Emulator, client: Client) -> None:
    order_id = client.start(amount=AMOUNT)
    with pytest.raises(ControlRefused) as caught:
        emulator.fire(order_id, "confirm")
    assert caught.value.error == "illegal-event"
    emulator.fire(order_id, "pay")
    assert emulator.fire(order_id, "confirm")["status"] == "AwaitingConfirmation"
    assert emulator.fire(order_id, "confirm")["status"] == "Success"
    assert client.outcome(order_id) == ("Success", AMOUNT)
    assert emulator.advance(until="idle") == []


def test_12_the_form_of_the_page_pays(emulator: Emulator, client: Client) -> None:
    order_id = client.start(amount=AMOUNT)
    client.pay_on_page(order_id)
    emulator.advance("1m")
    assert client.outcome(order_id) == ("Success", AMOUNT)


def test_12_a_script_in_the_display_info_pays(emulator: Emulator, client: Client) -> None:
    emulator.choose(basswallet=None)
    order_id = client.order_id(client.create(amount=AMOUNT, displayInfo="sandbox:pay:5"))
    happened = emulator.advance(until="idle")
    assert changes(happened) == [("00:08.000", "AwaitingConfirmation"), ("01:05.000", "Success")]
    assert client.outcome(order_id) == ("Success", AMOUNT)


def test_12_the_payer_and_the_transaction_are_shown(emulator: Emulator, client: Client) -> None:
    order_id = client.start(amount=AMOUNT, chainName="Ethereum")
    payer, transaction = "0x" + "1" * 40, "0x" + "ab" * 32
    emulator.fire(order_id, "pay", fromAddress=payer, txHash=transaction, tokenName="USDT", chainName="Ethereum")
    emulator.fire(order_id, "confirm")
    (listed,) = client.data(client.history())
    assert (listed["fromAddress"], listed["txHash"]) == (payer, transaction)


@pytest.mark.parametrize(
    ("changed", "first", "final"),
    [
        ({"first_confirmations": 3}, "00:09.000", "01:00.000"),
        ({"final_confirmations": 5}, "00:03.000", "00:15.000"),
        ({"first_confirmations": 6, "final_confirmations": 2}, "00:18.000", "00:18.000"),
        ({"block_interval_ms": {"Tron": 500}}, "00:00.500", "00:10.000"),
        ({"block_interval_ms": {"Bsc": 500}}, "00:03.000", "01:00.000"),
    ],
)
def test_12_confirmations_and_blocks_can_be_changed(
    emulator: Emulator, client: Client, changed: dict[str, Any], first: str, final: str
) -> None:
    emulator.set("basswallet", **changed)
    emulator.fire(client.start(), "pay")
    assert changes(emulator.advance(until="idle")) == [(first, "AwaitingConfirmation"), (final, "Success")]


# -- 13. expiry


@pytest.mark.parametrize(("minutes", "seconds"), [("1", 60), (None, 3600), ("7200", 432_000)])
def test_13_an_unpaid_order_expires_at_its_expiry_date(
    emulator: Emulator, client: Client, minutes: str | None, seconds: int
) -> None:
    order_id = client.start(expiryMinutes=minutes)
    emulator.advance(seconds - 1)
    emulator.advance("999ms")
    assert client.status(order_id) == "Pending"
    emulator.advance("1ms")
    assert client.outcome(order_id) == ("Expired", None)
    (expired,) = (item for item in emulator.order(order_id)["story"] if item["status"] == "Expired")
    assert expired["at"] == emulator.now


def test_13_an_order_that_was_paid_does_not_expire(emulator: Emulator, client: Client) -> None:
    order_id = client.start(tokenName="BTC", chainName="Bitcoin", expiryMinutes="1")
    emulator.advance("59999ms")
    emulator.fire(order_id, "pay")
    with pytest.raises(ControlRefused):
        emulator.fire(order_id, "expire")
    with pytest.raises(ControlRefused):
        emulator.fire(order_id, "cancel")
    emulator.advance("5m")
    assert client.status(order_id) == "Pending"
    emulator.advance(until="idle")
    assert client.status(order_id) == "Success"


def test_13_a_payment_exactly_at_the_expiry_date_is_late(emulator: Emulator, client: Client) -> None:
    emulator.choose(basswallet=None)
    order_id = client.order_id(client.create(displayInfo="sandbox:pay:60", expiryMinutes="1"))
    emulator.advance(until="idle")
    assert client.outcome(order_id) == ("Expired", None)


# -- 14. too little, too much, too late


def test_14_a_payment_of_too_little_ends_underpaid(emulator: Emulator, client: Client) -> None:
    order_id = client.start(amount=AMOUNT)
    emulator.fire(order_id, "pay", amount="50")
    assert changes(emulator.advance(until="idle")) == [
        ("00:03.000", "AwaitingConfirmation"),
        ("01:00.000", "Underpaid"),
    ]
    assert client.outcome(order_id) == ("Underpaid", "50")
    emulator.fire(order_id, "pay", amount="49.99")
    emulator.advance(until="idle")
    assert client.outcome(order_id) == ("Underpaid", "50")


def test_14_a_cent_too_little_is_too_little(emulator: Emulator, client: Client) -> None:
    order_id = client.start(amount=AMOUNT)
    emulator.fire(order_id, "pay", amount="99.98999999")
    emulator.advance(until="idle")
    assert client.outcome(order_id) == ("Underpaid", "99.98999999")


def test_14_a_second_payment_may_make_up_for_it(emulator: Emulator, client: Client) -> None:
    emulator.set("basswallet", underpaid_policy="topup")
    order_id = client.start(amount=AMOUNT)
    emulator.fire(order_id, "pay", amount="50", txHash="aa" * 32)
    emulator.advance("2m")
    emulator.fire(order_id, "pay", amount="49.99", txHash="bb" * 32)
    assert client.outcome(order_id) == ("Underpaid", "50")
    emulator.fire(order_id, "pay", amount="1")
    emulator.advance("3s")
    assert client.outcome(order_id) == ("AwaitingConfirmation", AMOUNT)
    assert client.data(client.read(order_id))["txHash"] == "bb" * 32
    assert "completeTime" not in client.data(client.history())[0]
    emulator.advance("57s")
    assert client.outcome(order_id) == ("Success", AMOUNT)


def test_14_any_number_of_payments_may_make_up_for_it_until_the_expiry_date(emulator: Emulator, client: Client) -> None:
    emulator.set("basswallet", underpaid_policy="topup")
    order_id = client.start(amount=AMOUNT, expiryMinutes="10")
    for total in ("10", "20", "30"):
        emulator.fire(order_id, "pay", amount="10")
        emulator.advance("1m")
        assert client.outcome(order_id) == ("Underpaid", total)
    emulator.advance("7m")
    emulator.fire(order_id, "pay", amount="69.99")
    emulator.advance("5m")
    assert client.outcome(order_id) == ("Underpaid", "30")


def test_14_an_overpayment_is_a_success(emulator: Emulator, client: Client) -> None:
    order_id = client.start(amount=AMOUNT)
    emulator.fire(order_id, "pay", amount="120.00")
    emulator.advance(until="idle")
    assert client.outcome(order_id) == ("Success", "120")


@pytest.mark.parametrize(
    ("policy", "amount", "outcome"),
    [
        ("ignore", AMOUNT, ("Expired", None)),
        ("credit", AMOUNT, ("Success", AMOUNT)),
        ("credit", "50", ("Underpaid", "50")),
    ],
)
def test_14_a_late_payment_is_ignored_or_credited(
    emulator: Emulator, client: Client, policy: Any, amount: str, outcome: tuple[str, str | None]
) -> None:
    emulator.set("basswallet", late_policy=policy)
    order_id = client.start(amount=AMOUNT, expiryMinutes="1")
    emulator.advance("2m")
    emulator.fire(order_id, "pay", amount=amount)
    assert client.outcome(order_id) == ("Expired", None)
    happened = changes(emulator.advance(until="idle"))
    wanted = [] if policy == "ignore" else [("02:03.000", "AwaitingConfirmation"), ("03:00.000", outcome[0])]
    assert happened == wanted
    assert client.outcome(order_id) == outcome


def test_14_below_the_minimum_a_variable_order_stays_pending_and_expires(emulator: Emulator, client: Client) -> None:
    order_id = client.start(chainName="Ethereum", expiryMinutes="1")
    emulator.fire(order_id, "pay", amount="4.99")
    emulator.advance("59s")
    assert client.status(order_id) == "Pending"
    emulator.advance("1s")
    assert client.outcome(order_id) == ("Expired", None)


def test_14_at_the_minimum_a_variable_order_is_paid(emulator: Emulator, client: Client) -> None:
    order_id = client.start(chainName="Ethereum")
    emulator.fire(order_id, "pay", amount="5")
    emulator.advance(until="idle")
    assert client.outcome(order_id) == ("Success", "5")


@pytest.mark.parametrize("arguments", [{"tokenName": "USDC"}, {"chainName": "Bsc"}])
def test_14_another_token_or_chain_has_no_effect(emulator: Emulator, client: Client, arguments: dict[str, str]) -> None:
    order_id = client.start(expiryMinutes="1")
    happened: list[Any] = emulator.fire(order_id, "pay", **arguments)["happened"]
    assert [item["kind"] for item in happened] == ["transition", "ignored"]
    assert next(iter(arguments)) in happened[1]["reason"]
    emulator.advance(until="idle")
    assert client.outcome(order_id) == ("Expired", None)


def test_14_a_second_payment_has_no_effect(emulator: Emulator, client: Client) -> None:
    order_id = client.start(amount=AMOUNT)
    for _ in range(2):
        emulator.fire(order_id, "pay")
        emulator.advance("2s")
    emulator.advance("1s")
    emulator.fire(order_id, "pay", amount="1")
    assert changes(emulator.advance(until="idle")) == [("01:00.000", "Success")]
    assert client.outcome(order_id) == ("Success", AMOUNT)


@pytest.mark.parametrize(
    "arguments", [{"amount": "0"}, {"amount": "ten"}, {"amount": -1}, {"times": 0}, {"txHash": "x"}]
)
def test_14_an_impossible_payment_is_refused(emulator: Emulator, client: Client, arguments: dict[str, Any]) -> None:
    order_id = client.start()
    if arguments == {"amount": "0"}:
        assert emulator.fire(order_id, "pay", **arguments)["happened"][1]["kind"] == "ignored"
        return
    with pytest.raises(ControlRefused) as caught:
        emulator.fire(order_id, "pay", **arguments)
    assert caught.value.error == "bad-request"


# -- 15. failure and cancellation


def test_15_a_payment_may_fail_while_it_is_confirmed(emulator: Emulator, client: Client) -> None:
    order_id = client.start(amount=AMOUNT)
    emulator.fire(order_id, "pay")
    with pytest.raises(ControlRefused):
        emulator.fire(order_id, "fail")
    emulator.advance("3s")
    emulator.fire(order_id, "fail")
    assert emulator.advance(until="idle") == []
    assert client.outcome(order_id) == ("Failed", AMOUNT)


def test_15_an_unpaid_order_can_be_cancelled(emulator: Emulator, client: Client) -> None:
    order_id = client.start(amount=AMOUNT)
    emulator.fire(order_id, "cancel")
    assert emulator.advance(until="idle") == []
    assert client.outcome(order_id) == ("Cancelled", None)


@pytest.mark.parametrize("status", ["Success", "Failed", "Cancelled"])
@pytest.mark.parametrize("event", ["pay", "confirm", "fail", "expire", "cancel"])
def test_15_an_event_that_the_status_does_not_allow_is_refused_and_changes_nothing(
    emulator: Emulator, client: Client, status: Any, event: Any
) -> None:
    order_id = client.start(amount=AMOUNT)
    emulator.move(order_id, status, force=True)
    before = client.read(order_id).content
    with pytest.raises(ControlRefused) as caught:
        emulator.fire(order_id, event)
    assert caught.value.error == "illegal-event"
    assert client.read(order_id).content == before


@pytest.mark.parametrize("status", ["AwaitingConfirmation", *COMPLETE])
def test_15_a_status_set_by_a_script_comes_with_its_payment(emulator: Emulator, client: Client, status: Any) -> None:
    order_id = client.start(amount=AMOUNT)
    emulator.move(order_id, "AwaitingConfirmation")
    if status != "AwaitingConfirmation":
        emulator.move(order_id, status)
    forced = client.start(amount=AMOUNT)
    emulator.move(forced, status, force=True)
    assert emulator.advance("2h") == []
    for each in (order_id, forced):
        assert client.outcome(each) == (status, "49.99" if status == "Underpaid" else AMOUNT)
    assert all(("completeTime" in order) == (status in COMPLETE) for order in client.data(client.history()))


# -- 17. the words of statuses


def test_17_two_statuses_have_the_words_of_the_settings_everywhere(emulator: Emulator, client: Client) -> None:
    emulator.set("basswallet", initial_status="AwaitingPayment", confirmation_word="WaitingConfirmation")

    def words(order_id: str) -> set[str]:
        page = client.page(order_id).text
        shown = page.partition('data-status="')[2].partition('"')[0]
        return {client.status(order_id), client.data(client.history())[0]["status"], shown}

    created = client.data(client.create())
    assert created["status"] == "AwaitingPayment"
    assert words(created["id"]) == {"AwaitingPayment"}
    emulator.move(created["id"], "AwaitingConfirmation")
    assert words(created["id"]) == {"WaitingConfirmation"}
    emulator.move(created["id"], "Success")
    assert words(created["id"]) == {"Success"}


# -- whatever happens

FINAL = ("Success", "Failed", "Underpaid", "Expired", "Cancelled")
deeds = st.one_of(
    st.sampled_from(["confirm", "fail", "expire", "cancel", "clock"]).map(lambda name: (name, "")),
    st.tuples(st.just("pay"), st.sampled_from(["", "50", "99.99", "120"])),
)


@settings(max_examples=40)
@given(st.lists(deeds, max_size=8), st.sampled_from([AMOUNT, None]))
def test_a_final_order_never_changes(
    emulator_server: BackgroundServer, told: list[tuple[str, str]], amount: str | None
) -> None:
    with emulator_server.sandbox() as emulator, Client(emulator) as client:
        order_id = client.start(amount=amount)
        kept: bytes | None = None
        for name, argument in told:
            try:
                if name == "clock":
                    emulator.advance("30s")
                else:
                    emulator.fire(order_id, cast(Any, name), **(cast(Any, {"amount": argument} if argument else {})))
            except ControlRefused as refusal:
                assert refusal.error == "illegal-event"
            shown = client.read(order_id)
            state = shown.content.partition(b'"data":')[2]
            assert kept is None or state == kept
            if client.data(shown)["status"] in FINAL:
                kept = state

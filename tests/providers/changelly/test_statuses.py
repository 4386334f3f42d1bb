"""Statuses: by PATCH, by flows, by events; what entering one does; what is forbidden. Over HTTP."""

from hashlib import sha256
from typing import Any, cast

import pytest

from emulator.providers.changelly.lifecycle import LIFECYCLE
from emulator.testing import ControlRefused, Emulator
from tests.clients.changelly import ETH, Client
from tests.providers.changelly.answers import causes, refused

STATUSES = list(LIFECYCLE.statuses)
GRAPH = {
    "created": ["pending", "expired"],
    "pending": ["hold", "complete", "failed", "refunded", "expired"],
    "hold": ["pending", "complete", "failed", "refunded"],
    "refunded": ["pending", "complete", "failed"],
    "expired": [],
    "failed": [],
    "complete": [],
}
PAID: dict[str, str | None] = {"payinAmount": "150", "payoutAmount": "0.04775"}
AMOUNTS: dict[str, dict[str, str | None]] = {
    "created": {"payinAmount": None, "payoutAmount": None},
    "pending": PAID,
    "hold": PAID,
    "complete": PAID,
    "refunded": {"payinAmount": "150", "payoutAmount": None},
    "failed": {"payinAmount": "150", "payoutAmount": None},
    "expired": {"payinAmount": None, "payoutAmount": None},
}
FLOWS = {
    "complete": ["pending", "complete"],
    "hold": ["pending", "hold", "complete"],
    "hold-failed": ["pending", "hold", "failed"],
    "failed": ["pending", "failed"],
    "expired": ["expired"],
    "refunded": ["pending", "refunded"],
    "refunded-complete": ["pending", "refunded", "complete"],
}
TRANSACTION = {"complete"}
"""Statuses of an order that has a transaction hash."""


def seen(client: Client, order_id: str) -> dict[str, Any]:
    order = client.order(order_id)
    return {name: order[name] for name in ("status", "payinAmount", "payoutAmount", "transactionHash")}


def expected(status: str, order_id: str) -> dict[str, Any]:
    transaction = sha256(order_id.encode()).hexdigest() if status in TRANSACTION else None
    return {"status": status, **AMOUNTS[status], "transactionHash": transaction}


def reach(client: Client, emulator: Emulator, status: Any, **changes: Any) -> str:
    """Id of an order in this status, reached along the arrows."""
    order_id = client.start(**changes)
    if status not in ("created", "expired"):
        emulator.move(order_id, "pending")
    if status not in ("created", "pending"):
        emulator.move(order_id, status)
    return order_id


@pytest.mark.parametrize("status", STATUSES[1:])
def test_19_every_status_is_reached_by_patch(client: Client, emulator: Emulator, status: str) -> None:
    order_id = client.start()
    emulator.advance("1s")
    if status in ("failed", "refunded"):
        client.patch(order_id, status="pending")
    response = client.patch(order_id, status=status)
    assert response.status_code == 200
    assert response.json() == client.order(order_id)
    assert seen(client, order_id) == expected(status, order_id)
    assert client.order(order_id)["updatedAt"] == emulator.now.removesuffix("Z")


def test_19_created_is_reached_by_patch_again(client: Client) -> None:
    order_id = client.start()
    client.patch(order_id, status="hold")
    client.patch(order_id, status="created")
    assert seen(client, order_id) == expected("created", order_id)


@pytest.mark.parametrize("kind", ["buy", "sell"])
@pytest.mark.parametrize("flow", FLOWS)
def test_19_flows_go_one_step_a_second(client: Client, emulator: Emulator, flow: str, kind: str) -> None:
    create = client.create if kind == "buy" else client.sell
    order_id = client.order_id(create(externalUserId=f"sandbox-flow-{flow}"))
    for status in ["created", *FLOWS[flow]]:
        assert client.status(order_id) == status
        emulator.advance("999ms")
        assert client.status(order_id) == status
        emulator.advance("1ms")
    assert client.status(order_id) == FLOWS[flow][-1]
    if kind == "buy":
        assert client.order(order_id)["payoutAmount"] == AMOUNTS[FLOWS[flow][-1]]["payoutAmount"]


@pytest.mark.parametrize("name", ["sandbox-flow-nothing", "sandbox-flow-hold2", "xsandbox-flow-hold"])
def test_19_only_exact_names_select_a_flow(client: Client, emulator: Emulator, name: str) -> None:
    order_id = client.order_id(client.create(externalUserId=name))
    assert emulator.order(order_id)["scenario"] == "happy"


def test_19_by_default_an_order_is_paid_and_completed(client: Client, emulator: Emulator) -> None:
    order_id = client.order_id(client.create())
    emulator.advance("2s")
    assert seen(client, order_id) == expected("pending", order_id)
    emulator.advance("3s")
    assert seen(client, order_id) == expected("complete", order_id)


@pytest.mark.parametrize(("status", "moves"), [(status, moves) for status, moves in GRAPH.items() if moves])
def test_19_the_control_api_moves_orders_along_transitions(
    client: Client, emulator: Emulator, status: str, moves: list[str]
) -> None:
    for target in moves:
        order_id = reach(client, emulator, status)
        emulator.move(order_id, cast(Any, target))
        assert client.status(order_id) == target


@pytest.mark.parametrize("status", STATUSES)
def test_19_the_control_api_needs_force_for_any_other_move(client: Client, emulator: Emulator, status: str) -> None:
    for target in STATUSES:
        if target in GRAPH[status] or target == status:
            continue
        order_id = reach(client, emulator, status)
        with pytest.raises(ControlRefused, match="illegal-event"):
            emulator.move(order_id, cast(Any, target))
        emulator.move(order_id, cast(Any, target), force=True)
        order = client.order(order_id)
        assert order["status"] == target
        assert order["payoutAmount"] == AMOUNTS[target]["payoutAmount"]


def test_19_the_payout_follows_the_orders_method(client: Client) -> None:
    cheap = client.start(currencyFrom="EUR", paymentMethod="sepa_bank_transfer")
    dear = client.start(currencyFrom="EUR", paymentMethod="card")
    best = client.start(currencyFrom="EUR")
    payouts = [client.patch(order_id, status="pending").json()["payoutAmount"] for order_id in (cheap, dear, best)]
    assert payouts == ["0.0594", "0.0573", "0.0594"]


@pytest.mark.parametrize(("status", "target"), [(status, target) for status in GRAPH for target in GRAPH[status]])
def test_20_every_transition_is_accepted(client: Client, emulator: Emulator, status: str, target: str) -> None:
    emulator.set("changelly", transitionCheck="graph")
    order_id = reach(client, emulator, status)
    assert client.patch(order_id, status=target).json()["status"] == target


@pytest.mark.parametrize("status", ["failed", "complete"])
@pytest.mark.parametrize("target", STATUSES)
def test_20_a_final_status_is_not_left(client: Client, emulator: Emulator, status: str, target: str) -> None:
    order_id = reach(client, emulator, status)
    response = client.patch(order_id, status=target, country="FR")
    if target == status:
        assert response.json()["country"] == "FR"
    else:
        assert refused(response) == (422, "unprocessableEntity")
        assert client.order(order_id)["country"] == "EE"


@pytest.mark.parametrize("target", STATUSES)
def test_20_an_expired_order_is_gone(client: Client, emulator: Emulator, target: str) -> None:
    order_id = reach(client, emulator, "expired")
    assert refused(client.patch(order_id, status=target)) == (410, "offerExpired")
    assert refused(client.patch(order_id, country="FR")) == (410, "offerExpired")


@pytest.mark.parametrize("status", ["created", "pending", "hold", "refunded"])
def test_20_any_other_status_is_accepted_unless_only_transitions_are_allowed(
    client: Client, emulator: Emulator, status: str
) -> None:
    for target in STATUSES:
        if target in GRAPH[status] or target == status:
            continue
        order_id = reach(client, emulator, status)
        emulator.set("changelly", transitionCheck="graph")
        assert refused(client.patch(order_id, status=target)) == (422, "unprocessableEntity")
        emulator.set("changelly", transitionCheck="final")
        assert client.patch(order_id, status=target).status_code == 200


@pytest.mark.parametrize("status", STATUSES)
def test_20_without_a_check_every_status_is_accepted(client: Client, emulator: Emulator, status: str) -> None:
    emulator.set("changelly", transitionCheck="off")
    for target in STATUSES:
        order_id = reach(client, emulator, status)
        assert client.patch(order_id, status=target).json()["status"] == target


def test_20_scenario_steps_do_not_change_a_final_order(client: Client, emulator: Emulator) -> None:
    order_id = client.order_id(client.create(externalUserId="sandbox-flow-complete"))
    client.patch(order_id, status="failed")
    emulator.advance(until="idle")
    assert client.status(order_id) == "failed"


PROPERTIES: list[tuple[str, Any]] = [
    ("currencyFrom", "EUR"),
    ("currencyTo", "BTC"),
    ("amountFrom", "200.50"),
    ("country", "DE"),
    ("state", "CA"),
    ("ip", "203.0.113.7"),
    ("walletAddress", "0x" + "0" * 40),
    ("paymentMethod", "anything"),
    ("userAgent", "Mozilla/5.0"),
    ("metadata", {"note": "Zoë", "n": [1]}),
    ("payinAmount", "149.99"),
    ("payoutAmount", "0.05"),
    ("payinCurrency", "GBP"),
    ("payoutCurrency", "XRP"),
]


@pytest.mark.parametrize(("name", "value"), PROPERTIES)
def test_21_each_property_can_be_changed_alone(client: Client, emulator: Emulator, name: str, value: Any) -> None:
    order_id = client.start()
    before = client.order(order_id)
    emulator.advance("1s")
    answer = client.patch(order_id, **{name: value}, surprise=1)
    assert answer.status_code == 200
    assert (
        answer.json() == client.order(order_id) == {**before, name: value, "updatedAt": emulator.now.removesuffix("Z")}
    )


@pytest.mark.parametrize("empty", [None, ""])
@pytest.mark.parametrize(
    "name", ["state", "ip", "walletExtraId", "paymentMethod", "userAgent", "metadata", "payinAmount", "payoutAmount",
             "payinCurrency", "payoutCurrency"],
)  # fmt: skip
def test_21_null_or_empty_text_clears_a_property(client: Client, name: str, empty: Any) -> None:
    order_id = client.start(state="x", ip="::1", paymentMethod="card", userAgent="u", metadata={"a": 1})
    client.patch(order_id, status="pending")
    assert client.patch(order_id, **{name: empty}).json()[name] is None


@pytest.mark.parametrize("name", ["currencyFrom", "currencyTo", "amountFrom", "country", "status", "walletAddress"])
def test_21_some_properties_cannot_be_cleared(client: Client, name: str) -> None:
    order_id = client.start()
    for empty in (None, ""):
        changes: dict[str, Any] = {name: empty}
        assert causes(client.patch(order_id, **changes)) == [name]


@pytest.mark.parametrize(
    ("changes", "names"),
    [
        ({"status": "completed"}, ["status"]),
        ({"status": "finished", "amountFrom": "x"}, ["amountFrom", "status"]),
        ({"country": "De"}, ["country"]),
        ({"country": "US", "state": "XX"}, ["state"]),
        ({"walletAddress": "0x1"}, ["walletAddress"]),
        ({"walletExtraId": "1"}, ["walletExtraId"]),
        ({"payinAmount": "-1"}, ["payinAmount"]),
        ({"payoutAmount": 5}, ["payoutAmount"]),
        ({"metadata": []}, ["metadata"]),
        ({"metadata": {"x": "x" * 17_000}}, ["metadata"]),
    ],
)
def test_21_values_have_the_formats_of_a_new_order(client: Client, changes: dict[str, Any], names: list[str]) -> None:
    order_id = client.start()
    before = client.order(order_id)
    assert causes(client.patch(order_id, **changes)) == names
    assert client.order(order_id) == before


def test_21_a_wallet_is_checked_against_the_coin_after_the_change(client: Client) -> None:
    order_id = client.start()
    bitcoin = "bc1qw508d6qejxtdg4y5r3zarvary0c5xw7kv8f3t4"
    assert causes(client.patch(order_id, walletAddress=bitcoin)) == ["walletAddress"]
    assert client.patch(order_id, walletAddress=bitcoin, currencyTo="BTC").status_code == 200


def test_21_properties_that_the_kind_of_order_does_not_have_are_ignored(client: Client) -> None:
    sale, purchase = client.order_id(client.sell()), client.start()
    answer = client.patch(sale, walletAddress="", walletExtraId=7, refundAddress=ETH)
    assert (answer.status_code, answer.json()["refundAddress"]) == (200, ETH)
    assert "walletAddress" not in answer.json()
    answer = client.patch(purchase, refundAddress="nonsense")
    assert answer.status_code == 200
    assert "refundAddress" not in answer.json()


@pytest.mark.parametrize("body", [{}, {"surprise": 1}, {"orderId": "x", "redirectUrl": "y"}])
def test_21_a_patch_without_known_properties_is_refused(client: Client, body: dict[str, Any]) -> None:
    assert refused(client.patch(client.start(), **body)) == (422, "unprocessableEntity")


def test_21_amounts_set_by_hand_replace_computed_ones(client: Client) -> None:
    order_id = client.start()
    answer = client.patch(order_id, status="complete", payinAmount="149", payoutAmount="0.04").json()
    assert (answer["payinAmount"], answer["payoutAmount"]) == ("149", "0.04")
    assert answer["transactionHash"] == sha256(order_id.encode()).hexdigest()


def test_21_an_expected_amount_is_paid_out_later(client: Client, emulator: Emulator) -> None:
    order_id = client.start()
    assert "amountTo" not in client.patch(order_id, amountTo="0.5").json()
    assert client.patch(order_id, status="pending").json()["payoutAmount"] == "0.5"
    emulator.set("changelly", callbackExtras=True)
    assert client.order(order_id)["amountTo"] == "0.5"
    client.patch(order_id, amountTo=None)
    assert client.patch(order_id, status="hold").json()["payoutAmount"] == "0.04775"


@pytest.mark.parametrize("order_id", ["abc", "0f4c2a7e-5d0b-4b1e-9a55-3c1f9f2d8e1", "%20", "0" * 36])
def test_21_an_id_that_is_not_a_uuid_is_refused(client: Client, order_id: str) -> None:
    response = client.patch(order_id, status="pending")
    assert causes(response) == ["id"]
    assert response.json()["errorDetails"] == [{"cause": "id", "value": "Incorrect order ID"}]


def test_21_an_order_is_found_whatever_the_case_of_its_id(client: Client) -> None:
    order_id = client.start()
    assert client.patch(order_id.upper(), status="pending").json()["orderId"] == order_id


def test_21_another_partner_s_orders_are_not_found(client: Client, other: Client) -> None:
    assert refused(client.patch("0f4c2a7e-5d0b-4b1e-9a55-3c1f9f2d8e11", status="pending")) == (404, "notFound")
    order_id = other.start()
    assert refused(client.patch(order_id, status="pending")) == (404, "notFound")
    assert other.status(order_id) == "created"


PRODUCTION = (
    b'{"errorType":"txType","errorMessage":"Transaction type is not test",'
    b'"errorDetails":[{"cause":"type","value":"production"}]}'
)


@pytest.mark.parametrize("user", ["sandbox-production", "sandbox-production-7"])
def test_21_a_production_order_is_refused(client: Client, user: str) -> None:
    order_id = client.order_id(client.create(externalUserId=user))
    response = client.patch(order_id, status="nonsense")
    assert (response.status_code, response.content) == (400, PRODUCTION)


@pytest.mark.parametrize("create", ["create", "sell"])
def test_21_the_mark_of_a_production_order_does_not_change_its_course(
    client: Client, emulator: Emulator, create: str
) -> None:
    def start(headers: dict[str, str | None] | None = None) -> str:
        return client.order_id(getattr(client, create)(headers, externalUserId="sandbox-production"))

    chosen = start({"X-Emulator-Scenario": "manual"})
    emulator.set("changelly", defaultFlow="none")
    usual = start()
    emulator.set("changelly", defaultFlow="hold", magicValues=False)
    test_order = start()
    emulator.set("changelly", magicValues=True)
    assert [emulator.order(each)["scenario"] for each in (chosen, usual, test_order)] == [
        "manual", "manual", "sandbox-flow-hold"
    ]  # fmt: skip
    assert (
        refused(client.patch(chosen, status="hold")) == refused(client.patch(usual, status="hold")) == (400, "txType")
    )
    assert client.patch(test_order, status="hold").status_code == 200


def test_21_all_orders_of_a_production_partner_are_refused(client: Client, other: Client, emulator: Emulator) -> None:
    order_id = client.start()
    emulator.set("changelly", mode="production")
    response = client.patch(order_id, status="pending")
    assert (response.status_code, response.content) == (400, PRODUCTION)
    assert other.patch(other.start(), status="pending").status_code == 200


def test_21_checks_are_made_in_order(client: Client) -> None:
    fault = {"X-Sandbox-Fault": "timeout"}
    path = "/v1/sandbox/order/abc"
    assert causes(client.request("PATCH", path, content=b"[", headers=fault)) == ["body"]
    assert refused(client.request("PATCH", path, {}, headers=fault)) == (400, "timeout")
    assert causes(client.request("PATCH", path, {})) == ["id"]


def test_21_events_of_the_control_api_change_properties(client: Client, emulator: Emulator) -> None:
    order_id = client.start()
    emulator.fire(order_id, "update", payinAmount="7", walletExtraId="", metadata={"by": "hand"})
    order = client.order(order_id)
    assert (order["payinAmount"], order["walletExtraId"], order["metadata"]) == ("7", None, {"by": "hand"})
    with pytest.raises(ControlRefused, match="bad-request"):
        emulator.fire(order_id, "update", currencyFrom=None)
    with pytest.raises(ControlRefused, match="bad-request"):
        emulator.fire(order_id, "update", payinAmount="many")
    emulator.fire(order_id, "start")
    emulator.fire(order_id, "hold")
    emulator.fire(order_id, "complete")
    emulator.fire(order_id, "update", payoutAmount="1")
    assert client.order(order_id)["payoutAmount"] == "1"
    with pytest.raises(ControlRefused, match="illegal-event"):
        emulator.fire(order_id, "fail")

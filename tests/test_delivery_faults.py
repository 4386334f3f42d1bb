"""Fault rules on webhooks: which webhooks, how often, and what the faults do."""

import json
import re
from collections.abc import Iterator
from typing import Any
from urllib.parse import parse_qsl

import pytest
from hypothesis import given
from hypothesis import strategies as st

from emulator.contract.delivery import Delivery
from emulator.contract.webhooks import FORMS
from emulator.core import json_text
from emulator.core.webhook_bodies import write_body
from emulator.providers import NAMES
from emulator.testing import ControlRefused, Emulator, verify_basswallet, verify_changelly, verify_koywe
from emulator.testing.types.names import Provider
from tests.clients import basswallet, changelly, koywe
from tests.receivers import Received, Receiver


@pytest.fixture
def receiver(emulator: Emulator) -> Iterator[Receiver]:
    with Receiver() as made:
        emulator.set("basswallet", webhook_url=made.url)
        emulator.set("changelly", callbackUrl=made.url)
        yield made


@pytest.fixture
def shop(emulator: Emulator) -> Iterator[basswallet.Client]:
    with basswallet.Client(emulator) as client:
        yield client


@pytest.fixture
def partner(emulator: Emulator) -> Iterator[changelly.Client]:
    with changelly.Client(emulator) as client:
        yield client


def expire(emulator: Emulator, shop: basswallet.Client, count: int = 1) -> list[str]:
    """Orders that have sent one webhook each, of the event `expired`."""
    ids = [shop.start() for _ in range(count)]
    for order_id in ids:
        emulator.fire(order_id, "expire")
        emulator.advance("1s")
    return ids


def faults(emulator: Emulator) -> list[str | None]:
    return [each["fault"] for each in emulator.webhooks()]


# -- which, and how often


def test_a_webhook_rule_with_times_ends_after_that_many_uses(
    emulator: Emulator, shop: basswallet.Client, receiver: Receiver
) -> None:
    emulator.inject("drop", times=2)
    expire(emulator, shop, 4)
    assert faults(emulator) == ["drop", "drop", None, None]
    assert len(receiver.received) == 2


def test_a_rule_with_skip_does_not_apply_to_the_first_webhooks(
    emulator: Emulator, shop: basswallet.Client, receiver: Receiver
) -> None:
    emulator.inject("drop", skip=1, times=2)
    expire(emulator, shop, 5)
    assert faults(emulator) == [None, "drop", "drop", None, None]


def test_a_webhook_that_cannot_have_the_fault_does_not_use_up_the_rule(
    emulator: Emulator, shop: basswallet.Client, partner: changelly.Client, receiver: Receiver
) -> None:
    emulator.inject("old-secret", times=1)
    emulator.move(partner.start(), "pending")
    emulator.advance("1s")
    expire(emulator, shop)
    assert faults(emulator) == [None, "old-secret"]


def test_if_one_rule_s_fault_cannot_be_injected_the_next_rule_applies(
    emulator: Emulator, partner: changelly.Client, receiver: Receiver
) -> None:
    emulator.inject("stale-timestamp")
    emulator.inject("drop")
    emulator.move(partner.start(), "pending")
    emulator.advance("1s")
    assert faults(emulator) == ["drop"]


def test_the_chance_of_a_fault_comes_from_the_seed(
    emulator: Emulator, shop: basswallet.Client, receiver: Receiver
) -> None:
    emulator.inject("drop", chance=0.5)
    expire(emulator, shop, 24)
    found = faults(emulator)
    assert 4 <= found.count("drop") <= 20
    emulator.reset()
    emulator.set("basswallet", webhook_url=receiver.url)
    emulator.inject("drop", chance=0.5)
    expire(emulator, shop, 24)
    assert faults(emulator) == found


def test_a_rule_can_match_the_receiver(emulator: Emulator, shop: basswallet.Client, receiver: Receiver) -> None:
    with Receiver() as other:
        emulator.inject("drop", match={"url": other.url})
        emulator.inject("duplicate", match={"url": {"pattern": f":{receiver.port}/"}, "provider": "basswallet"})
        emulator.fire(shop.start(webhookUrl=other.url), "expire")
        emulator.fire(shop.start(), "expire")
        emulator.advance("1s")
        assert (len(other.received), len(receiver.received)) == (0, 2)


def test_a_rule_can_name_an_event(emulator: Emulator, shop: basswallet.Client, receiver: Receiver) -> None:
    emulator.inject("drop", event="payment")
    emulator.fire(shop.start(), "pay")
    emulator.fire(shop.start(), "expire")
    emulator.advance("2m")
    assert sorted((each["event"], each["fault"]) for each in emulator.webhooks()) == [
        ("expired", None), ("payment", "drop"), ("payment", "drop"),
    ]  # fmt: skip
    with pytest.raises(ControlRefused, match="no such event; there are basswallet: payment, expired"):
        emulator.inject("drop", provider="basswallet", event="order.created")


def test_a_rule_can_name_an_order(emulator: Emulator, shop: basswallet.Client, receiver: Receiver) -> None:
    first, second = shop.start(), shop.start()
    emulator.inject("drop", order=second)
    for order_id in (first, second):
        emulator.fire(order_id, "expire")
    emulator.advance("1s")
    assert [(each["order"], each["fault"]) for each in emulator.webhooks()] == [(first, None), (second, "drop")]


def test_a_rule_can_name_a_provider(
    emulator: Emulator, shop: basswallet.Client, partner: changelly.Client, receiver: Receiver
) -> None:
    emulator.inject("duplicate", provider="changelly")
    expire(emulator, shop)
    emulator.move(partner.start(), "pending")
    emulator.advance("1s")
    assert [each["provider"] for each in emulator.webhooks()] == ["basswallet", "changelly", "changelly"]


@pytest.mark.parametrize("provider", ["baanx", "basswallet", "changelly", "koywe"])
def test_a_duplicate_of_a_test_webhook_has_the_same_body(emulator: Emulator, provider: Any) -> None:
    emulator.inject("duplicate")
    with Receiver() as receiver:
        emulator.command(provider, "test_webhook", url=receiver.url)
        emulator.advance("1s")
        first, second = (re.sub(rb"timestamp=[0-9]+", b"", each.body) for each in receiver.received)
    assert first == second
    assert [(each["fault"], each["state"]) for each in emulator.webhooks()] == [("duplicate", "delivered")] * 2


def test_only_the_first_attempt_has_the_fault(emulator: Emulator, shop: basswallet.Client) -> None:
    secret = emulator.basswallet.credentials["callback_secret_key"]
    emulator.inject("bad-signature")
    with Receiver(401, 200) as receiver:
        emulator.set("basswallet", webhook_url=receiver.url)
        expire(emulator, shop)
        emulator.advance("1m")
        assert [verify_basswallet(each.body, each.headers, secret) for each in receiver.received] == [False, True]


def test_a_late_webhook_lets_later_ones_pass(emulator: Emulator, partner: changelly.Client, receiver: Receiver) -> None:
    emulator.inject("late", by="10m", times=1)
    order_id = partner.start()
    emulator.move(order_id, "pending")
    emulator.move(order_id, "hold")
    emulator.advance("1s")
    assert [json.loads(each.body)["status"] for each in receiver.received] == ["hold"]
    emulator.advance("10m")
    assert [json.loads(each.body)["status"] for each in receiver.received] == ["hold", "pending"]


@pytest.mark.parametrize("by_scenario", [False, True])
def test_reorder_swaps_two_webhooks_also_by_a_scenario(
    emulator: Emulator, partner: changelly.Client, receiver: Receiver, by_scenario: bool
) -> None:
    rule: dict[str, Any] = {"fault": "reorder", "times": 1}
    about = {"version": 1, "provider": "changelly", "about": "Swapped."}
    emulator.scenario("changelly", "swapped", {**about, **({"faults": [rule]} if by_scenario else {})})
    if not by_scenario:
        emulator.inject(**rule)
    order_id = partner.start("swapped")
    for status in ("pending", "hold"):
        emulator.move(order_id, status)
    emulator.advance("1s")
    assert [json.loads(each.body)["status"] for each in receiver.received] == ["hold", "pending"]


def test_reorder_waits_no_longer_than_its_limit(
    emulator: Emulator, partner: changelly.Client, receiver: Receiver
) -> None:
    emulator.inject("reorder", by="10m", times=1)
    emulator.move(partner.start(), "pending")
    emulator.advance("599s")
    assert receiver.received == []
    emulator.advance("1s")
    assert len(receiver.received) == 1


# -- the same in other bytes

VALUES = st.recursive(
    st.none() | st.booleans() | st.integers(-(2**53), 2**53) | st.text()
    | st.sampled_from([json_text.read_number("275.0"), json_text.read_number("1e-07"), json_text.read_number("0.00")]),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(), inner, max_size=4),
    max_leaves=12,
)  # fmt: skip


def re_encoded(form: str = "") -> Delivery:
    return Delivery("d", "toy", "news", "http://x", 0, fault="re-encode", form=form)


@given(VALUES, st.sampled_from(["", *FORMS]))
def test_other_bytes_have_the_same_meaning(value: Any, form: str) -> None:
    written = write_body(re_encoded(form), value)
    assert json_text.decode(written) == value == json.loads(written, parse_float=json_text.read_number)
    if form in ("ascii", ""):
        assert written.isascii()


def test_each_form_of_other_bytes_is_as_described() -> None:
    value = {"a": "x/ñ😀.", "b": [1, {"c": json_text.read_number("275.0"), "d": None}]}
    assert {form: write_body(re_encoded(form), value).decode() for form in FORMS} == {
        "ascii": r'{"a":"x\u002f\u00f1\ud83d\ude00\u002e","b":[1,{"c":275.0,"d":null}]}',
        "spaced": '{"a": "x/ñ😀.", "b": [1, {"c": 275.0, "d": null}]}',
        "reordered": '{"b":[1,{"d":null,"c":275.0}],"a":"x/ñ😀."}',
        "slashes": r'{"a":"x\/ñ😀.","b":[1,{"c":275.0,"d":null}]}',
    }
    assert write_body(re_encoded(), value) not in [write_body(re_encoded(form), value) for form in FORMS]
    again = re_encoded()
    again.attempts.append(None)  # type: ignore[arg-type]
    assert write_body(again, value) == json_text.encode(value)


def differs(body: bytes) -> bool:
    """Whether parsing a body and writing it again compactly gives other bytes."""
    return json.dumps(json.loads(body), separators=(",", ":"), ensure_ascii=False).encode() != body


@pytest.mark.parametrize("form", [None, *FORMS])
def test_koywe_signs_the_changed_bytes(emulator: Emulator, form: Any) -> None:
    with Receiver() as receiver, koywe.Client(emulator) as client:
        client.request("POST", f"{client.organization}/webhooks", {"url": receiver.url, "secret": "whsec_of_mine"})
        emulator.inject("re-encode", provider="koywe", **({"form": form} if form else {}))
        client.create({"X-Emulator-Scenario": "manual"}, externalId="factura/ñ-1")
        emulator.advance("1s")
        bodies = [each.body for each in receiver.received]
        assert all(verify_koywe(each.body, each.headers, "whsec_of_mine") for each in receiver.received)
    assert faults(emulator) == ["re-encode", "re-encode"]
    assert all(differs(body) or form == "reordered" for body in bodies)
    assert [next(iter(json.loads(body))) for body in bodies] == [
        "relationships" if form in (None, "reordered") else "id"
    ] * 2
    assert {json.loads(body)["data"]["external_id"] for body in bodies} == {"factura/ñ-1"}


@pytest.mark.parametrize("form", FORMS)
def test_changelly_s_callbacks_can_have_other_bytes(
    emulator: Emulator, partner: changelly.Client, receiver: Receiver, form: Any
) -> None:
    emulator.inject("re-encode", form=form)
    order_id = partner.start()
    emulator.move(order_id, "pending")
    emulator.advance("1s")
    (received,) = receiver.received
    assert verify_changelly(received.body, received.headers, emulator.changelly.credentials["callback_public_key"])
    assert differs(received.body) or next(iter(json.loads(received.body))) == "transactionHash"
    assert json.loads(received.body)["orderId"] == order_id


def pairs(received: Received) -> list[tuple[str, str]]:
    if received.body.startswith(b"{"):
        return [(name, str(value)) for name, value in json.loads(received.body).items()]
    return parse_qsl(received.body.decode())


@pytest.mark.parametrize("encoding", ["form", "json"])
@pytest.mark.parametrize("form", [None, "ascii", "reordered"])
def test_basswallet_signs_names_and_values_in_the_changed_order(
    emulator: Emulator, shop: basswallet.Client, receiver: Receiver, form: Any, encoding: Any
) -> None:
    emulator.set("basswallet", webhook_encoding=encoding)
    emulator.inject("re-encode", provider="basswallet", times=1, **({"form": form} if form else {}))
    emulator.fire(shop.start(), "pay")
    emulator.advance("2m")
    other, usual = receiver.received
    secret = emulator.basswallet.credentials["callback_secret_key"]
    assert verify_basswallet(other.body, other.headers, secret)
    names, usual_names = [name for name, _ in pairs(other)], [name for name, _ in pairs(usual)]
    assert names == (usual_names if form == "ascii" else usual_names[::-1])
    if form != "reordered":
        assert (b"\\u002e" if encoding == "json" else b"%2E") in other.body


def test_a_form_without_effect_is_refused_with_those_that_have_one(emulator: Emulator) -> None:
    for form in ("spaced", "slashes"):
        with pytest.raises(ControlRefused, match=f"the form {form} changes nothing .* basswallet: ascii, reordered"):
            emulator.inject("re-encode", provider="basswallet", form=form)
    with pytest.raises(ControlRefused, match="form"):
        emulator.inject("re-encode", form="upper-case")  # type: ignore[arg-type]


@pytest.mark.parametrize("provider", NAMES)
def test_a_duplicate_of_a_test_webhook_verifies_too(emulator: Emulator, provider: Provider) -> None:
    emulator.call("POST", "webhooks/subscribe", {"url": emulator.call("GET", "receiver")["url"]})
    emulator.inject("duplicate", provider=provider, times=1)
    emulator.command(provider, "test_webhook")
    emulator.advance("1s")
    first, second = emulator.received()
    assert first["verified"] and second["verified"]
    sent = [re.sub(r"timestamp=\d+", "", str(each["body"])) for each in (first, second)]  # made anew for each attempt
    assert sent[0] == sent[1]

"""The order in which first attempts reach an endpoint: for each thing, the order of what happened."""

import json
import threading
from collections import defaultdict
from typing import Any

import pytest

from emulator.testing import Emulator
from tests.clients.koywe import Client
from tests.providers.koywe.webhook_calls import subscribe
from tests.receivers import Received, Receiver

ROUNDS = 30
COP = "acc_00000000-0000-4000-8000-000000000101"
CLABE = "646180000000010015"
CONTACT = {"firstName": "Eva", "countrySymbol": "CO", "businessType": "PERSON", "type": "PERSON"}
QUICK = {**CONTACT, "firstName": "Quick", "email": "quick@payer.example"}
MERCHANT = {"name": "Two", "countrySymbol": "CO"}
PATIENCE_S = 30
"""How long the slow receiver waits for what must come. Only a fault makes it wait so long."""


def told(receiver: Receiver) -> dict[str, list[Any]]:
    """What happened to each thing, in the order in which it was told."""
    found = defaultdict(list)
    for each in receiver.received:
        body = json.loads(each.body)
        itself, data = body["relationships"]["self"], body["data"]
        if itself["type"] == "bank_income":
            found[data["account_id"]].append((body["type"], data["amount"]))
        else:
            found[itself["id"]].append(body["type"])
    return dict(found)


def live(client: Client, kind: str) -> str:
    """Makes, changes and removes a contact or merchant; what comes back is its id."""
    collection = f"{client.merchant}/contacts" if kind == "contact" else f"{client.organization}/merchants"
    body, change = (CONTACT, {"firstName": "Bea"}) if kind == "contact" else (MERCHANT, {"name": "Three"})
    made = str(client.request("POST", collection, body).json()["id"])
    assert client.request("PUT", f"{collection}/{made}", change).is_success
    assert client.request("DELETE", f"{collection}/{made}").is_success
    return made


def test_35_every_endpoint_receives_events_in_the_order_in_which_they_happened(
    emulator: Emulator, client: Client
) -> None:
    with Receiver() as first, Receiver() as second:
        for receiver in (first, second):
            subscribe(client, receiver.url)
        things: dict[str, list[Any]] = {}
        for number in range(ROUNDS):
            for kind in ("contact", "merchant"):
                things[live(client, kind)] = [f"{kind}.created", f"{kind}.updated", f"{kind}.deleted"]
            emulator.command("koywe", "deposit", account=COP, amount=2 * number + 1)
            emulator.command("koywe", "deposit", account=COP, amount=2 * number + 2, accepted=False)
        emulator.advance("1s")
        events = ["bank_income.received", "bank_income.rejected"] * ROUNDS
        things[COP] = list(zip(events, range(1, 2 * ROUNDS + 1), strict=True))
        assert told(first) == told(second) == things


class SlowForTheFirst:
    """A receiver that does not answer the first event of a thing before it has been told of another thing, and then
    refuses it. So it is slow by what happens, not by the clock, and it knows what came too early."""

    def __init__(self, first: str) -> None:
        self.early: list[str] = []
        self._first = first
        self._other_thing_came = threading.Event()
        self._first_attempt_ended = threading.Event()

    def __call__(self, received: Received) -> int:
        body = json.loads(received.body)
        if body["data"].get("email") == QUICK["email"]:
            self._other_thing_came.set()
        elif self._first_attempt_ended.is_set():
            return 200
        elif body["type"] == self._first:
            answered = 500 if self._other_thing_came.wait(PATIENCE_S) else 200
            self._first_attempt_ended.set()
            return answered
        else:
            self.early.append(body["type"])
        return 200


@pytest.mark.parametrize("kind", ["contact", "merchant", "deposits", "order"])
def test_35_a_later_event_about_the_same_thing_waits_for_a_slow_first_attempt_and_others_do_not(
    emulator: Emulator, client: Client, kind: str
) -> None:
    first = {"deposits": "bank_income.received"}.get(kind, f"{kind}.created")
    slow = SlowForTheFirst(first)
    with Receiver(decide=slow) as receiver:
        subscribe(client, receiver.url)
        emulator.set("koywe", webhook_timeout_s=2 * PATIENCE_S)
        if kind == "order":
            emulator.fire(client.order_id(client.create({"X-Emulator-Scenario": "manual"})), "cancel")
            later = ["order.pending", "order.cancelled"]
        elif kind == "deposits":
            emulator.command("koywe", "deposit", account=COP.replace("101", "103"), amount=1)
            emulator.command("koywe", "deposit", number=CLABE, amount=2, accepted=False)
            later = ["bank_income.rejected"]
        else:
            live(client, kind)
            later = [f"{kind}.updated", f"{kind}.deleted"]
        client.post("/contacts", QUICK)
        emulator.advance("1s")
        bodies = [json.loads(each.body) for each in receiver.received]
        of_the_thing = [body["type"] for body in bodies if body["data"].get("email") != QUICK["email"]]
        assert slow.early == []
        assert of_the_thing == [first, *later]
        assert len(bodies) == len(of_the_thing) + 1
        emulator.advance("60s")
        assert json.loads(receiver.received[-1].body)["type"] == first
        assert len(receiver.received) == len(bodies) + 1

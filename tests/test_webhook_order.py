"""Webhooks about one thing reach a receiver in the order in which they were made, whatever the thing is."""

import asyncio
from collections import defaultdict
from collections.abc import Callable
from itertools import count
from typing import Any, cast

from hypothesis import given
from hypothesis import strategies as st
from msgspec.structs import replace

from emulator.contract.delivery import Message, Response
from emulator.contract.webhooks import WebhookEvent, Webhooks
from emulator.core import json_text
from emulator.core.clock import Mode
from emulator.core.library import Library
from emulator.core.origin import DEFAULT, Origin
from emulator.core.sandbox import Sandbox
from emulator.core.scenario import ScenarioSet
from emulator.core.transaction import Transaction
from emulator.engine import real_time
from emulator.engine.engine import Engine
from emulator.engine.sender import Sender
from emulator.stores.memory import MemoryStore
from emulator.testing import Emulator
from tests.clients import koywe
from tests.core import toy
from tests.receivers import Receiver

CONTACT = {"firstName": "Eva", "countrySymbol": "CO", "businessType": "PERSON", "type": "PERSON"}
ACCOUNT = "acc_00000000-0000-4000-8000-000000000101"
RETRIES_MS = (1000, 2000, 5000)
WEBHOOKS = Webhooks(
    events=(WebhookEvent("news", "something has happened"),),
    compose=lambda tx, delivery: Message(delivery.url, (), json_text.encode({"at": tx.now_ms, **delivery.fields})),
    accepted=lambda settings, response: response.status == 200,
    retry_delays_ms=lambda settings, response: RETRIES_MS,
    timeout_ms=lambda settings: 1000,
    subscribe=lambda tx, url: None,
    sign=lambda tx, delivery, body: Message(delivery.url, (), body),
    find_url=lambda tx: None,
)


class Network:
    """Takes a different time for each message, answers as told, and remembers what arrives when."""

    def __init__(self, pauses: list[int], answers: list[int]) -> None:
        self.arrived: list[tuple[str, dict[str, Any]]] = []
        self._pauses, self._answers = pauses, answers
        self._numbers = count()

    async def send(self, message: Message, timeout_ms: int, begins: Callable[[], None]) -> Response:
        """One message."""
        number = next(self._numbers)
        for _ in range(self._pauses[number % len(self._pauses)]):
            await real_time.give_way()
        self.arrived.append((message.url, json_text.decode(message.body)))
        return Response(self._answers[number % len(self._answers)])


class Teller:
    """A world in which any event about anything can be sent."""

    def __init__(self, network: Network, mode: Mode = "manual") -> None:
        library = Library({"toy": replace(toy.provider, webhooks=WEBHOOKS)}, toy.scenario_schema())
        library.shipped["toy"] = ScenarioSet([])
        origin = Origin("seed", mode, "1", toy.START_MS)
        self.wall = toy.Wall()
        self.engine = Engine(library, MemoryStore(), origin, sender=cast(Sender, network), real_ms=self.wall)
        self._made = count()

    @property
    def sandbox(self) -> Sandbox:
        """The default sandbox."""
        return self.engine.sandboxes[DEFAULT]

    async def tell(self, *about: tuple[str, str]) -> None:
        """Makes webhooks in one command: about what, and to whom."""

        def decide(tx: Transaction) -> None:
            for thing, url in about:
                tx.deliver("toy", "news", url, fields={"about": thing, "number": next(self._made)}, about=thing)

        await self.engine.command(self.sandbox, decide)


MADE = st.lists(st.tuples(st.sampled_from(["a", "b"]), st.sampled_from(["http://x", "http://y"])), max_size=4)


@given(
    commands=st.lists(st.tuples(MADE, st.sampled_from([0, 0, 500, 1000, 2000])), max_size=6),
    pauses=st.lists(st.integers(0, 6), min_size=1, max_size=9),
    answers=st.lists(st.sampled_from([200, 500]), min_size=1, max_size=9),
)
def test_webhooks_about_one_thing_arrive_in_the_order_of_their_creation(
    commands: list[tuple[list[tuple[str, str]], int]], pauses: list[int], answers: list[int]
) -> None:
    network = Network(pauses, answers)

    async def story() -> None:
        sender = Teller(network)
        await sender.engine.open()
        for made, wait_ms in commands:
            await sender.tell(*made)
            await sender.engine.advance(sender.sandbox, sender.sandbox.clock.now_ms(0) + wait_ms)
        await sender.engine.advance(sender.sandbox, None)

    asyncio.run(story())
    firsts: dict[Any, list[int]] = defaultdict(list)
    instants: dict[Any, list[int]] = defaultdict(list)
    for url, body in network.arrived:
        if body["number"] not in firsts[url, body["about"]]:
            firsts[url, body["about"]].append(body["number"])
        instants[url, body["about"], body["at"]].append(body["number"])
    assert sum(map(len, firsts.values())) == sum(len(made) for made, _ in commands)
    assert all(numbers == sorted(numbers) for numbers in firsts.values())
    assert all(numbers == sorted(numbers) for numbers in instants.values())


@given(pauses=st.lists(st.integers(0, 60), min_size=4, max_size=4))
def test_on_a_real_clock_a_webhook_waits_for_the_one_before(pauses: list[int]) -> None:
    network = Network(pauses, [200])

    async def story() -> None:
        sender = Teller(network, "real")
        await sender.engine.open()
        for _ in pauses:
            await sender.tell(("a", "http://x"))
            await sender.engine.settle_in_turns(sender.sandbox)
            sender.wall.now_ms += 10
        while sender.engine.dispatcher.has_under_way(sender.sandbox):
            await sender.engine.dispatcher.hear(sender.sandbox, 10_000)

    asyncio.run(story())
    assert [body["number"] for _, body in network.arrived] == [0, 1, 2, 3]


def test_webhooks_interrupted_by_a_restart_come_before_later_ones() -> None:
    async def story() -> list[int]:
        stuck = Network([10**6], [200])
        sender = Teller(stuck)
        await sender.engine.open()
        await sender.tell(("a", "http://x"))
        await sender.engine.settle_in_turns(sender.sandbox)
        await sender.tell(("a", "http://x"), ("b", "http://x"))
        kept = sender.sandbox.snapshot()
        sender.engine.dispatcher.forget(sender.sandbox)
        network = Network([3, 0, 0], [200])
        other = Teller(network)
        await other.engine.open()
        await other.engine.sandboxes.restore(other.sandbox, kept)
        await other.engine.advance(other.sandbox, None)
        assert stuck.arrived == []
        return [body["number"] for _, body in network.arrived if body["about"] == "a"]

    assert asyncio.run(story()) == [0, 1]


def test_a_retry_holds_back_nothing_that_falls_due_later() -> None:
    async def story() -> list[int]:
        network = Network([0, 10**6, 0], [500, 200, 200])  # the retry never ends
        sender = Teller(network)
        await sender.engine.open()
        await sender.tell(("a", "http://x"))
        await sender.engine.advance(sender.sandbox, toy.START_MS)
        advance = asyncio.create_task(sender.engine.advance(sender.sandbox, toy.START_MS + RETRIES_MS[0]))
        while sender.sandbox.clock.now_ms(0) == toy.START_MS:
            await real_time.give_way()
        later = await sender.engine.command(
            sender.sandbox,
            lambda tx: tx.deliver("toy", "news", "http://x", fields={"about": "a", "number": 1}, about="a", after_ms=1),
        )
        await sender.engine.dispatcher.complete(sender.sandbox, later.id)
        advance.cancel()
        sender.engine.dispatcher.forget(sender.sandbox)
        return [body["number"] for _, body in network.arrived]

    assert asyncio.run(story()) == [0, 1]


# -- as providers send them


def told(receiver: Receiver) -> dict[str, list[str]]:
    """The types of all events, by what they are about."""
    found = defaultdict(list)
    for each in receiver.received:
        body = json_text.decode(each.body)
        itself = body["relationships"]["self"]
        kind = itself["type"]
        found[f"account {body['data']['account_id']}" if kind == "bank_income" else itself["id"]].append(body["type"])
    return dict(found)


def test_webhooks_about_contacts_merchants_and_deposits_arrive_in_order(emulator: Emulator) -> None:
    with Receiver() as receiver, koywe.Client(emulator) as partner:
        partner.request("POST", f"{partner.organization}/webhooks", {"url": receiver.url, "secret": "whsec_of_mine"})
        merchant = partner.request("POST", f"{partner.organization}/merchants", {"name": "Shop", "countrySymbol": "CO"})
        merchant_id, contact_id = merchant.json()["id"], partner.post("/contacts", CONTACT)["id"]
        for number in range(8):
            path = f"{partner.organization}/merchants/{merchant_id}"
            assert partner.request("PUT", path, {"name": f"Shop {number}"}).is_success
            path = f"{partner.merchant}/contacts/{contact_id}"
            assert partner.request("PUT", path, {"firstName": f"Eva {number}"}).is_success
            emulator.command("koywe", "deposit", account=ACCOUNT, amount=100 + number, accepted=number % 2 == 0)
        assert partner.request("DELETE", f"{partner.merchant}/contacts/{contact_id}").is_success
        emulator.advance("1s")
        by_thing = told(receiver)
    assert by_thing[merchant_id] == ["merchant.created", *["merchant.updated"] * 8]
    assert by_thing[contact_id] == ["contact.created", *["contact.updated"] * 8, "contact.deleted"]
    assert by_thing[f"account {ACCOUNT}"] == ["bank_income.received", "bank_income.rejected"] * 4


def test_a_replayed_webhook_is_sent_in_order_too(emulator: Emulator) -> None:
    with Receiver() as receiver, koywe.Client(emulator) as partner:
        partner.request("POST", f"{partner.organization}/webhooks", {"url": receiver.url, "secret": "whsec_of_mine"})
        contact_id = partner.post("/contacts", CONTACT)["id"]
        emulator.advance("1s")
        (event,) = partner.request("GET", f"{partner.organization}/webhook-events").json()["events"]
        partner.request("PUT", f"{partner.merchant}/contacts/{contact_id}", {"firstName": "Eva"})
        partner.request("POST", f"{partner.organization}/webhook-events/{event['id']}/replay")
        partner.request("DELETE", f"{partner.merchant}/contacts/{contact_id}")
        emulator.replay(emulator.webhooks()[0]["id"])
        emulator.advance("1s")
        assert told(receiver)[contact_id] == [
            "contact.created", "contact.updated", "contact.created", "contact.deleted", "contact.created",
        ]  # fmt: skip

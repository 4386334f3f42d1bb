"""Orders that the control API makes by a valid request of its own, sent the way of every other."""

from typing import Any, cast

import pytest
from cryptography.hazmat.primitives.asymmetric import rsa
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

from emulator import providers
from emulator.providers import NAMES
from emulator.testing import ControlRefused, Emulator
from emulator.testing.background import BackgroundServer
from emulator.web.application import Options
from tests.payers import WITH_PAGES

PROVIDERS = pytest.mark.parametrize("provider", NAMES)
TWO_MERCHANTS = "INTER_MERCHANT_TRANSFER"
BODIES = {name: card.order_request.bodies for name, card in providers.load_all().items() if card.order_request}
KINDS = [(name, kind) for name, bodies in BODIES.items() for kind in bodies if kind != TWO_MERCHANTS]
NOT_MADE_HERE = {"deposit"}
"""Kinds that no request makes: a deposit is money that somebody sends."""


def test_every_kind_of_order_can_be_made() -> None:
    for name, card in providers.load_all().items():
        assert BODIES[name].keys() == card.lifecycle.initial.keys() - NOT_MADE_HERE


@pytest.mark.parametrize(("provider", "kind"), KINDS)
def test_an_order_is_made_and_what_was_sent_is_told(emulator: Emulator, provider: Any, kind: Any) -> None:
    made = emulator.make_order(provider, kind or None)
    [order] = emulator.orders()
    assert (made["id"], made["provider"], made["kind"]) == (order["id"], provider, kind or None)
    sent = made["sent"]
    assert sent["method"] == "POST"
    assert sent["url"].startswith(emulator[provider].url + "/")
    [entry] = [each for each in emulator.journal(kind="request") if each["orders"] == [order["id"]]]
    assert (entry["method"], entry["status"], entry["error"]) == ("POST", sent["status"], None)
    assert emulator.order(made["id"])["story"][0]["kind"] == "created"


def test_money_between_merchants_needs_two_of_them(emulator: Emulator) -> None:
    with pytest.raises(ControlRefused, match="needs another merchant") as caught:
        emulator.make_order("koywe", "INTER_MERCHANT_TRANSFER")
    assert caught.value.status == 409
    from tests.clients.koywe import Client

    with Client(emulator) as client:
        client.request("POST", f"{client.organization}/merchants", {"name": "Second", "countrySymbol": "CO"})
    assert emulator.make_order("koywe", "inter_merchant_transfer")["kind"] == "INTER_MERCHANT_TRANSFER"


def test_a_command_makes_what_a_kind_needs_and_what_no_request_makes(emulator: Emulator) -> None:
    for name, card in providers.load_all().items():
        request = card.order_request
        assert request is not None
        assert {*request.bodies, *request.made_by} == card.lifecycle.initial.keys()
        for kind, (command, arguments) in request.before.items():
            emulator.call("POST", f"commands/{name}/{command}", arguments)
            assert emulator.make_order(cast(Any, name), kind)["kind"] == kind
        for kind, (command, arguments) in request.made_by.items():
            made = emulator.call("POST", f"commands/{name}/{command}", arguments)["result"]["id"]
            assert emulator.order(made)["kind"] == kind


@PROVIDERS
def test_it_follows_the_scenario_that_was_named(emulator: Emulator, provider: Any) -> None:
    made = emulator.make_order(provider, scenario="manual")
    assert made["scenario"] == "manual"
    emulator.advance("20s")
    assert emulator.order(made["id"])["status"] == made["status"]


@pytest.mark.parametrize(
    ("provider", "body", "field", "value"),
    [
        ("baanx", {"productId": "METAL_CARD"}, "product", "METAL_CARD"),
        ("basswallet", {"amount": "7.50", "displayInfo": "two words"}, "display_info", "two words"),
        ("changelly", {"amountFrom": "200.0"}, "amountFrom", "200.0"),
        ("koywe", {"amountIn": 70000, "externalId": "inv-1"}, "externalId", "inv-1"),
    ],
)
def test_members_of_the_body_can_be_replaced(
    emulator: Emulator, provider: Any, body: dict[str, Any], field: str, value: str
) -> None:
    made = emulator.make_order(provider, **body)
    assert emulator.order(made["id"])["fields"][field] == value


def test_a_member_can_be_taken_out(emulator: Emulator) -> None:
    assert emulator.make_order("basswallet", amount=None)["kind"] == "variable"


@pytest.mark.parametrize("provider", WITH_PAGES)
def test_the_page_is_where_the_caller_comes_to(emulator_server: BackgroundServer, provider: str) -> None:
    with emulator_server.sandbox() as sandbox:
        import httpx

        answer = httpx.post(
            f"{sandbox.control_url}/sandboxes/{sandbox.name}/orders",
            json={"provider": provider},
            headers={"Host": "localhost:7"},
        )
        assert answer.status_code == 201, answer.text
        assert answer.json()["page"].startswith(f"http://localhost:7/{provider}/")


def test_behind_a_public_url_the_request_is_signed_for_it() -> None:
    with (
        BackgroundServer(Options(port=0, public_url="https://emulator.example/x")) as server,
        server.sandbox() as sandbox,
    ):
        for provider in NAMES:
            made = sandbox.make_order(cast(Any, provider))
            page = str(made["page"])
            assert page.startswith(f"https://emulator.example/x/{provider}/") is (provider in WITH_PAGES)
            assert made["sent"]["url"].startswith(f"https://emulator.example/x/{provider}/")


@pytest.mark.parametrize(
    ("wanted", "status", "words"),
    [
        ({}, 400, "provider"),
        ({"provider": "nobody"}, 404, "no provider 'nobody'"),
        ({"provider": "koywe", "kind": "PAYON"}, 400, "did you mean 'PAYIN'"),
        ({"provider": "baanx", "kind": "card"}, 400, "leave it out"),
        ({"provider": "koywe", "kind": 7}, 400, "kind: "),
        ({"provider": "koywe", "body": []}, 400, "body: "),
        ({"provider": "koywe", "scenario": "a\nb"}, 400, "cannot be sent in a header"),
        ({"provider": "koywe", "scenario": "nonsense"}, 409, "koywe has no scenario 'nonsense'"),
        ({"provider": "koywe", "body": {"amountIn": -5}}, 409, "/amountIn"),
        ({"provider": "changelly", "scenario": "refused-limits"}, 409, "the scenario refused-limits asks for it"),
        ({"provider": "baanx", "colour": 1}, 400, "unknown: colour"),
    ],
)
def test_what_cannot_be_made_is_refused(emulator: Emulator, wanted: Any, status: int, words: str) -> None:
    with pytest.raises(ControlRefused, match=words) as caught:
        emulator.call("POST", "orders", wanted)
    assert caught.value.status == status
    assert emulator.orders() == []


def test_a_refusal_of_the_provider_shows_what_was_sent(emulator: Emulator) -> None:
    with pytest.raises(ControlRefused) as caught:
        emulator.make_order("koywe", amountIn=-5)
    assert caught.value.error == "order-refused"
    assert caught.value.body["sent"]["status"] == 422
    assert '"amountIn":-5' in caught.value.body["sent"]["body"]


def test_a_type_of_two_kinds_is_the_first_of_them(emulator: Emulator) -> None:
    assert emulator.make_order("koywe", "ONRAMP")["kind"] == "ONRAMP_FROM_BALANCE"


def test_who_has_a_key_of_their_own_signs_for_themselves(emulator: Emulator) -> None:
    key = rsa.generate_private_key(public_exponent=65537, key_size=2048).public_key()
    pem = key.public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo).decode()
    emulator.set("changelly", publicKey=pem)
    with pytest.raises(ControlRefused, match="only you have its private key") as caught:
        emulator.make_order("changelly")
    assert caught.value.status == 409

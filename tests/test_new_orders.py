"""Orders that the control API creates with a valid request, handled like any other."""

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


def test_every_kind_of_order_can_be_created() -> None:
    for name, card in providers.load_all().items():
        assert BODIES[name].keys() == card.lifecycle.initial.keys() - NOT_MADE_HERE


@pytest.mark.parametrize(("provider", "kind"), KINDS)
def test_a_created_order_is_returned_with_the_request_that_was_sent(
    emulator: Emulator, provider: Any, kind: Any
) -> None:
    made = emulator.make_order(provider, kind or None)
    [order] = emulator.orders()
    assert (made["id"], made["provider"], made["kind"]) == (order["id"], provider, kind or None)
    sent = made["sent"]
    assert sent["method"] == "POST"
    assert sent["url"].startswith(emulator[provider].url + "/")
    [entry] = [each for each in emulator.journal(kind="request") if each["orders"] == [order["id"]]]
    assert (entry["method"], entry["status"], entry["error"]) == ("POST", sent["status"], None)
    assert emulator.order(made["id"])["story"][0]["kind"] == "created"


def test_an_order_between_merchants_needs_a_second_merchant(emulator: Emulator) -> None:
    with pytest.raises(ControlRefused, match="needs another merchant") as caught:
        emulator.make_order("koywe", "INTER_MERCHANT_TRANSFER")
    assert caught.value.status == 409
    from tests.clients.koywe import Client

    with Client(emulator) as client:
        client.request("POST", f"{client.organization}/merchants", {"name": "Second", "countrySymbol": "CO"})
    assert emulator.make_order("koywe", "inter_merchant_transfer")["kind"] == "INTER_MERCHANT_TRANSFER"


def test_commands_prepare_or_create_the_kinds_of_orders_that_need_them(emulator: Emulator) -> None:
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
def test_a_created_order_follows_the_named_scenario(emulator: Emulator, provider: Any) -> None:
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


def test_a_member_of_the_body_can_be_removed(emulator: Emulator) -> None:
    assert emulator.make_order("basswallet", amount=None)["kind"] == "variable"


@pytest.mark.parametrize("provider", WITH_PAGES)
def test_the_page_is_at_the_address_that_the_caller_used(emulator_server: BackgroundServer, provider: str) -> None:
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
def test_an_impossible_order_is_refused(emulator: Emulator, wanted: Any, status: int, words: str) -> None:
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


def test_a_type_that_two_kinds_share_means_the_first(emulator: Emulator) -> None:
    assert emulator.make_order("koywe", "ONRAMP")["kind"] == "ONRAMP_FROM_BALANCE"


@pytest.mark.parametrize("form", ["any", "plain", "raw", "encoded"])
def test_the_text_that_is_signed_is_the_one_that_the_setting_asks_for(emulator: Emulator, form: Any) -> None:
    emulator.set("basswallet", signature_text=form)
    made = emulator.make_order("basswallet", displayInfo="Gold plan + 1", tokenName="USDT", chainName="Tron")
    assert made["status"] == "Pending"


def test_with_a_custom_key_the_emulator_cannot_sign(emulator: Emulator) -> None:
    key = rsa.generate_private_key(public_exponent=65537, key_size=2048).public_key()
    pem = key.public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo).decode()
    emulator.set("changelly", publicKey=pem)
    with pytest.raises(ControlRefused, match="only you have its private key") as caught:
        emulator.make_order("changelly")
    assert caught.value.status == 409

"""Every setting has its effect, over HTTP. Those of callbacks are tested with them."""

import re
import time
from pathlib import Path
from typing import Any, cast

import httpx
import pytest
from cryptography.hazmat.primitives.asymmetric import rsa
from cryptography.hazmat.primitives.serialization import (
    Encoding,
    NoEncryption,
    PrivateFormat,
    PublicFormat,
    load_pem_private_key,
)

from emulator.core.common_settings import COMMON
from emulator.core.problems import setting_problem
from emulator.providers.changelly.settings import SETTINGS
from emulator.testing import ControlRefused, Emulator, verify_changelly
from emulator.testing.connection import tls
from tests.clients.changelly import Client
from tests.providers.changelly.answers import causes, refused
from tests.receivers import Receiver

XRP = "rPdvC6ccq8hCdPKSPJkPmyZ4Mi1oG2FFkT"
OTHER_KEY = (
    rsa.generate_private_key(public_exponent=65537, key_size=2048)
    .private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())
    .decode()
)
RIPPLE: dict[str, Any] = {"currencyTo": "XRP", "walletAddress": XRP}


def public_key(private_key: str) -> str:
    key = load_pem_private_key(private_key.encode(), None).public_key()
    return key.public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo).decode()


def test_26_the_setting_accepted_bases_takes_effect(client: Client, emulator: Emulator) -> None:
    base = "https://proxy.example/fiat"
    assert client.request("GET", "/v1/providers", signed_base=base).status_code == 401
    emulator.set("changelly", acceptedBases=["https://one.example", base])
    assert client.request("GET", "/v1/providers", signed_base=base).status_code == 200
    assert client.request("GET", "/v1/providers", signed_base="https://fiat-api.changelly.com").status_code == 401


def test_26_the_setting_trust_proxy_takes_effect(client: Client, emulator: Emulator) -> None:
    headers = {"X-Forwarded-Proto": "https", "X-Forwarded-Host": "proxy.example"}
    request: dict[str, Any] = {"headers": headers, "signed_base": "https://proxy.example"}
    assert client.request("GET", "/v1/providers", **request).status_code == 401
    emulator.set("changelly", trustProxy=True)
    assert client.request("GET", "/v1/providers", **request).status_code == 200
    assert client.create(headers).json()["redirectUrl"].startswith("https://proxy.example/checkout/moonpay/")


def test_26_the_setting_signature_check_takes_effect(client: Client, emulator: Emulator) -> None:
    emulator.set("changelly", signatureCheck="off")
    assert client.create({"X-Api-Signature": None}).status_code == 201
    assert client.create({"X-Api-Signature": "junk"}).status_code == 201
    assert client.create({"X-Api-Key": "key-nobody"}).status_code == 401


def test_26_the_setting_unique_external_order_id_takes_effect(
    client: Client, other: Client, emulator: Emulator
) -> None:
    client.create(externalOrderId="a")
    emulator.set("changelly", uniqueExternalOrderId=True)
    assert refused(client.create(externalOrderId="a")) == (409, "conflict")
    assert refused(client.sell(externalOrderId="a")) == (409, "conflict")
    assert client.create(externalOrderId="b").status_code == 201
    assert client.create().status_code == client.create().status_code == 201
    assert other.create(externalOrderId="a").status_code == 201


def test_26_the_setting_strict_precision_takes_effect(client: Client, emulator: Emulator) -> None:
    assert client.create(amountFrom="150.001").status_code == 201
    emulator.set("changelly", strictPrecision=True)
    assert causes(client.create(amountFrom="150.001")) == ["amountFrom"]
    assert causes(client.offers(amountFrom="150.001")) == ["amountFrom"]
    assert causes(client.sell(amountFrom="0.123456789")) == ["amountFrom"]
    assert client.create(amountFrom="150.01").status_code == client.sell(amountFrom="0.12345678").status_code == 201


def test_26_the_setting_validate_wallets_takes_effect(client: Client, emulator: Emulator) -> None:
    emulator.set("changelly", validateWallets=False)
    assert client.create(walletAddress="anything").status_code == 201
    assert client.sell(refundAddress="anything").status_code == 201
    assert causes(client.create(walletAddress="")) == ["walletAddress"]


def test_26_the_setting_require_extra_id_takes_effect(client: Client, emulator: Emulator) -> None:
    assert causes(client.create(**RIPPLE)) == ["walletExtraId"]
    emulator.set("changelly", requireExtraId=False)
    assert client.create(**RIPPLE).json()["walletExtraId"] is None
    assert causes(client.create(**RIPPLE, walletExtraId="x")) == ["walletExtraId"]


def test_26_the_setting_emit_aliases_takes_effect(client: Client, emulator: Emulator) -> None:
    emulator.set("changelly", emitAliases=False)
    assert all("paymentMethodOffer" not in offer for offer in client.offers().json())
    assert all("paymentMethodOffer" not in offer for offer in client.sell_offers().json())
    countries = client.request("GET", "/v1/available-countries").json()
    assert all(list(provider) == ["providerCode", "supportedFlow"] for provider in countries[0]["providers"])


def test_26_the_setting_initialize_status_takes_effect(client: Client, emulator: Emulator) -> None:
    assert refused(client.create(externalUserId="sandbox-error-initialize")) == (400, "initialize")
    emulator.set("changelly", initializeStatus=500)
    assert refused(client.create(externalUserId="sandbox-error-initialize")) == (500, "initialize")


def test_26_the_setting_magic_values_takes_effect(client: Client, emulator: Emulator) -> None:
    emulator.set("changelly", magicValues=False)
    for user in ("sandbox-error-limits", "sandbox-flow-expired", "sandbox-production"):
        order_id = client.order_id(client.create({"X-Sandbox-Fault": "forbidden"}, externalUserId=user))
        assert emulator.order(order_id)["scenario"] == "happy"
        assert client.patch(order_id, country="FR").status_code == 200
    offers = client.offers(externalUserId="sandbox-error-timeout").json()
    assert all("errorType" not in offer for offer in offers)


@pytest.mark.parametrize(
    ("flow", "statuses"),
    [
        ("happy", ["created", "created", "pending", "pending", "pending", "complete"]),
        ("none", ["created"] * 6),
        ("hold-failed", ["created", "pending", "hold", "failed", "failed", "failed"]),
        ("expired", ["created", *["expired"] * 5]),
    ],
)
def test_26_the_setting_default_flow_takes_effect(
    client: Client, emulator: Emulator, flow: Any, statuses: list[str]
) -> None:
    emulator.set("changelly", defaultFlow=flow)
    order_id = client.order_id(client.create())
    seen = []
    for _ in statuses:
        seen.append(client.status(order_id))
        emulator.advance("1s")
    assert seen == statuses


def test_26_a_chosen_scenario_takes_precedence_over_the_default_flow(client: Client, emulator: Emulator) -> None:
    emulator.set("changelly", defaultFlow="failed")
    assert emulator.order(client.start("expires"))["scenario"] == "expires"
    emulator.choose(changelly="kyc-hold")
    assert emulator.order(client.order_id(client.create()))["scenario"] == "kyc-hold"


def test_26_the_setting_for_the_step_of_a_flow_takes_effect(client: Client, emulator: Emulator) -> None:
    emulator.set("changelly", flowStepMs=60_000)
    order_id = client.order_id(client.create(externalUserId="sandbox-flow-failed"))
    emulator.advance("119s")
    assert client.status(order_id) == "pending"
    emulator.advance("1s")
    assert client.status(order_id) == "failed"


@pytest.mark.parametrize("error", ["timeout", "unavailable"])
def test_26_the_setting_for_the_delay_of_faults_takes_effect(client: Client, emulator: Emulator, error: str) -> None:
    emulator.set("changelly", faultDelayMs=200)
    before = time.perf_counter()
    client.create(externalUserId=f"sandbox-error-{error}")
    between = time.perf_counter()
    client.offers(externalUserId=f"sandbox-error-{error}@wert")
    after = time.perf_counter()
    assert between - before >= 0.2
    assert after - between >= 0.2


def test_26_the_delay_of_faults_holds_back_nothing_else(client: Client, emulator: Emulator) -> None:
    emulator.set("changelly", faultDelayMs=60_000)
    assert client.create().status_code == 201
    assert refused(client.create(externalUserId="sandbox-error-invalidOffer")) == (400, "invalidOffer")
    assert client.offers(externalUserId="sandbox-error-invalidOffer").status_code == 200


def test_26_the_settings_redirect_base_and_public_base_take_effect(client: Client, emulator: Emulator) -> None:
    emulator.set("changelly", publicBase="https://emulator.example/")
    assert client.create().json()["redirectUrl"].startswith("https://emulator.example/checkout/moonpay/")
    emulator.set("changelly", redirectBase="{publicBase}/pay")
    assert client.create().json()["redirectUrl"].startswith("https://emulator.example/pay/moonpay/")
    emulator.set("changelly", redirectBase="https://buy.moonpay.com")
    assert client.sell().json()["redirectUrl"].startswith("https://buy.moonpay.com/moonpay/")
    emulator.set("changelly", publicBase=None, redirectBase="{publicBase}/checkout")
    assert client.create().json()["redirectUrl"].startswith(f"{emulator.changelly.url}/checkout/moonpay/")


def test_26_the_setting_checkout_page_takes_effect(client: Client, emulator: Emulator) -> None:
    url = client.create().json()["redirectUrl"]
    assert httpx.get(url, verify=tls()).status_code == 200
    emulator.set("changelly", checkoutPage=False)
    assert httpx.get(url, verify=tls()).status_code == 404


def test_26_the_setting_for_a_second_partner_takes_effect(client: Client, other: Client, emulator: Emulator) -> None:
    order_id = other.start()
    emulator.set("changelly", otherPartner={"mode": "production"})
    assert refused(other.patch(order_id, status="pending")) == (400, "txType")
    assert client.patch(client.start(), status="pending").status_code == 200
    emulator.set("changelly", otherPartner={"suspended": True})
    assert refused(other.create()) == (403, "forbidden")
    assert client.create().status_code == 201
    emulator.set("changelly", otherPartner={"publicKey": public_key(OTHER_KEY)})
    assert other.create().status_code == 401
    with Client(emulator, api_key=other.api_key, private_key=OTHER_KEY) as owner:
        assert owner.patch(order_id, status="pending").status_code == 200
    emulator.set("changelly", otherPartner={})
    assert other.create().status_code == 201


def test_26_the_second_partner_gets_its_own_callbacks(client: Client, other: Client, emulator: Emulator) -> None:
    with Receiver() as receiver:
        record = {"callbackUrl": receiver.url, "callbackPrivateKey": OTHER_KEY}
        emulator.set("changelly", otherPartner=record)
        for partner in (client, other):
            emulator.move(partner.start(), "pending")
        emulator.wait_for_webhooks(1)
    [received] = receiver.received
    assert received.headers["x-callback-api-key"] == other.api_key
    assert verify_changelly(received.body, received.headers, public_key(OTHER_KEY))


def test_26_a_reset_restores_the_first_state(client: Client, emulator: Emulator) -> None:
    client.create()
    emulator.set("changelly", edition="C", suspended=True)
    emulator.reset()
    assert client.request("GET", "/v1/orders").json()["total"] == 0
    assert client.create().status_code == 201


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("edition", "B"),
        ("publicKey", "no key"),
        ("publicKey", "AAAA"),
        ("callbackPrivateKey", "no key"),
        ("catalogue", []),
        ("acceptedBases", ["fiat-api.changelly.com"]),
        ("rateLimitPerMinute", -1),
        ("offerTtlMs", 0),
        ("defaultFlow", "sandbox-flow-hold"),
        ("redirectBase", "checkout"),
        ("publicBase", ""),
        ("callbackUrl", "shop.example"),
        ("suspended", "yes"),
        ("otherPartner", {"name": "shop"}),
        ("otherPartner", {"mode": "live"}),
        ("otherPartner", {"callbackUrl": None, "publicKey": "no key"}),
        ("otherPartner", {"callbackPrivateKey": "no key"}),
    ],
)
def test_26_bad_values_are_refused(emulator: Emulator, name: str, value: Any) -> None:
    with pytest.raises(ControlRefused, match=name):
        emulator.set("changelly", **{name: value})


@pytest.mark.parametrize("setting", SETTINGS.values(), ids=lambda setting: setting.name)
def test_26_defaults_are_valid_values(setting: Any) -> None:
    assert setting_problem(setting, setting.default) is None


def test_26_every_setting_is_put_to_use_in_a_test() -> None:
    tests = "".join(path.read_text("utf-8") for path in Path(__file__).parent.glob("test_*.py"))
    spelt = {name: f"(?:{name}|{each.spelling})" if each.spelling else name for name, each in SETTINGS.items()}
    spelt = {name: spelling for name, spelling in spelt.items() if SETTINGS[name] not in COMMON}
    assert [name for name, spelling in spelt.items() if not re.search(rf'\b{spelling}=|"{spelling}":', tests)] == []


@pytest.mark.parametrize("step", ["flow_step_ms", "flowStepMs"])
@pytest.mark.parametrize("wallets", ["validate_wallets", "validateWallets"])
def test_26_a_scenario_names_settings_in_either_spelling(
    client: Client, emulator: Emulator, wallets: Any, step: str
) -> None:
    document = {
        "version": 1, "provider": "changelly", "about": "x", "match": {f"setting.{wallets}": False},
        "timeline": [{"after": f"{{setting.{step}}}ms", "to": "pending"}],
    }  # fmt: skip
    emulator.scenario("changelly", "mine", document)
    emulator.set("changelly", **cast(Any, {wallets: False, "flow_step_ms": 7000}))
    order_id = client.order_id(client.create())
    emulator.advance("6s")
    assert emulator.order(order_id)["status"] == "created"
    emulator.advance("1s")
    assert emulator.order(order_id)["status"] == "pending"
    assert emulator.order(order_id)["scenario"] == "mine"


@pytest.mark.parametrize("name", ["validate_wallets", "validateWallets"])
def test_26_a_fault_names_settings_in_either_spelling(client: Client, emulator: Emulator, name: str) -> None:
    emulator.inject("status", status=500, match={f"setting.{name}": False})
    assert client.create().status_code == 201
    emulator.set("changelly", validate_wallets=False)
    assert client.create().status_code == 500


def test_26_an_unknown_setting_is_refused_by_name(emulator: Emulator) -> None:
    document = {"version": 1, "provider": "changelly", "about": "x", "match": {"setting.flowStepM": 1}}
    with pytest.raises(ControlRefused, match="no such setting: did you mean 'flow_step_ms'"):
        emulator.scenario("changelly", "mine", document)


@pytest.mark.parametrize("name", ["public_key", "publicKey"])
def test_26_the_second_partner_s_members_may_have_either_spelling(other: Client, emulator: Emulator, name: str) -> None:
    emulator.set("changelly", other_partner={name: public_key(OTHER_KEY)})
    assert other.create().status_code == 401
    with Client(emulator, api_key=other.api_key, private_key=OTHER_KEY) as owner:
        assert owner.create().status_code == 201
    with pytest.raises(ControlRefused, match="not a public key"):
        emulator.set("changelly", other_partner={name: "AAAA"})


def test_26_two_spellings_of_a_member_of_the_second_partner_are_refused(emulator: Emulator) -> None:
    with pytest.raises(ControlRefused, match="callback_url and callbackUrl are two spellings of one member"):
        emulator.set("changelly", other_partner={"callbackUrl": None, "callback_url": None})

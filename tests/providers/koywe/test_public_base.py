"""What links begin with: a configured base, or the address that the client used."""

from typing import Any

import httpx
import pytest

from emulator.testing import ControlRefused, Emulator
from tests.clients.koywe import Client
from tests.providers.koywe.samples import SCENARIO

BASE = "https://pay.shop.example/x"
NEQUI: dict[str, Any] = {"paymentMethods": [{"method": "NEQUI"}]}


def test_39_pay_links_and_qr_urls_begin_with_the_public_base(emulator: Emulator, client: Client) -> None:
    emulator.set("koywe", public_base=BASE, qr_form="url", order_aliases="on")
    for changes in ({}, NEQUI, {"type": "PAYMENT_LINK", "paymentMethods": []}):
        created = client.create({SCENARIO: "manual"}, **changes).json()
        assert created["providedAction"] == f"{BASE}/pay/{created['id']}"
        assert created["paymentUrl"] == f"{BASE}/pay/{created['id']}"
        page = httpx.get(f"{client.url}/pay/{created['id']}")
        assert page.status_code == 200, "the page is where it was, whatever leads to it"


def test_39_a_link_is_fixed_when_its_order_is_created(emulator: Emulator, client: Client) -> None:
    before = client.create({SCENARIO: "manual"}).json()
    emulator.set("koywe", public_base=BASE)
    after = client.create({SCENARIO: "manual"}).json()
    emulator.set("koywe", public_base=None)
    assert client.read(before["id"]).json()["providedAction"] == f"{client.url}/pay/{before['id']}"
    assert client.read(after["id"]).json()["providedAction"] == f"{BASE}/pay/{after['id']}"


def test_39_links_to_identity_forms_begin_with_the_public_base(emulator: Emulator, client: Client) -> None:
    emulator.set("koywe", publicBase=BASE)
    kyb = client.post("/onboarding/kyb", {})
    emulator.advance("2s")
    assert client.get(f"/onboarding/kyb/{kyb['id']}")["formUrl"] == f"{BASE}/kyb/{kyb['id']}"


@pytest.mark.parametrize("value", ["shop.example", "ftp://shop.example", 5, "https://shop.example/?a=1"])
def test_39_a_base_that_is_not_a_url_is_refused(emulator: Emulator, value: Any) -> None:
    with pytest.raises(ControlRefused, match="koywe.public_base cannot be"):
        emulator.set("koywe", public_base=value)

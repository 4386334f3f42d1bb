"""What is drawn: ids, tokens, codes, addresses. None of them ever appears twice."""

import base64
import json
import re
from collections import Counter
from collections.abc import Iterator
from typing import Any

from emulator.testing import Emulator
from tests.clients.baanx import Client
from tests.providers.baanx import browsers
from tests.providers.baanx.test_grants import authorize, initiate, refresh
from tests.providers.baanx.test_grants import trade as trade_older

PREFIXES = re.compile(r"^(US_|access_token_|refresh_token_|ord_|0x|whk_)")
WALLET = "openid profile email platform:full offline_access"


def drawn(text: str) -> str:
    """The part of a value that is drawn, written so that equal bytes look equal."""
    return PREFIXES.sub("", text).replace("-", "").lower()


def claims(token: str) -> Iterator[str]:
    payload = token.split(".")[1]
    found = json.loads(base64.urlsafe_b64decode(payload + "=" * (-len(payload) % 4)))
    return (found[name] for name in ("sid", "jti") if name in found)


def values_of_a_round(emulator: Emulator, client: Client) -> Iterator[str]:
    """One of each value that calls draw."""
    order = client.create().json()
    yield from (order["requestId"], order["orderId"], order["paymentConfig"]["destinationAddress"])
    emulator.fire(order["orderId"], "pay")
    yield client.read(order["orderId"]).json()["metadata"]["txHash"]
    for word in ("user", "us"):
        yield client.login(f"{word}@{emulator.name}.test").json()["accessToken"]
    session = initiate(client).json()["token"]
    yield from claims(session)
    code = authorize(client, session).json()["code"]
    pair = trade_older(client, code=code).json()
    renewed = refresh(client, pair["refresh_token"]).json()
    yield from (code, pair["access_token"], pair["refresh_token"], renewed["access_token"], renewed["refresh_token"])
    page = browsers.open_page(emulator, scope=WALLET)
    yield from claims(browsers.Form(page).fields["token"])
    newer_code = browsers.returned(browsers.allow(emulator, page))["code"]
    tokens = browsers.trade(emulator, code=newer_code).json()
    yield from (newer_code, tokens["refresh_token"], *claims(tokens["access_token"]), *claims(tokens["id_token"]))
    for kind in ("details", "pin"):
        yield client.request("POST", f"/v1/card/{kind}/token").json()["token"]
    body: Any = {"name": "x", "url": "https://shop.example.test/", "event_types": ["*"]}
    endpoint = client.request("POST", "/v1/webhooks", body).json()["data"]
    yield from (endpoint["id"], endpoint["apiKey"])
    client.request("DELETE", f"/v1/webhooks/{endpoint['id']}")
    emulator.command("baanx", "send_event", event_type="card.activated")
    event = client.request("GET", "/v1/webhooks/events", params={"limit": "1"}).json()["events"][0]
    yield from (event["id"], event["eventId"], event["payload"]["event_object_id"])
    emulator.set("baanx", users={"unverified": {"verificationState": "VERIFIED", "card": None}})
    newcomer = client.login(f"unverified@{emulator.name}.test").json()["accessToken"]
    bearer = {"Authorization": f"Bearer {newcomer}"}
    client.request("POST", "/v1/card/order", {"type": "VIRTUAL"}, headers=bearer)
    yield from (newcomer, client.request("GET", "/v1/card/status", headers=bearer).json()["id"])


def test_34_no_drawn_value_appears_twice(emulator: Emulator, client: Client) -> None:
    now = emulator.now
    found = [drawn(value) for _ in range(12) for value in values_of_a_round(emulator, client)]
    assert emulator.now == now
    assert len(found) > 300
    assert [value for value, count in Counter(found).items() if count > 1] == []


def test_34_the_same_seed_and_calls_give_the_same_values(emulator: Emulator, client: Client) -> None:
    first = list(values_of_a_round(emulator, client))
    emulator.reset()
    assert list(values_of_a_round(emulator, client)) == first

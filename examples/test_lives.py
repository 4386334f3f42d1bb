"""A small merchant whose orders Changelly completes, and what lives ask of it: each order is credited once, and only
once it is complete, whatever becomes of webhooks and answers on the way.

Run it with `pytest examples/test_lives.py`. To see a life that hunts a mistake down, leave `if order in self.credited`
out, or credit without asking the provider.
"""

import json
from collections.abc import Callable, Iterable
from typing import Any

import httpx
from hypothesis import Phase, given, settings

from emulator.testing import BackgroundServer, Emulator
from emulator.testing.lives import Life, lives


class Merchant:
    """Starts purchases, takes webhooks as a hint to look, and believes only what it has read itself."""

    def __init__(self, emulator: Emulator) -> None:
        self.client = emulator.client("changelly", timeout=0.2)
        self.credited: list[str] = []

    def buy(self, life: Life) -> str | None:
        """Starts a purchase of this amount; the id of the order, if the answer came."""
        try:
            answer = self.client.post("/v1/orders", json={**life.body, "externalOrderId": "cart-1"})
            return str(answer.json()["orderId"]) if answer.status_code == 200 else None
        except (httpx.TransportError, ValueError):
            return None

    def look(self, order: str) -> None:
        """Reads an order, and credits it if it is complete."""
        try:
            answer = self.client.get("/v1/orders", params={"orderId": order})
            found = answer.json()["orders"] if answer.status_code == 200 else []
        except (httpx.TransportError, ValueError):
            return  # there will be another look
        if any(each["status"] == "complete" for each in found) and order not in self.credited:
            self.credited.append(order)

    def receive(self, environ: dict[str, Any], start: Callable[..., Any]) -> Iterable[bytes]:
        """The receiver of webhooks (WSGI)."""
        told = json.loads(environ["wsgi.input"].read(int(environ["CONTENT_LENGTH"])))
        start("200 OK", [("Content-Length", "0")])
        self.look(str(told["orderId"]))
        return [b""]


@settings(max_examples=200, deadline=None, phases=set(Phase) - {Phase.explain})
@given(life=lives("changelly", "buy", faults=True))
def test_a_purchase_is_credited_once_when_it_is_complete(emulator_server: BackgroundServer, life: Life) -> None:
    with emulator_server.sandbox() as emulator:
        merchant = Merchant(emulator)
        emulator.set("changelly", callback_url=emulator.receive_at("merchant.example", merchant.receive).url)
        played = emulator.play(merchant.buy, life, read=merchant.look)
        emulator.clear_faults()
        if played.order is not None:
            merchant.look(played.order)
        assert merchant.credited == ([played.order] if "complete" in played.statuses else [])

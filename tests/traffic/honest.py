"""Honest traffic: every scenario of every provider, with a client that reads and receives webhooks."""

from collections.abc import Iterator
from io import BytesIO
from typing import Any, cast

from emulator.core import json_text
from emulator.files.recorded_traffic import read_recording
from emulator.providers import NAMES, load
from emulator.testing import ControlRefused, Emulator
from emulator.testing.clients import order_path
from emulator.testing.types.names import Provider
from emulator.traffic.recorded import Recorded

WAITS = ("1s", "10s", "1m", "20m", "2d")
_MERCHANT = "/api/v1/organizations/org_{s}/merchants/mrc_{s}"
OTHERS = {
    "baanx": ("/v1/order/products/available", "/v1/user", "/v1/webhooks", "/v1/webhooks/events"),
    "basswallet": ("/v1/account/balance", "/v1/common/tokens", "/v1/common/supportedCurrencies",
                   "/v1/account/order/history?startTime=0&endTime=1", "/nothing"),
    "changelly": ("/v1/orders", "/v1/providers", "/v1/currencies", "/v1/available-countries",
                  "/v1/offers?currencyFrom=USD&currencyTo=ETH&amountFrom=150&country=EE", "/v1/offers"),
    "koywe": ("/api/v1/countries", "/api/v1/auth/me", _MERCHANT + "/orders", _MERCHANT + "/accounts/balances",
              "/api/v1/organizations/org_{s}/webhooks", "/api/v1/banks?countryCode=CO", _MERCHANT + "/orders/none"),
}  # fmt: skip
"""Calls that are about no order, some of which are refused."""


def live(emulator: Emulator) -> list[Recorded]:
    """What was recorded of all of it: calls from the journal, webhooks with the bytes of every attempt."""
    receiver = f"{emulator.control_url.removesuffix('/_emulator')}/receiver/{emulator.name}"
    emulator.call("POST", "webhooks/subscribe", {"url": receiver})
    for name in NAMES:
        _live_with(emulator, cast(Provider, name))
    return [*read_all(emulator)]


def _live_with(emulator: Emulator, name: Provider) -> None:
    card = load(name)
    assert card.order_request is not None
    with emulator.client(name) as client:
        orders = [
            order
            for scenario in emulator.call("GET", "scenarios")["scenarios"][name]
            for kind in card.order_request.bodies
            for order in _create(emulator, name, kind, scenario["name"])
        ]
        for path in OTHERS.get(name, ()):
            client.get(path.format(s=emulator.name))
        for wait in WAITS:
            emulator.call("POST", "clock/advance", {"by": wait})
            for order in orders:
                client.get(order_path(name, emulator[name], order))


def _create(emulator: Emulator, provider: str, kind: str, scenario: str) -> Iterator[str]:
    try:
        made = emulator.call("POST", "orders", {"provider": provider, "kind": kind or None, "scenario": scenario})
    except ControlRefused as refused:
        assert refused.error != "bad-request", refused
        return
    yield made["id"]


def read_all(emulator: Emulator) -> Iterator[Recorded]:
    """The journal, page after page, and the webhooks."""
    after = 0
    while entries := emulator.call("GET", f"journal?kind=request&after={after}")["entries"]:
        yield from read_recording(BytesIO(_write({"entries": entries})))
        after = entries[-1]["number"]
    yield from read_recording(BytesIO(_write(emulator.call("GET", "webhooks"))))


def _write(document: Any) -> bytes:
    return json_text.encode(document)

"""The shop of the examples beside an emulator: its client, and the receiver of its webhooks, without a socket."""

from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from itertools import count
from typing import Any

import httpx
from shop.app import create_app
from shop.orders import BACKOFF_S, Shop
from shop.providers import make_gateways
from shop.providers.gateway import Gateway
from shop.store import Purchase, Store

from emulator.testing import BackgroundServer, Emulator

PROVIDERS = ("baanx", "basswallet", "changelly", "koywe")
AMOUNTS: dict[str, str | None] = {"baanx": None, "basswallet": "25.50", "changelly": "150", "koywe": "50000"}
"""What a customer wants to pay; Baanx itself says what its product costs."""
WORTH = {
    "baanx": {"USD": Decimal("199")},
    "basswallet": {"USDT": Decimal("25.50")},
    "changelly": {"ETH": Decimal("0.04775")},
    "koywe": {"COP": Decimal("50000")},
}
"""What the customer has once that is paid."""
PAYMENT = {"changelly": ("start", "complete"), "koywe": ("confirm",)}
"""The events by which an order is paid, where that is not `pay`."""
LOOK_UP = {"basswallet": "get-order", "changelly": "list-orders", "koywe": "get-order-by-external-id"}
"""The call by which an order is found whose answer was lost; Baanx has none."""
TELLING = tuple(LOOK_UP)
"""Providers that tell of orders by webhooks."""
CUSTOMER = "ada"
SECRET = "whsec_koywe_test"
TIMEOUT_S = 30.0
"""How long the shop waits for an answer."""
ALWAYS: dict[str, dict[str, Any]] = {
    "basswallet": {"timestamp_clock": "emulator", "webhook_timeout": 60},
    "changelly": {"callback_timeout_ms": 60_000},
    "koywe": {"webhook_timeout_s": 60},
}
"""Settings of every stage: the shop has time to answer webhooks, also on a busy machine. That is real time, in which
Koywe's five seconds go by."""
_numbers = count(1)

Gateways = Callable[..., dict[str, Gateway]]


@dataclass
class Stage:
    """A shop and its emulator."""

    emulator: Emulator
    shop: Shop
    provider: str
    app: Any
    http: httpx.Client
    """By which the shop asks the provider."""
    slept: list[float]

    def buy(self, amount: str | None = "") -> Purchase:
        """A purchase, of the usual amount unless another is given."""
        wanted = AMOUNTS[self.provider] if amount == "" else amount
        return self.shop.buy(CUSTOMER, self.provider, None if wanted is None else Decimal(wanted))

    def wait(self, duration: str) -> None:
        """Lets time pass for both, and the shop poll."""
        self.emulator.advance(duration)
        self.shop.poll()

    def purchase(self, purchase: Purchase) -> Purchase:
        """The purchase as it is kept now."""
        kept = self.shop.store.purchase(purchase.id)
        assert kept is not None
        return kept

    def state(self, purchase: Purchase) -> str:
        """The shop's status of a purchase."""
        return self.purchase(purchase).state

    @property
    def asked(self) -> int:
        """How often the shop has asked the provider."""
        return int(self.emulator.count({"kind": "request"})["count"])

    def inject(self, fault: str, **rule: Any) -> None:
        """A fault at the provider."""
        given = {name: value for name, value in rule.items() if value is not None}
        self.emulator.call("POST", "faults", {"fault": fault, "provider": self.provider, **given})

    def lose_answers(self) -> None:
        """The next order is created, but the shop gets no answer before it gives up for now."""
        self.inject("reset", when="after", endpoint="create-order", times=1)
        self.inject("gateway", endpoint=LOOK_UP.get(self.provider, "create-order"), times=len(BACKOFF_S))

    def fire(self, order: str | None, *events: str, **arguments: Any) -> None:
        """Lets events happen to an order."""
        for event in events:
            self.emulator.call("POST", f"orders/{order}/events", {"event": event, **arguments})

    def pay(self, order: str | None) -> None:
        """Lets the payer pay, and the provider report it."""
        self.fire(order, *PAYMENT.get(self.provider, ("pay",)))
        self.emulator.advance("2m")

    @property
    def balance(self) -> dict[str, Decimal]:
        """What the customer has, without currencies with a zero balance."""
        return {name: amount for name, amount in self.shop.store.balance(CUSTOMER).items() if amount}


@contextmanager
def stage(
    server: BackgroundServer,
    provider: str,
    *,
    kind: type[Shop] = Shop,
    make: Gateways = make_gateways,
    settings: Mapping[str, Any] | None = None,
    scenario: str | None = "manual",
    test_accounts: frozenset[str] = frozenset(),
    timeout_s: float = TIMEOUT_S,
) -> Iterator[Stage]:
    """A new sandbox, and a shop with one provider. `kind` and `make`: the shop, and its gateways."""
    name = f"shop-{next(_numbers)}"
    with server.sandbox(name=name, webhook_url=f"http://{name}.test/webhooks/{provider}") as emulator:
        emulator.call("PUT", "settings", ALWAYS)
        if settings:
            emulator.call("PUT", "settings", {provider: dict(settings)})
        if scenario is not None:
            emulator.call("PUT", "default-scenario", {provider: scenario})
        slept: list[float] = []
        store = Store(":memory:")
        with httpx.Client(transport=emulator.transport(), timeout=timeout_s) as http:
            access = emulator[provider]
            gateways = make(http, {provider: access.url}, {provider: access.credentials}, _clock(emulator), SECRET)
            shop = kind(store, gateways, _clock(emulator), test_accounts=test_accounts, sleep=slept.append)
            with application(shop) as app, emulator.receive_at(f"{name}.test", app, lifespan=False):
                yield Stage(emulator, shop, provider, app, http, slept)
                emulator.advance(0)  # until no webhook is on its way
        store.close()


class _Whichever:
    """Stands for the shop that an application serves at present."""

    shop: Shop

    def __getattr__(self, name: str) -> Any:
        return getattr(self.shop, name)


_idle: list[tuple[Any, _Whichever]] = []
"""Applications that serve no shop, for the next one: to build one takes as long as a short test."""


@contextmanager
def application(shop: Shop) -> Iterator[Any]:
    """An application that serves a shop for now."""
    if not _idle:
        whichever: Any = _Whichever()
        _idle.append((create_app(whichever), whichever))
    app, serving = _idle.pop()
    serving.shop = shop
    yield app
    _idle.append((app, serving))


def _clock(emulator: Emulator) -> Callable[[], int]:
    return lambda: round(datetime.fromisoformat(emulator.now).timestamp() * 1000)

"""Ten mistakes that shops make, each planted into the good one by itself, in place of a good part."""

import json
from collections.abc import Callable, Iterator, Mapping
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field, replace
from decimal import Decimal
from typing import Any
from unittest.mock import patch
from urllib.parse import parse_qsl

import httpx
import msgspec
from shop.orders import FIRST_LOOK_MS, Shop
from shop.providers import make_gateways
from shop.providers.basswallet import PROGRESS as BASSWALLET
from shop.providers.changelly import PROGRESS as CHANGELLY
from shop.providers.gateway import Gateway, Look, Money, Notice, Progress, Refused, Unclear
from shop.providers.koywe import PROGRESS as KOYWE
from shop.providers.koywe import Koywe
from shop.store import Purchase

from emulator.testing.types.names import Provider
from tests.examples.stage import PROVIDERS, Gateways


@dataclass(frozen=True)
class Bug:
    """A mistake, and how it is planted."""

    shop: type[Shop] = Shop
    make: Gateways = make_gateways
    patches: Mapping[str, Any] = field(default_factory=dict)
    """Functions in place of others, by where those are looked up."""

    @contextmanager
    def planted(self) -> Iterator[None]:
        """Within the block, the functions are replaced."""
        with ExitStack() as stack:
            for target, replacement in self.patches.items():
                stack.enter_context(patch(target, replacement))
            yield


# -- Webhooks


class CreditsADoubledWebhookTwice(Shop):
    """Credits the value whenever a webhook about a paid order arrives."""

    def receive(self, provider: str, headers: Mapping[str, str], body: bytes) -> None:
        """Does not remember webhooks."""
        before = self._about(provider, headers, body)
        super().receive(provider, headers, body)
        if before is not None and before.state == "paid" and before.value is not None:
            entry = (before.id, before.customer, before.value.currency, f"{before.value.amount:f}")
            with self.store.transaction() as connection:
                connection.execute(
                    "INSERT INTO entries (purchase, customer, currency, amount) VALUES (?, ?, ?, ?)", entry
                )

    def _about(self, provider: str, headers: Mapping[str, str], body: bytes) -> Purchase | None:
        notice = self.gateways[provider].check(headers, body)
        return None if notice is None else self.store.purchase_of(provider, notice.order_id)


class TrustsTheOrderOfWebhooks(Shop):
    """Takes what the last webhook says for the current status."""

    def receive(self, provider: str, headers: Mapping[str, str], body: bytes) -> None:
        """Does not check with the provider."""
        notice = self.gateways[provider].check(headers, body)
        purchase = None if notice is None else self.store.purchase_of(provider, notice.order_id)
        if purchase is not None:
            self.store.write(self.seen(purchase, told(provider, body)))


class StoresATestOrderAsPaid(Shop):
    """Takes every order in a webhook for one of its own."""

    def receive(self, provider: str, headers: Mapping[str, str], body: bytes) -> None:
        """Stores unknown orders."""
        notice = self.gateways[provider].check(headers, body)
        if notice is None or self._knows(provider, notice):
            super().receive(provider, headers, body)
            return
        look = told(provider, body)
        self.store.add(
            Purchase(
                id=f"of {look.order_id}", customer="somebody", provider=provider, amount=None, is_test=False,
                made_ms=self.now_ms(), next_look_ms=None, order_id=look.order_id, status=look.status,
                progress=Progress.PAID, value=look.value,
            )
        )  # fmt: skip

    def _knows(self, provider: str, notice: Notice) -> bool:
        named = None if notice.reference is None else self.store.purchase(notice.reference)
        return named is not None or self.store.purchase_of(provider, notice.order_id) is not None


class ChecksWhatItHasWrittenAnew(Koywe):
    """Lets a framework parse the body, and checks the signature over the JSON that it writes again."""

    def check(self, headers: Mapping[str, str], body: bytes) -> Notice | None:
        """Checks other bytes than those that were signed."""
        try:
            anew = json.dumps(json.loads(body), separators=(",", ":"), ensure_ascii=False).encode()
        except ValueError:
            anew = body
        return super().check(headers, anew)


def told(provider: str, body: bytes) -> Look:
    """An order as a webhook shows it."""
    if provider == "basswallet":
        form = dict(parse_qsl(body.decode()))
        value = Money(Decimal(form["amountActual"]), form["tokenName"]) if "amountActual" in form else None
        return Look(form["id"], form["status"], BASSWALLET.get(form["status"], Progress.OPEN), value)
    event = msgspec.json.decode(body)
    if provider == "changelly":
        value = Money(Decimal(event["payoutAmount"] or 0), event["payoutCurrency"])
        return Look(event["orderId"], event["status"], CHANGELLY.get(event["status"], Progress.OPEN), value)
    status = event["data"]["status"]
    return Look(event["relationships"]["self"]["id"], status, KOYWE.get(status, Progress.OPEN))


# -- Calls


class PaysAgain(Shop):
    """Takes a lost answer for a failure, and starts over under another name."""

    tries = 0

    def find(self, purchase: Purchase) -> Look | None:
        """Does not look."""
        return None

    def create(self, purchase: Purchase) -> Look:
        """Makes up a new name for each attempt."""
        self.tries += 1
        name = f"{purchase.id[:24]}{self.tries}"
        return self.gateways[purchase.provider].create(name, purchase.customer, purchase.amount)


def ask_by_status(http: httpx.Client, request: httpx.Request, success: type[Any], error_member: str) -> Any:
    """Takes any 4xx for the provider's, whoever sent it."""
    try:
        answer = http.send(request)
        if not answer.is_client_error:
            return msgspec.json.decode(answer.content, type=success)
    except (httpx.RequestError, msgspec.MsgspecError, UnicodeDecodeError) as error:
        raise Unclear(str(error)) from error
    try:
        refusal = str(msgspec.json.decode(answer.content)[error_member])
    except (msgspec.MsgspecError, KeyError, TypeError):
        refusal = answer.reason_phrase
    raise Refused(refusal, answer.status_code)


ASKING_BY_STATUS = {f"shop.providers.{name}.ask": ask_by_status for name in PROVIDERS}
"""All gateways ask like that."""


class BelievesWhoeverAnswers(Shop):
    """Takes an order that could not be read for gone, and never reads it again."""

    def look(self, purchase: Purchase) -> Look | None:
        """Takes every refusal as final."""
        try:
            return super().look(purchase)
        except Unclear as unclear:
            if purchase.order_id is None or not isinstance(unclear.__cause__, Refused):
                raise
            return Look(purchase.order_id, self.GONE, Progress.CLOSED)

    def seen(self, purchase: Purchase, look: Look | None) -> Purchase:
        """Assumes that what is gone stays gone."""
        return purchase if purchase.status == self.GONE else super().seen(purchase, look)

    GONE = "gone"


# -- What an order is worth, and when


class Misread:
    """A gateway whose every answer is read wrongly."""

    def __init__(self, real: Gateway, misread: Callable[[Look], Look]) -> None:
        self._real = real
        self._misread = misread
        self.check = real.check

    def create(self, reference: str, customer: str, amount: Decimal | None) -> Look:
        """What is read of the new order."""
        return self._misread(self._real.create(reference, customer, amount))

    def find(self, reference: str) -> Look | None:
        """What is read of the order that was found."""
        look = self._real.find(reference)
        return None if look is None else self._misread(look)

    def read(self, order_id: str) -> Look:
        """What is read of the order."""
        return self._misread(self._real.read(order_id))


def read_as_floats(*arguments: Any) -> dict[str, Gateway]:
    """Gateways to which money is a binary float."""

    def misread(look: Look) -> Look:
        value = look.value
        return look if value is None else replace(look, value=replace(value, amount=Decimal(float(value.amount))))

    return {name: Misread(real, misread) for name, real in make_gateways(*arguments).items()}


def make_with_careless_check(*arguments: Any) -> dict[str, Gateway]:
    """Koywe's gateway checks what it has written anew."""
    http, urls, keys, _, secret = arguments
    return {"koywe": ChecksWhatItHasWrittenAnew(http, urls["koywe"], keys["koywe"], secret)}


class IgnoresALatePayment(Shop):
    """Stops looking at an order that has expired."""

    def seen(self, purchase: Purchase, look: Look | None) -> Purchase:
        """Ignores the status."""
        return purchase if purchase.progress is Progress.CLOSED else super().seen(purchase, look)


class TrustsPending(Shop):
    """Takes an unconfirmed payment for a confirmed one, and never checks again."""

    SEEN: Mapping[str, str] = {
        "baanx": "PENDING", "basswallet": "AwaitingConfirmation", "changelly": "pending", "koywe": "PROCESSING"
    }  # fmt: skip

    def seen(self, purchase: Purchase, look: Look | None) -> Purchase:
        """Assumes that a pending order can only succeed."""
        pending = self.SEEN[purchase.provider]
        seen = super().seen(purchase, look)
        if purchase.status == pending and seen.progress is not Progress.PAID:
            return replace(purchase, next_look_ms=None)
        return replace(seen, progress=Progress.PAID, next_look_ms=None) if seen.status == pending else seen


class PollsForever(Shop):
    """Polls until the order is paid, although some never are."""

    def next_look_ms(self, purchase: Purchase, progress: Progress) -> int | None:
        """Knows no deadline."""
        return None if progress is Progress.PAID else self.now_ms() + FIRST_LOOK_MS


BUGS: Mapping[str, tuple[Provider, Bug]] = {
    "credits a doubled webhook twice": ("basswallet", Bug(CreditsADoubledWebhookTwice)),
    "trusts the order of webhooks": ("basswallet", Bug(TrustsTheOrderOfWebhooks)),
    "treats a lost answer as a failure and pays again": ("changelly", Bug(PaysAgain)),
    "reads money as float": ("basswallet", Bug(make=read_as_floats)),
    "ignores a late payment after expiry": ("basswallet", Bug(IgnoresALatePayment)),
    "verifies re-serialised JSON": ("koywe", Bug(make=make_with_careless_check)),
    "trusts PENDING never to go back": ("changelly", Bug(TrustsPending)),
    "polls forever": ("baanx", Bug(PollsForever)),
    "takes a gateway's 4xx for the provider's": ("basswallet", Bug(BelievesWhoeverAnswers, patches=ASKING_BY_STATUS)),
    "stores a test order as paid": ("koywe", Bug(StoresATestOrderAsPaid)),
}
"""By name, each with a provider at which it soon does harm."""

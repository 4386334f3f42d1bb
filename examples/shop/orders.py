"""The shop itself: it places orders, looks after them, and lets the ledger follow what the provider says.

Two rules carry all of it. What a webhook says is never believed: it is a reason to ask the provider, so that doubled,
late, reordered and replayed ones do no harm. And what is not known is not guessed: an answer that was lost is neither
a success nor a failure until somebody has looked.
"""

import time
import uuid
from collections.abc import Callable, Mapping
from contextlib import suppress
from dataclasses import replace
from decimal import Decimal

from shop.providers.gateway import Gateway, Look, Progress, Refused, Unclear
from shop.store import Purchase, Store

BACKOFF_S = (0.5, 2.0)
"""How long to wait before the second and the third try to place an order."""
PLACING_MS = 60_000
"""Longer than all tries to place an order together. Whoever looks earlier could place it a second time."""
FIRST_LOOK_MS = 5_000
PATIENCE = 1 / 4
"""How long to wait until the next look, as a part of the time that the order has lived."""
DEADLINE_MS = 2 * 60 * 60 * 1000
"""So long after it was made an order is polled. Later, only webhooks and the nightly round ask for it."""
NIGHTLY_MS = 30 * 24 * 60 * 60 * 1000
"""How old the purchases are that the nightly round still asks for."""


class Shop:
    """Everything that a customer, a provider or a clock can make the shop do."""

    def __init__(
        self,
        store: Store,
        gateways: Mapping[str, Gateway],
        now_ms: Callable[[], int],
        *,
        test_accounts: frozenset[str] = frozenset(),
        sleep: Callable[[float], None] = time.sleep,
    ) -> None:
        """`test_accounts`: providers whose keys are those of a test account."""
        self.store = store
        self.gateways = gateways
        self.now_ms = now_ms
        self._test_accounts = test_accounts
        self._sleep = sleep

    # -- What customers do

    def buy(self, customer: str, provider: str, amount: Decimal | None) -> Purchase:
        """Places an order at a provider. The purchase is kept first: whatever happens then, it is not forgotten."""
        now_ms = self.now_ms()
        purchase = Purchase(
            id=uuid.uuid4().hex,  # letters and digits only: one provider takes nothing else
            customer=customer,
            provider=provider,
            amount=amount,
            is_test=provider in self._test_accounts,
            made_ms=now_ms,
            next_look_ms=now_ms + PLACING_MS,
        )
        self.store.add(purchase)
        return self.place(purchase)

    def place(self, purchase: Purchase) -> Purchase:
        """Sees to it that the provider has the order, once. Where that stays unclear, `poll` goes on with it."""
        try:
            return self._try(purchase, self.create)
        except Unclear:
            pass
        for pause_s in BACKOFF_S:
            self._sleep(pause_s)
            try:
                return self.place_again(purchase)
            except Unclear:
                continue
        return purchase

    def create(self, purchase: Purchase) -> Look:
        """One call to the provider."""
        return self.gateways[purchase.provider].create(purchase.id, purchase.customer, purchase.amount)

    def place_again(self, purchase: Purchase) -> Purchase:
        """After a lost answer: asks whether the order is there, and places it only if it is not. Raises Unclear."""
        return self._try(purchase, lambda _: self.find(purchase) or self.create(purchase))

    def find(self, purchase: Purchase) -> Look | None:
        """The order that the provider has under the purchase's id. Raises Unclear."""
        return self.gateways[purchase.provider].find(purchase.id)

    def _try(self, purchase: Purchase, call: Callable[[Purchase], Look]) -> Purchase:
        try:
            look = call(purchase)
        except Refused as refusal:
            error = refusal.error
            return self._keep(purchase, lambda current: replace(current, refusal=error, next_look_ms=None))
        return self._keep(purchase, lambda current: self.seen(current, look))

    def _keep(self, purchase: Purchase, change: Callable[[Purchase], Purchase]) -> Purchase:
        """Keeps what came of placing it, also where somebody has written the purchase meanwhile. If they have found the
        order, it is as it is now."""
        while (kept := self.store.write(change(purchase))) is None:
            purchase = self._current(purchase)
            if purchase.order_id is not None:
                return self.refresh(purchase)
        return kept

    # -- What providers do

    def receive(self, provider: str, headers: Mapping[str, str], body: bytes) -> None:
        """A webhook. Raises Forged, and Unclear: then it is to be sent again.

        It says which order to ask for, and nothing else is taken from it. One about an order that the shop has not
        placed, as those that the provider sends as a test, is nobody's.
        """
        notice = self.gateways[provider].check(headers, body)
        if notice is None or (notice.event_id and self.store.has_event(provider, notice.event_id)):
            return
        purchase = self.store.purchase_of(provider, notice.order_id)
        if purchase is None and notice.reference:  # it may be faster than the answer to the create call
            purchase = self.store.purchase(notice.reference)
        if purchase is None or purchase.provider != provider:
            return
        self.refresh(purchase)
        if notice.event_id:
            self.store.keep_event(provider, notice.event_id)

    # -- What time does

    def poll(self) -> None:
        """Asks for all orders that are due."""
        now_ms = self.now_ms()
        for purchase in self.store.due_by(now_ms):
            is_being_placed = purchase.order_id is None and now_ms < purchase.made_ms + DEADLINE_MS
            go_on = self.place_again if is_being_placed else self.refresh
            try:
                go_on(purchase)
            except Unclear:
                self.store.write(replace(purchase, next_look_ms=self.next_look_ms(purchase, purchase.progress)))

    def reconcile(self) -> None:
        """The nightly round: asks for everything that is not too old, whatever the shop believes about it. So it finds
        what no webhook has told: a late payment, a refund, a webhook that was lost."""
        for purchase in self.store.made_since(self.now_ms() - NIGHTLY_MS):
            with suppress(Unclear):  # tomorrow is another night
                self.refresh(purchase)

    def refresh(self, purchase: Purchase) -> Purchase:
        """Asks the provider, and keeps what it says. Raises Unclear."""
        while True:
            kept = self.store.write(self.seen(purchase, self.look(purchase)))
            if kept is not None:
                return kept
            purchase = self._current(purchase)  # somebody else has looked meanwhile, and may have seen more

    def look(self, purchase: Purchase) -> Look | None:
        """The order as the provider shows it now; None: there is none. Raises Unclear."""
        if purchase.order_id is None:
            return self.find(purchase)
        return self.gateways[purchase.provider].read(purchase.order_id)

    def seen(self, purchase: Purchase, look: Look | None) -> Purchase:
        """The purchase after a look at its order; None: there is no order."""
        if look is None:
            is_given_up = self.now_ms() >= purchase.made_ms + DEADLINE_MS
            return replace(purchase, progress=Progress.CLOSED, next_look_ms=None) if is_given_up else purchase
        return replace(
            purchase,
            order_id=look.order_id,
            status=look.status,
            progress=look.progress,
            value=look.value or purchase.value,
            pay_at=look.pay_at or purchase.pay_at,
            next_look_ms=self.next_look_ms(purchase, look.progress),
        )

    def next_look_ms(self, purchase: Purchase, progress: Progress) -> int | None:
        """When to ask next: ever more rarely, and never again after the deadline."""
        now_ms, deadline_ms = self.now_ms(), purchase.made_ms + DEADLINE_MS
        if progress is not Progress.OPEN or now_ms >= deadline_ms:
            return None
        return min(now_ms + max(FIRST_LOOK_MS, int((now_ms - purchase.made_ms) * PATIENCE)), deadline_ms)

    def _current(self, purchase: Purchase) -> Purchase:
        return self.store.purchase(purchase.id) or purchase

"""Whether a shop handled the life of an order correctly: what it must never do, and what it must have done.

It learns what an order is worth from the emulator, and shares nothing with the shop.
"""

from collections.abc import Iterator, Mapping
from decimal import Decimal
from itertools import pairwise
from typing import Any

from shop.orders import DEADLINE_MS
from shop.providers.gateway import Unclear
from shop.store import Purchase

from emulator.testing.lives import Life
from tests.examples.stage import TELLING, TIMEOUT_S, Stage

PAID: Mapping[str, frozenset[str]] = {
    "baanx": frozenset({"COMPLETED"}),
    "basswallet": frozenset({"Success"}),
    "changelly": frozenset({"complete"}),
    "koywe": frozenset({"PAID", "COMPLETED", "REFUND_REQUESTED"}),
}
"""Statuses of orders that are worth something."""
AMOUNTS = {"paymentAmount", "amountActual", "payoutAmount", "amountOut"}
"""Members of answers that say what an order is worth."""
FORGED = {"bad-signature", "old-secret"}
"""Faults of webhooks that a shop rejects."""


def judge(at: Stage, life: Life) -> None:
    """Plays a life with an order of the shop. Raises AssertionError for what the shop does wrong."""
    bought: list[Purchase] = []

    def buy(life: Life) -> str | None:
        has_amount = life.provider != "baanx" and life.kind != "variable"
        bought.append(at.buy(life.amount if has_amount else None))
        return bought[0].order_id

    at.emulator.play(buy, life, read=lambda order: look(at, bought[0]))
    require_end_of_polling(at)
    at.emulator.advance(until="idle")
    at.emulator.clear_faults()
    at.http.timeout = TIMEOUT_S
    at.shop.reconcile()
    require_good_answers(at)
    require_one_order(at, life, at.purchase(bought[0]))
    require_true_ledger(at, at.purchase(bought[0]))


def look(at: Stage, purchase: Purchase) -> None:
    """Lets the shop look at an order, as when the customer waits for it."""
    try:
        at.shop.refresh(at.purchase(purchase))
    except Unclear:
        return


def require_end_of_polling(at: Stage) -> None:
    """Once the deadline has passed, the shop asks one last time."""
    at.emulator.advance(DEADLINE_MS // 1000)
    at.shop.poll()
    assert at.shop.store.due_by(10**15) == [], "it polls for ever"


def require_good_answers(at: Stage) -> None:
    """The shop accepts correctly signed webhooks, or asks for them again, and no others."""
    for webhook in at.emulator.webhooks():
        for number, attempt in enumerate(webhook["attempts"]):
            good = {401} if webhook["fault"] in FORGED and number == 0 else {200, 503}
            assert attempt["status"] in good, f"it answers {attempt['status']} to a webhook ({webhook['fault']})"


def require_one_order(at: Stage, life: Life, purchase: Purchase) -> None:
    """Nobody is asked to pay twice, only what the provider refuses is refused, and nothing is invented."""
    orders = at.emulator.orders()
    assert len(orders) <= 1 or at.provider not in TELLING, f"it has placed {len(orders)} orders"
    refusals = [life.beginning.refused, *(rule["fault"] for rule in life.beginning.faults if rule["fault"] == "status")]
    assert purchase.state != "refused" or any(refusals), f"it takes {purchase.refusal!r} for the provider's refusal"
    assert [each.id for each in at.shop.store.made_since(0)] in ([], [purchase.id]), "it has purchases of nobody"


def require_true_ledger(at: Stage, purchase: Purchase) -> None:
    """The customer has what the order is worth in the end, and never had more than it was worth at the time."""
    orders = at.emulator.orders()
    known = purchase.order_id or (orders[0]["id"] if orders and at.provider in TELLING else None)
    order = None if known is None else at.emulator.order(known)
    assert at.balance == ({} if order is None else worth(order)), "the customer does not have what the order is worth"
    assert order is None or purchase.state == state(order), f"{purchase.state} is an order that is {order['status']}"
    balance: dict[str, Decimal] = {}
    credited, known_amounts = 0, amounts_told(at)
    for entry in at.shop.store.entries(purchase.id):
        had_nothing = not any(balance.values())
        balance[entry.currency] = balance.get(entry.currency, Decimal(0)) + entry.amount
        assert balance[entry.currency] in known_amounts, f"the customer had {balance[entry.currency]} {entry.currency}"
        credited += had_nothing and any(balance.values())
    assert credited <= (0 if order is None else times_paid(order)), "it has credited what was not paid"


def amounts_told(at: Stage) -> set[Decimal]:
    """Every amount that the provider has told the shop in an answer, and nothing."""
    return {Decimal(0), *(amount for entry in at.emulator.journal(kind="request") for amount in amounts_in(entry))}


def amounts_in(document: Any) -> Iterator[Decimal]:
    """All amounts anywhere in some JSON."""
    if isinstance(document, list):
        for each in document:
            yield from amounts_in(each)
    if isinstance(document, dict):
        for name, each in document.items():
            if name in AMOUNTS and each is not None:
                yield Decimal(str(each))
            yield from amounts_in(each)


def state(order: Mapping[str, Any]) -> str:
    """The shop's status of an order."""
    if is_paid(order):
        return "paid"
    return "closed" if order["final"] else "open"


def is_paid(order: Mapping[str, Any]) -> bool:
    """Whether the money is there. At Baanx, an order whose money went back stays COMPLETED."""
    is_given_back = order["provider"] == "baanx" and any(each.get("event") == "refund" for each in order["story"])
    return order["status"] in PAID[order["provider"]] and not is_given_back


def worth(order: Mapping[str, Any]) -> dict[str, Decimal]:
    """What the customer is to have for an order as it is now, by currency."""
    fields, provider = order["fields"], order["provider"]
    if not is_paid(order):
        return {}
    if provider == "basswallet":
        seen = [Decimal(each["amount"]) for each in fields["payments"] if each["credited_ms"] is not None]
        return {fields["token_name"]: sum(seen, Decimal(0))}
    amount, currency = {
        "baanx": ("amount", "currency"),
        "changelly": ("payoutAmount", "payoutCurrency"),
        "koywe": ("amountOut", "destinationCurrencySymbol"),
    }[provider]
    value = Decimal(str(fields[amount] or 0))
    return {fields[currency]: value} if value else {}


def times_paid(order: Mapping[str, Any]) -> int:
    """How often the order has become worth something, or something else."""
    changes = [each for each in order["story"] if each["kind"] in ("created", "transition")]
    paid = [each["status"] in PAID[order["provider"]] for each in changes]
    updates: int = sum(each["event"] == "update" for each in changes)
    return updates + sum(after and not before for before, after in pairwise([False, *paid]))

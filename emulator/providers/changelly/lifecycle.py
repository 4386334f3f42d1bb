"""The statuses of an order, the events that take it from one to another, and what they do to its amounts.

Source: https://fiat-api.changelly.com/docs/Integration-guide/Transaction-statuses (seen 2026-11). Assumed: the events,
their names, the transitions but for those from `created`, that a final order may be changed, and all effects. A PATCH
may leave the transitions (setting `transition_check`); however an order enters a status, the effects are the same.
"""

from collections.abc import Mapping
from decimal import Decimal
from typing import Any

from emulator.contract.lifecycle import Arguments, Event, Lifecycle, Status, Transition
from emulator.contract.order import Order
from emulator.contract.transaction import Transaction
from emulator.providers.changelly.catalogue import Flow, read_catalogue
from emulator.providers.changelly.offers.prices import find_expected_amount, read_trade
from emulator.providers.changelly.wire import read_optional, write_transaction_hash

UPDATE = "update"
"""The event that changes properties and keeps the status."""

_TICKER = "^[A-Z0-9]{2,12}$"
_AMOUNT = "^(0|[1-9][0-9]{0,17})(\\.[0-9]{1,18})?$"


def _kept(pattern: str = ".") -> dict[str, Any]:
    return {"type": "string", "pattern": pattern, "maxLength": 255}


def _cleared(pattern: str = "") -> dict[str, Any]:
    return {"type": ["string", "null"], "pattern": pattern, "maxLength": 1024}


CHANGEABLE: dict[str, dict[str, Any]] = {
    "currencyFrom": _kept(_TICKER),
    "currencyTo": _kept(_TICKER),
    "amountFrom": _kept(_AMOUNT),
    "country": _kept("^[A-Z]{2}$"),
    "state": _cleared(),
    "ip": _cleared(),
    "walletAddress": _kept(),
    "walletExtraId": _cleared(),
    "refundAddress": _cleared(),
    "paymentMethod": _cleared(),
    "userAgent": _cleared(),
    "metadata": {"type": ["object", "null"]},
    "amountTo": _cleared(_AMOUNT),
    "payinAmount": _cleared(_AMOUNT),
    "payoutAmount": _cleared(_AMOUNT),
    "payinCurrency": _cleared(_TICKER),
    "payoutCurrency": _cleared(_TICKER),
    "transactionHash": {"type": ["string", "null"], "minLength": 1, "maxLength": 255},
}
"""Property that may change, besides the status -> its JSON Schema; null clears. A PATCH cannot change the last."""

OUTCOME = {name: CHANGEABLE[name] for name in ("payinAmount", "payoutAmount", "transactionHash")}
"""What an event can say of a payment, in place of what would be made up."""


def change(order: Order, changes: Arguments) -> None:
    """Changes properties of the order. Empty text clears; properties that its kind does not have are ignored."""
    for name in CHANGEABLE:
        if name in changes and name in order.fields:
            value = read_optional(changes[name])
            order.fields[name] = str(value) if isinstance(value, int | Decimal) else value


def read_flow(order: Order) -> Flow:
    """The order's flow, which is its kind."""
    return "buy" if order.kind == "buy" else "sell"


def write_extras(settings: Mapping[str, Any], order: Order) -> dict[str, Any]:
    """What the setting `callback_extras` adds to an order wherever it is shown: the expected amount."""
    return {"amountTo": find_payout(settings, order)} if settings["callback_extras"] else {}


def find_payout(settings: Mapping[str, Any], order: Order) -> str | None:
    """What the order will pay out: the amount that was set, or else what its method gives; None without a price."""
    fields = order.fields
    if fields["amountTo"] is not None:
        return str(fields["amountTo"])
    catalogue = read_catalogue(settings)
    provider = catalogue.find_provider(fields["providerCode"])
    if provider is None:
        return None
    return find_expected_amount(catalogue, read_trade(fields, read_flow(order), provider))


def _update(tx: Transaction, order: Order, changes: Arguments) -> None:
    change(order, changes)


def _set(order: Order, changes: Arguments, name: str, value: str | None) -> None:
    """Sets an amount or the hash, unless the event itself sets it."""
    if name not in changes:
        order.fields[name] = value


def _enter_created(tx: Transaction, order: Order, changes: Arguments) -> None:
    _set(order, changes, "payinAmount", None)
    _set(order, changes, "payoutAmount", None)


def _enter_paid(tx: Transaction, order: Order, changes: Arguments) -> None:
    _set(order, changes, "payinAmount", order.fields["amountFrom"])
    _set(order, changes, "payoutAmount", find_payout(tx.settings(order.provider), order))


def _enter_complete(tx: Transaction, order: Order, changes: Arguments) -> None:
    _enter_paid(tx, order, changes)
    if tx.settings(order.provider)["complete_hash"] == "sha256":
        _set(order, changes, "transactionHash", write_transaction_hash(order.id))


def _enter_unpaid(tx: Transaction, order: Order, changes: Arguments) -> None:
    _set(order, changes, "payoutAmount", None)


LIFECYCLE = Lifecycle(
    statuses=(
        Status("created", "the user has given neither documents nor payment data; wert and transak report it",
               entered=_enter_created),
        Status("pending", "the payment has started", entered=_enter_paid),
        Status("hold", "the provider wants to know more about the user", entered=_enter_paid),
        Status("refunded", "the payment could not be matched to the order; banxa and transak report it",
               entered=_enter_unpaid),
        Status("expired", "the user did not finish in time; banxa and transak report it", final=True,
               entered=_enter_unpaid),
        Status("failed", "something went wrong, and the money was returned", final=True, entered=_enter_unpaid),
        Status("complete", "the crypto, or the fiat of a sale, was sent", final=True, entered=_enter_complete),
    ),
    events=(
        Event("start", "the user pays", OUTCOME),
        Event("hold", "the provider wants to know more", OUTCOME),
        Event("resume", "what was missing has come, and the order goes on", OUTCOME),
        Event("refund", "the payment cannot be matched to the order"),
        Event("complete", "the provider has sent what was bought", OUTCOME),
        Event("fail", "the provider gives up"),
        Event("expire", "the time to pay has run out"),
        Event(UPDATE, "properties change, and the status stays", CHANGEABLE, takes_over=False),
    ),
    transitions=(
        Transition("created", "start", "pending", then=_update, mark="documented"),
        Transition("created", "expire", "expired", mark="documented"),
        Transition("pending", "hold", "hold", then=_update),
        Transition("pending", "complete", "complete", then=_update),
        Transition("pending", "fail", "failed"),
        Transition("pending", "refund", "refunded"),
        Transition("pending", "expire", "expired"),
        Transition("hold", "resume", "pending", then=_update),
        Transition("hold", "complete", "complete", then=_update),
        Transition("hold", "fail", "failed"),
        Transition("hold", "refund", "refunded"),
        Transition("refunded", "resume", "pending", then=_update),
        Transition("refunded", "complete", "complete", then=_update),
        Transition("refunded", "fail", "failed"),
        *(
            Transition(status, UPDATE, status, then=_update, mark="documented")
            for status in ("created", "pending", "hold", "refunded")
        ),
        *(Transition(status, UPDATE, status, then=_update) for status in ("failed", "complete", "expired")),
    ),
    initial={"buy": ("created",), "sell": ("created",)},
)  # fmt: skip

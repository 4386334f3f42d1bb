"""What a payment does to an order: the properties that events and calls by hand change, and the amounts.

Assumed: all of it.
"""

from decimal import Decimal
from typing import Any

from emulator.contract.lifecycle import Arguments
from emulator.contract.order import Order
from emulator.contract.setting import Settings
from emulator.contract.transaction import Transaction
from emulator.providers.changelly.catalogue import Flow, read_catalogue
from emulator.providers.changelly.offers.prices import find_expected_amount, read_trade
from emulator.providers.changelly.wire import read_optional, write_transaction_hash

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


def change(tx: Transaction, order: Order, changes: Arguments) -> None:
    """Changes properties of the order. Empty text clears; properties that its kind does not have are ignored."""
    for name in CHANGEABLE:
        if name in changes and name in order.fields:
            value = read_optional(changes[name])
            order.fields[name] = str(value) if isinstance(value, int | Decimal) else value


def read_flow(order: Order) -> Flow:
    """The order's flow, which is its kind."""
    return "buy" if order.kind == "buy" else "sell"


def write_extras(settings: Settings, order: Order) -> dict[str, Any]:
    """What the setting `callback_extras` adds to an order wherever it is shown: the expected amount."""
    return {"amountTo": find_payout(settings, order)} if settings["callback_extras"] else {}


def find_payout(settings: Settings, order: Order) -> str | None:
    """What the order will pay out: the amount that was set, or else what its method gives; None without a price."""
    fields = order.fields
    if fields["amountTo"] is not None:
        return str(fields["amountTo"])
    catalogue = read_catalogue(settings)
    provider = catalogue.find_provider(fields["providerCode"])
    if provider is None:
        return None
    return find_expected_amount(catalogue, read_trade(fields, read_flow(order), provider))


def enter_created(tx: Transaction, order: Order, changes: Arguments) -> None:
    """Clears what was paid in and out."""
    _set(order, changes, "payinAmount", None)
    _set(order, changes, "payoutAmount", None)


def enter_paid(tx: Transaction, order: Order, changes: Arguments) -> None:
    """Sets what was paid in, and what will be paid out."""
    _set(order, changes, "payinAmount", order.fields["amountFrom"])
    _set(order, changes, "payoutAmount", find_payout(tx.settings(order.provider), order))


def enter_complete(tx: Transaction, order: Order, changes: Arguments) -> None:
    """Sets what was paid in and out, and the hash of the transaction."""
    enter_paid(tx, order, changes)
    if tx.settings(order.provider)["complete_hash"] == "sha256":
        _set(order, changes, "transactionHash", write_transaction_hash(order.id))


def enter_unpaid(tx: Transaction, order: Order, changes: Arguments) -> None:
    """Clears what was paid out."""
    _set(order, changes, "payoutAmount", None)


def _set(order: Order, changes: Arguments, name: str, value: str | None) -> None:
    """Sets an amount or the hash, unless the event itself sets it."""
    if name not in changes:
        order.fields[name] = value

"""The merchants' virtual accounts: three balances each, and the ledger of the changes of the available one.

Nothing is refused here: whoever takes money looks at `available` first. Amounts add up exactly, whatever their size.

Sources: https://docs.koywe.com/core-concepts/virtual-accounts (seen 2026-11) for the three balances, and
https://docs.koywe.com/en/reports/ledger-statement for ids of ledger entries that count. Assumed: which event changes
which balance, and the category of each change.
"""

from collections.abc import Iterator
from decimal import Context, Decimal

from msgspec import Struct, convert

from emulator.contract.transaction import Transaction
from emulator.core.collection import Collection
from emulator.providers.koywe.collection import next_number

MOVEMENTS = "koywe.movements"

OTHER = "OTHER"
REVERSE = "REVERSE"
ADJUSTMENT = "ADJUSTMENT"
SETTLEMENT = "SETTLEMENT"
CATEGORIES = (
    "PAYIN",
    "PAYOUT",
    "BALANCE_TRANSFER",
    "ONRAMP",
    "OFFRAMP",
    REVERSE,
    SETTLEMENT,
    ADJUSTMENT,
    "FEE",
    "TAX",
    OTHER,
)
"""The categories of the ledger (documented)."""

Amount = Decimal | int

_EXACT = Context(prec=1000)


class Balance(Struct):
    """The balances of a virtual account: what can be used, what is coming in, what is going out.

    `opening`: the available balance that the account started with, at `opened_ms`.
    """

    account: str
    opening: Decimal
    opened_ms: int
    available: Decimal
    pending: Decimal = Decimal(0)
    reserved: Decimal = Decimal(0)


BALANCES = Collection("koywe.balances", Balance)
"""By merchant and currency."""


class Movement(Struct, omit_defaults=True):
    """A change of the available balance. `amount` is negative for a debit; `after`: the balance after it."""

    at_ms: int
    amount: Decimal
    after: Decimal
    category: str
    order: str = ""
    about: str | None = None
    settlement: str = ""


def open_balance(tx: Transaction, merchant_id: str, currency: str, account_id: str, amount: Decimal) -> None:
    """Opens the balances of a virtual account, with `amount` available."""
    BALANCES.put(tx, f"{merchant_id}/{currency}", Balance(account_id, amount, tx.now_ms, amount))


def find_balance(tx: Transaction, merchant_id: str, currency: str) -> Balance | None:
    """The balances of the merchant's virtual account in this currency."""
    return BALANCES.find(tx, f"{merchant_id}/{currency}")


def find_balance_of(tx: Transaction, account_id: str, merchant_id: str, currency: str) -> Balance | None:
    """The balances of an account; None if it is not a virtual account that the provider opened."""
    balance = find_balance(tx, merchant_id, currency)
    return balance if balance is not None and balance.account == account_id else None


def list_virtual_account_ids(tx: Transaction) -> list[str]:
    """The ids of all virtual accounts, of every merchant."""
    return [balance.account for _, balance in BALANCES.scan(tx)]


def list_balances(tx: Transaction, merchant_id: str) -> Iterator[tuple[str, Balance]]:
    """Currency and balances of each virtual account of a merchant, in the order of their opening."""
    prefix = f"{merchant_id}/"
    for key, balance in BALANCES.scan(tx):
        if key.startswith(prefix):
            yield key.removeprefix(prefix), balance


def move(
    tx: Transaction,
    merchant_id: str,
    currency: str,
    *,
    available: Amount = 0,
    pending: Amount = 0,
    reserved: Amount = 0,
    category: str = "",
    order_id: str = "",
    about: str | None = None,
    settlement_id: str = "",
) -> str:
    """Adds to the balances of a virtual account; a change of the available one goes into the ledger as `category`.
    Returns the id of that entry; empty if there is none."""
    key = f"{merchant_id}/{currency}"
    balance = BALANCES.find(tx, key)
    if balance is None:
        return ""
    balance.available = add(balance.available, available)
    balance.pending = add(balance.pending, pending)
    balance.reserved = add(balance.reserved, reserved)
    BALANCES.put(tx, key, balance)
    if not available:
        return ""
    entry = Movement(tx.now_ms, Decimal(available), balance.available, category, order_id, about, settlement_id)
    entry_id = str(next_number(tx, "ledger-entry"))
    tx.put(_write_table(balance.account), entry_id, entry)
    return entry_id


def list_movements(tx: Transaction, account_id: str) -> list[tuple[str, Movement]]:
    """The entries of the account's ledger with their ids, oldest first."""
    return [(entry_id, convert(document, Movement)) for entry_id, document in tx.scan(_write_table(account_id))]


def find_movement(tx: Transaction, account_id: str, entry_id: str) -> Movement | None:
    """The entry of the account's ledger with this id."""
    document = tx.get(_write_table(account_id), entry_id)
    return None if document is None else convert(document, Movement)


def available_at(tx: Transaction, balance: Balance, at_ms: int) -> Decimal:
    """What was available at an instant, its own movements included; 0 before the account was opened."""
    if at_ms >= tx.now_ms:
        return balance.available
    if at_ms < balance.opened_ms:
        return Decimal(0)
    past = [entry.after for _, entry in list_movements(tx, balance.account) if entry.at_ms <= at_ms]
    return past[-1] if past else balance.opening


def add(left: Amount, right: Amount) -> Decimal:
    """The exact sum."""
    return _EXACT.add(Decimal(left), Decimal(right))


def negative(amount: Amount) -> Decimal:
    """The amount with the other sign, exactly."""
    return _EXACT.subtract(Decimal(0), Decimal(amount))


def _write_table(account_id: str) -> str:
    return f"{MOVEMENTS}/{account_id}"

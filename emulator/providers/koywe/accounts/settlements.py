"""Settlements: what is available on a virtual account is paid to the merchant's own bank account.

Source: https://docs.koywe.com/en/reports/ledger-statement (seen 2026-11): that it happens by itself, and that the
ledger has it as SETTLEMENT. Assumed: when, for which accounts, and the text of the entry.
"""

from decimal import Decimal

from msgspec import Struct

from emulator.contract.transaction import Transaction
from emulator.providers.koywe.access import MERCHANTS
from emulator.providers.koywe.accounts.accounts import ACCOUNTS, BANK, Account
from emulator.providers.koywe.accounts.balances import SETTLEMENT, list_balances, move, negative
from emulator.providers.koywe.formats.identifiers import make_id

_LAST_DIGITS = 4


class Target(Struct, frozen=True):
    """A real bank account of a merchant, with its id."""

    account_id: str
    account: Account


def find_target(tx: Transaction, merchant_id: str, currency: str) -> Target | None:
    """The merchant's default bank account in this currency, or else the oldest."""
    found = [
        Target(account_id, account)
        for account_id, account in ACCOUNTS.scan_of(tx, merchant_id)
        if account.kind == BANK and account.currency == currency and not account.is_virtual and account.contact is None
    ]
    return next((each for each in found if each.account.is_default), found[0] if found else None)


def settle(tx: Transaction, merchant_id: str, currency: str, amount: Decimal, target: Target) -> tuple[str, str]:
    """Takes the amount from the virtual account; returns the ids of the settlement and of its ledger entry."""
    settlement_id = make_id(tx.chance, "settlement")
    entry_id = move(
        tx,
        merchant_id,
        currency,
        available=negative(amount),
        category=SETTLEMENT,
        about=f"Settlement to {(target.account.number or '')[-_LAST_DIGITS:]}",
        settlement_id=settlement_id,
    )
    return settlement_id, entry_id


def settle_everything(tx: Transaction) -> None:
    """Settles all that is available in currencies with a default bank account."""
    for merchant_id, _ in MERCHANTS.scan(tx):
        for currency, balance in list_balances(tx, merchant_id):
            target = find_target(tx, merchant_id, currency) if balance.available > 0 else None
            if target is not None and target.account.is_default:
                settle(tx, merchant_id, currency, balance.available, target)

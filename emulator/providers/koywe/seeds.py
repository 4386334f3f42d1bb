"""The first state of a sandbox: its merchant with accounts, balances and contacts, and its organization's policy.

Assumed: all of it, as `catalogue.json` says.
"""

from __future__ import annotations

from decimal import Decimal

from msgspec import to_builtins

from emulator.core.transaction import Transaction
from emulator.providers.koywe.access import names_of
from emulator.providers.koywe.accounts import keep_seed_account, open_virtual_account
from emulator.providers.koywe.balances import open_balance
from emulator.providers.koywe.catalogue import CATALOGUE
from emulator.providers.koywe.contact_book import keep_seed_contact
from emulator.providers.koywe.merchants import keep_merchant
from emulator.providers.koywe.policy import keep_policy


def seed(tx: Transaction, sandbox: str) -> None:
    """Put everything that the catalogue says into a new sandbox."""
    names = names_of(sandbox)
    merchant = names.merchant
    keep_merchant(tx, merchant.id, names.organization.id, merchant.name, merchant.country_symbol)
    for account in CATALOGUE.accounts:
        if account.is_virtual:
            open_virtual_account(tx, account.id, merchant.id, account.currency, account.country or "")
            open_balance(tx, merchant.id, account.currency, account.id, account.balance or Decimal(0))
        else:
            keep_seed_account(tx, merchant.id, account)
    for contact in CATALOGUE.contacts:
        keep_seed_contact(tx, merchant.id, contact)
    policy = CATALOGUE.policy
    rules = [to_builtins(rule, builtin_types=(Decimal,)) for rule in policy.rules]
    keep_policy(tx, names.organization.id, {"id": policy.id, "active": policy.active, "rules": rules})

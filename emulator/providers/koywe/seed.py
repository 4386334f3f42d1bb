"""What a sandbox starts with: a merchant with accounts, balances and contacts, and the organization's policy.

Assumed: all of it, as in `catalogue.json`.
"""

from decimal import Decimal

from msgspec.structs import astuple

from emulator.contract.transaction import Transaction
from emulator.providers.koywe.access import MERCHANTS, Merchant
from emulator.providers.koywe.accounts.accounts import keep_seed_account, open_virtual_account
from emulator.providers.koywe.accounts.balances import open_balance
from emulator.providers.koywe.accounts.virtual_numbers import issue_first
from emulator.providers.koywe.catalogue import CATALOGUE, read_names
from emulator.providers.koywe.collection import next_number
from emulator.providers.koywe.contacts.contacts import keep_seed_contact
from emulator.providers.koywe.policy.rules import POLICIES, Policy, Rule


def seed(tx: Transaction, sandbox: str) -> None:
    """Adds what the catalogue has to a new sandbox."""
    names = read_names(sandbox)
    merchant = names.merchant
    first = Merchant(
        names.organization.id, merchant.name, merchant.country_symbol, tx.now_ms, next_number(tx, MERCHANTS.id_kind)
    )
    MERCHANTS.put(tx, merchant.id, first)
    issue_first(tx, merchant.id)
    for account in CATALOGUE.accounts:
        if account.is_virtual:
            open_virtual_account(tx, account.id, merchant.id, account.currency, account.country or "")
            open_balance(tx, merchant.id, account.currency, account.id, account.balance or Decimal(0))
        else:
            keep_seed_account(tx, merchant.id, account)
    for contact in CATALOGUE.contacts:
        keep_seed_contact(tx, merchant.id, contact)
    policy = CATALOGUE.policy
    rules = [Rule(*astuple(rule)) for rule in policy.rules]
    POLICIES.put(tx, names.organization.id, Policy(policy.id, policy.active, rules))

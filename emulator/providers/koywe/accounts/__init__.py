"""Accounts and wallets, what virtual accounts hold, and the ledger."""

"""Withdrawals: what a merchant sends from its balance to an address."""

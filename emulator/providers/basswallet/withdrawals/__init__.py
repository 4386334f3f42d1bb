"""Withdrawals: what a merchant sends out of its balance to any address."""

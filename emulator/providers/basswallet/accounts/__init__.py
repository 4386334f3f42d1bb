"""Accounts: what each of them has of each token."""

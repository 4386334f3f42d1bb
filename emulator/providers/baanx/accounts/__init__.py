"""Accounts: users and what they have done, their tokens, how they log in, and their profile."""

"""Accounts: users and what they have done, their tokens, how they log in, and what they may read of themselves."""

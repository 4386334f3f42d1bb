"""Rates and amounts, quotes, and the deals that execute them."""

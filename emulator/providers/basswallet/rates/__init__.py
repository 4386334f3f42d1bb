"""Rates between currencies and tokens, and the calls about them."""

"""The rules for a new order, how one is made, and what its payer is given."""

"""The rules for a new order, how one is made, and how it is shown."""

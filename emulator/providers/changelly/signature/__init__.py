"""How requests and callbacks are signed: which texts, with which keys, and JSON as JavaScript writes it."""

"""How requests and callbacks are signed: which texts may be signed, by which keys, and JSON as JavaScript writes it."""

"""Faults: what can go wrong, on request, with an answer or a delivery. Each is a module and a line in the registry."""

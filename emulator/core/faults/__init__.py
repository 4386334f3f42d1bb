"""Faults: what may go wrong with an answer or a delivery, when it is asked for. One fault is one module and one line
of the registry."""

"""A server that behaves like the order APIs of payment providers."""

__version__ = "0.1.0"

"""A server that behaves like four payment providers' order APIs."""

__version__ = "0.1.0"

"""The endpoints to which events go, and the events."""

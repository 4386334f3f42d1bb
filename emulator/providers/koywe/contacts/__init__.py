"""The merchants' contacts."""

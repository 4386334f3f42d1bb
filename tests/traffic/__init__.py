"""Recorded traffic, honest and drifting."""

"""Measures the emulator against bare applications, so that its cost is a ratio rather than a number of one machine."""

"""The contacts of merchants."""

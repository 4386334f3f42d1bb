"""The thin HTTP shell round the core."""

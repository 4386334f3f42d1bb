"""A sandbox's own entries of the catalogue: what they look like, and how they are laid over the shipped ones.

Works on the catalogue as JSON. A refusal names the place, and never the given value.
"""

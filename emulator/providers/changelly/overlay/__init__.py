"""The catalogue that a sandbox has of its own: what its entries look like, and how they are laid over the shipped ones.

It works on the catalogue as JSON. A refusal names the place, and never the value that was given.
"""

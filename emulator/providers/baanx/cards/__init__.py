"""The card of a user: ordering one, freezing it, looking at its details."""

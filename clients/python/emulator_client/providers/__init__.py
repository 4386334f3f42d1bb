"""The client side of each provider."""

"""Webhooks of the card programme: endpoints, events, and what was sent."""

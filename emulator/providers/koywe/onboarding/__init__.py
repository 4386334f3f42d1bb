"""How companies become merchants: identity checks and registrations."""

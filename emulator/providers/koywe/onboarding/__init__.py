"""How merchants come to be: identity checks, registrations, and what forms about companies offer to choose from."""

"""The rules beyond the schemas: what the catalogue asks of fields, and what a provider asks of a trade."""

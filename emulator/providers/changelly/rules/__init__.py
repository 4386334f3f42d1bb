"""What a request must meet beyond its schema: fields by the catalogue, trades by the provider."""

"""What the catalogue tells clients: lists, and whether an address is good."""

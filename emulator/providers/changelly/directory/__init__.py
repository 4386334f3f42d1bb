"""What clients can ask of the catalogue: lists, and whether an address is valid."""

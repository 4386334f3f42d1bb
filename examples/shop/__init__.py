"""A small shop that sells credit, paid for through one of four providers."""

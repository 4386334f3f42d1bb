"""What the provider has for testing only: errors that are asked for, and test orders changed by hand."""

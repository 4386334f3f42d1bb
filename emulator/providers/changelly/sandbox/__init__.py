"""What the provider has for tests alone: errors that somebody asks for, and test orders that are changed by hand."""

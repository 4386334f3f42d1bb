"""What can be ordered, and on which terms."""

"""What an order must be, how one is made, and how it reads."""

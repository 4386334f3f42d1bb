"""What the hosted page shows, and its words. Assumed, but for the settings of the order that it follows."""

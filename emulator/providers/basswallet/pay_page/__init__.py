"""What the hosted page shows, and its words. Assumed, except that it follows the order's own members."""

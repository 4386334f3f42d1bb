"""What the pay page shows, and its words. Assumed."""

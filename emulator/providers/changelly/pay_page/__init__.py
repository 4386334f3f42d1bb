"""What the checkout page shows. Assumed."""

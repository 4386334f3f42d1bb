"""What the payment gateway's page shows. Assumed."""

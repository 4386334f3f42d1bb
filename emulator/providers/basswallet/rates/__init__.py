"""What money and tokens are worth in each other."""

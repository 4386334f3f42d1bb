"""What each account has of each token."""

"""What lets operations pass or holds them, and the approvals of those that are held."""

"""The store in Redis or Valkey, which several processes can share."""

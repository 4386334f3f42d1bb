"""The store that several processes share, in Redis or Valkey."""

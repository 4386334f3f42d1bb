"""What payments, withdrawals and deposits share: ids, keys, and the rules of parameters."""

"""What payments, withdrawals and deposits have in common: ids, names, and rules of parameters."""

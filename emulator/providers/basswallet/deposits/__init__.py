"""Deposit addresses: fixed addresses at which money comes in without a payment order."""

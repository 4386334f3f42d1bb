"""Deposit addresses: fixed addresses at which money comes in without an order that asks for it."""

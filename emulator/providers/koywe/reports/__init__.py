"""The three reports on a virtual account: its ledger, one entry of it, and its orders."""

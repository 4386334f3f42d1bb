"""The reports on a virtual account: its ledger, an entry of it, and its orders."""

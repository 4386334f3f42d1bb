"""Bank accounts and wallets, the balances of virtual accounts, and the ledger."""

"""A made-up blockchain: addresses, transaction hashes, block heights, and exact amounts of its tokens."""

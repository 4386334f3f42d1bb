"""What is made up of a blockchain: addresses, transaction hashes, block heights, and exact sums of its tokens."""

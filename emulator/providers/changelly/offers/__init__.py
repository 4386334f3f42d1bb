"""What providers offer for a trade: lists, prices, ids."""

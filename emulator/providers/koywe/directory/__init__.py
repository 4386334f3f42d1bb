"""Organizations, merchants, and what is the same for everybody: banks, countries, payment methods."""

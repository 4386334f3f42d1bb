"""Organizations and merchants, and what is the same for all: banks, countries, payment methods."""

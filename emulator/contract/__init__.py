"""The values by which a provider says what it is, and what it is given to work with. Points at nothing else of ours."""

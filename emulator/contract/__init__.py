"""The values by which a provider describes itself, and what it is given to work with. Imports no other part of ours."""

"""How many examples Hypothesis tries: all of them with `--all`, a part of them without."""

from hypothesis import settings

EXAMPLES = 25
"""So many of each test, unless it says otherwise."""
THOROUGH_EXAMPLES = 500
"""The same with `--all`."""


def tries(count: int) -> int:
    """A quarter of so many examples; all of them with `--all`."""
    return count if settings().max_examples >= THOROUGH_EXAMPLES else count // 4

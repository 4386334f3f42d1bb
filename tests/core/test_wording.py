"""How mistakes are put into words."""

import pytest

from emulator.core.wording import counted, word


@pytest.mark.parametrize(("count", "text"), [(0, "0 decimals"), (1, "1 decimal"), (2, "2 decimals")])
def test_a_noun_agrees_with_its_count(count: int, text: str) -> None:
    assert counted(count, "decimal") == text


def test_a_noun_may_have_its_own_plural() -> None:
    assert [counted(count, "sandbox", "es") for count in (1, 3)] == ["1 sandbox", "3 sandboxes"]


def test_lengths_are_counted_the_same_way() -> None:
    assert word("minLength", 8, "a") == ("1 character, at least 8", False)
    assert word("maxItems", 1, [1, 2]) == ("2 items, at most 1", False)

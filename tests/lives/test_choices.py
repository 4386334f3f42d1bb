"""Lives are drawn only from what can really happen."""

import pytest

from emulator import providers
from emulator.testing.lives import choices


@pytest.mark.parametrize("provider", providers.NAMES)
def test_an_error_that_means_nothing_was_done_is_drawn_only_before_the_call(provider: str) -> None:
    card = providers.load(provider)
    rules = choices.rules_on_calls(card, ["status"], choices.errors_on_create(card))["status"]
    drawn = {(rule["when"], card.errors[rule["error"]].status) for rule in rules}
    there = {case.status for case in card.errors.values()}
    assert {429, 500} & there <= {status for when, status in drawn if when == "after"} <= {429, 500, 503}
    assert {400, 401, 403, 422} & {status for when, status in drawn if when == "before"}

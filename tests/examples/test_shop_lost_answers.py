"""The shop of the examples places an order once, whatever becomes of the answer."""

from collections.abc import Mapping
from typing import Any

import pytest
from shop.orders import BACKOFF_S

from emulator.testing import BackgroundServer
from tests.examples.stage import TELLING, TIMEOUT_S, WORTH, Stage, stage

HASTY_S = 1.0
"""How long a shop without an answer waits."""


@pytest.mark.parametrize("when", ["before", "after"])
@pytest.mark.parametrize(
    "fault",
    [
        {"fault": "reset"},
        {"fault": "timeout"},
        {"fault": "truncate"},
        {"fault": "malformed"},
        {"fault": "status", "status": 500},
        {"fault": "rate-limit"},
        *({"fault": "gateway", "status": status} for status in (200, 403, 404, 429, 502, 503, 504)),
    ],
    ids=lambda fault: f"{fault['fault']} {fault.get('status', '')}".strip(),
)
def test_an_order_whose_answer_is_lost_is_placed_once(
    server: BackgroundServer, provider: str, fault: Mapping[str, Any], when: str
) -> None:
    timeout_s = HASTY_S if fault["fault"] == "timeout" else TIMEOUT_S
    with stage(server, provider, timeout_s=timeout_s) as at:
        at.inject(when=when, endpoint="create-order", times=1, **fault)
        bought = at.buy()
        assert at.state(bought) == "open"
        assert at.slept == [BACKOFF_S[0]]
        lost = provider not in TELLING and when == "after"
        assert len(at.emulator.orders()) == (2 if lost else 1)
        at.pay(bought.order_id)
        at.shop.poll()
        assert at.balance == WORTH[provider]


def test_an_order_whose_create_call_got_no_answer_is_found_later(at: Stage) -> None:
    at.lose_answers()
    if at.provider in TELLING:
        at.inject("drop")
    bought = at.buy()
    assert (bought.state, at.slept) == ("placing", list(BACKOFF_S))
    at.wait("59s")
    assert at.state(bought) == "placing"
    at.wait("1s")
    assert at.state(bought) == "open"
    assert len(at.emulator.orders()) == (1 if at.provider in TELLING else 2)


def test_an_order_that_was_never_placed_is_given_up(at: Stage) -> None:
    at.inject("gateway")
    bought = at.buy()
    for _ in range(20):
        at.wait("10m")
    asked = at.asked
    at.wait("10h")
    assert (at.state(bought), at.asked) == ("placing" if at.provider in TELLING else "closed", asked)
    at.emulator.clear_faults()
    at.shop.reconcile()
    assert (at.state(bought), at.emulator.orders()) == ("closed", [])


@pytest.mark.parametrize("provider", TELLING, indirect=True)
def test_a_webhook_may_arrive_before_the_answer_to_the_create_call(at: Stage) -> None:
    at.lose_answers()
    bought = at.buy()
    assert bought.state == "placing" or at.provider == "koywe"  # which sends a webhook about the new order at once
    at.pay(at.emulator.orders()[0]["id"])
    assert at.state(bought) == "paid"
    assert at.balance == WORTH[at.provider]

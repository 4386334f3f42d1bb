"""Rate limits."""

from hypothesis import given
from hypothesis import strategies as st

from emulator.core import json_text, rate_limits
from emulator.core.clock import Clock
from emulator.core.origin import Origin
from emulator.core.rate_limits import Rate
from emulator.core.sandbox import Sandbox
from tests.core import toy
from tests.core.toy import Bench, transaction


def test_a_window_begins_with_its_first_request_and_lasts_its_length() -> None:
    sandbox = Sandbox("default", "seed", Clock())
    taken = []
    for now_ms in (1000, 1500, 1999, 2000, 2500, 3000, 3001):
        tx = transaction(now_ms, sandbox)
        taken.append(rate_limits.take(tx, "key", Rate(2, 1000)))
        sandbox.apply(tx.changes())
    assert taken == [None, None, 1, None, None, None, None]


def test_keys_are_counted_separately() -> None:
    tx = transaction()
    assert [rate_limits.take(tx, key, Rate(1, 1000)) for key in ("a", "b", "a")] == [None, None, 1000]


@given(st.integers(1, 5), st.integers(1, 2000), st.lists(st.integers(0, 700), max_size=40))
def test_never_more_than_the_limit_in_one_window(count: int, window_ms: int, pauses: list[int]) -> None:
    sandbox, now_ms = Sandbox("default", "seed", Clock()), toy.START_MS
    windows: list[tuple[int, int]] = []
    for pause_ms in pauses:
        now_ms += pause_ms
        tx = transaction(now_ms, sandbox)
        wait_ms = rate_limits.take(tx, "key", Rate(count, window_ms))
        sandbox.apply(tx.changes())
        if not windows or now_ms >= windows[-1][0] + window_ms:
            windows.append((now_ms, 0))
        began_ms, used = windows[-1]
        assert (wait_ms is None) == (used < count)
        if wait_ms is None:
            windows[-1] = (began_ms, used + 1)
        else:
            assert now_ms + wait_ms == began_ms + window_ms


def test_refused_requests_count_and_requests_over_the_limit_do_not_move_the_window() -> None:
    bench = Bench(origin=Origin("seed", "manual", "1", toy.START_MS, {"toy": {"limit": "2/10"}}))
    assert bench.request("POST", "/orders", b"{")[0] == 400
    assert bench.request("GET", "/orders/unknown")[0] == 404
    bench.advance(9_999)
    assert bench.request("GET", "/orders")[0] == 429
    bench.advance(1)
    assert json_text.decode(bench.request("GET", "/orders")[1]) == []

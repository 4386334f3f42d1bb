"""Order ids: decimal numbers that carry the instant of creation.

Must never give two orders one id: the caller counts the orders of one millisecond.

Source: the ids in the samples of https://docs-en.basswallet.com/api-reference/endpoint/receive/create_payment
(seen 2026-11). Assumed: the formula, which all of them fit.
"""

SEQUENCES_PER_MS = 4096

_EPOCH_MS = 1_585_644_268_888
_INSTANT_STEP = 4_194_304
_WORKER = 33
_FIRST_OF_MS = _WORKER * SEQUENCES_PER_MS
_INSTANT_RANGE_MS = 2**41

SEQUENCE_LIMIT = _INSTANT_STEP - _FIRST_OF_MS
"""So many ids fit into one millisecond. Assumed: more than 4096, which only a clock that stands still can need, go on
into the place of the next worker."""


def make_order_id(created_ms: int, sequence: int) -> str:
    """Gives the id of an order created at `created_ms` (Unix ms), the `sequence`-th (from 0) of that millisecond.

    >>> make_order_id(1735119737043, 0)
    '626945553984524288'
    """
    if not 0 <= sequence < SEQUENCE_LIMIT:
        raise ValueError(f"sequence {sequence} is not in 0 to {SEQUENCE_LIMIT - 1}")
    since_epoch_ms = created_ms - _EPOCH_MS
    if since_epoch_ms < 0:
        # A test clock may stand before the epoch; ids are digits, so such instants count from the end of the range.
        since_epoch_ms += _INSTANT_RANGE_MS
    return str(since_epoch_ms * _INSTANT_STEP + _FIRST_OF_MS + sequence)

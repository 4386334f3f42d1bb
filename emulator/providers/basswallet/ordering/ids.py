"""The ids of orders; all kinds share one space.

Source: the samples of https://docs-en.basswallet.com/api-reference/endpoint/receive/create_payment, seen 2026-11.
Assumed: the formula, which all of them fit.
"""

from emulator.contract.transaction import Transaction

_ID_EPOCH_MS = 1_585_644_268_888
_ID_STEP = 4_194_304
_ID_FIRST_OF_MS = 33 * 4096
_ID_RANGE_MS = 2**41

SEQUENCE_LIMIT = _ID_STEP - _ID_FIRST_OF_MS
"""How many ids one millisecond has. Assumed: beyond 4096, which only a standing clock can need, they run on into the
next worker's."""


def make_free_id(tx: Transaction) -> str:
    """The id of the next order of this instant, also where a restored snapshot has orders that were not counted."""
    sequence = tx.count_orders("basswallet", instant_key(tx))
    order_id = make_order_id(tx.now_ms, sequence)
    while tx.order(order_id) is not None:
        sequence += 1
        order_id = make_order_id(tx.now_ms, sequence)
    return order_id


def instant_key(tx: Transaction) -> str:
    """The key by which the orders of this instant are counted."""
    return f"created:{tx.now_ms}"


def make_order_id(created_ms: int, sequence: int) -> str:
    """The id of an order created at `created_ms` (Unix ms), the `sequence`-th (from 0) of that millisecond.

    Ids differ because the caller counts the orders of one millisecond.

    >>> make_order_id(1735119737043, 0)
    '626945553984524288'
    """
    if not 0 <= sequence < SEQUENCE_LIMIT:
        raise ValueError(f"sequence {sequence} is not within 0 to {SEQUENCE_LIMIT - 1}")
    since_epoch_ms = created_ms - _ID_EPOCH_MS
    if since_epoch_ms < 0:
        # A test clock may stand before the epoch; ids have no sign, so such instants count from the end of the range.
        since_epoch_ms += _ID_RANGE_MS
    return str(since_epoch_ms * _ID_STEP + _ID_FIRST_OF_MS + sequence)

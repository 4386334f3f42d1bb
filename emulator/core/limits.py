"""Request limits: so many requests per fixed window, on the sandbox's clock."""

from emulator.contract.transaction import Transaction

TABLE = "request-windows"


def take(tx: Transaction, key: str, count: int, window_ms: int) -> int | None:
    """Counts one request against `key`; a window begins with its first request.

    Returns None if the request is within `count`, else the ms until the window ends. The count lasts even if the
    request is refused afterwards.
    """
    window = tx.get(TABLE, key)
    if window is None or tx.now_ms >= window["ends_ms"]:
        window = {"ends_ms": tx.now_ms + window_ms, "used": 0}
    if window["used"] >= count:
        return int(window["ends_ms"]) - tx.now_ms
    window["used"] += 1
    tx.put(TABLE, key, window, even_if_refused=True)
    return None

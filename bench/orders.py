"""Creates many Baanx orders in this process and says what they cost in memory. Run as a process of its own."""

import asyncio
import gc
import json
import os
import subprocess
import sys
from itertools import chain
from typing import Any

from emulator.contract.request import Request
from emulator.core import journal
from emulator.core.origin import DEFAULT
from emulator.core.sandbox import ORDERS
from emulator.web.application import Options
from emulator.web.library import load_library
from emulator.web.server import Server

_BODY = b'{"productId":"PRODUCT_ID_ABC","paymentMethod":"CRYPTO_EXTERNAL_DAIMO"}'
_HEADERS = {
    "x-client-id": "client-default",
    "authorization": "Bearer user-default",
    "content-type": "application/json",
}


def resident_bytes() -> int:
    """Resident memory of this process."""
    shown = subprocess.run(["ps", "-o", "rss=", "-p", str(os.getpid())], capture_output=True, check=True)
    return int(shown.stdout) * 1024


async def measure(orders: int) -> dict[str, Any]:
    """Creates the orders on a clock that stands still, after the journal is full, so that it does not count."""
    library, folders = load_library()
    engine = Server(Options(port=0, clock="manual"), library, folders).engine
    await engine.open()
    lines = "\n".join(chain.from_iterable(_HEADERS.items())).encode()

    async def create(number: int) -> None:
        for _ in range(number):
            request = Request(
                "POST",
                "/v1/order",
                "/v1/order",
                "",
                _HEADERS,
                bytes(bytearray(_BODY)),
                header_lines=bytes(bytearray(lines)),
            )
            reply = await engine.answer(library.providers["baanx"], request)
            if reply.status != 200:
                raise RuntimeError(f"create answers {reply.status}: {reply.body.decode()}")

    await create(2 * journal.MAX_ENTRIES)
    gc.collect()
    held = len(engine.sandboxes[DEFAULT].tables[ORDERS])
    before = resident_bytes()
    await create(orders)
    gc.collect()
    after = resident_bytes()
    kept = engine.records.journals[DEFAULT]
    return {
        "orders": len(engine.sandboxes[DEFAULT].tables[ORDERS]) - held,
        "order_bytes": (after - before) / orders,
        "resident_mib": after / 2**20,
        "journal_entries": len(kept),
        "journal_bytes": sum(entry.size_bytes for entry in kept.entries()),
        "evicted": kept.evicted.total(),
        "max_entries": journal.MAX_ENTRIES,
        "max_bytes": journal.MAX_BYTES,
    }


if __name__ == "__main__":
    print(json.dumps(asyncio.run(measure(int(sys.argv[1])))))

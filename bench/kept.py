"""Fills a SQLite store with many orders, or with many sandboxes. Run as a process of its own: FILE ORDERS SANDBOXES."""

import asyncio
import json
import sys
from itertools import chain
from pathlib import Path

from emulator.contract.request import Request
from emulator.core.origin import DEFAULT, Origin
from emulator.core.sandbox import ORDERS, Changes
from emulator.engine.engine import Engine
from emulator.stores.sqlite import SqliteStore
from emulator.web.library import load_library

_BODY = b'{"productId":"PRODUCT_ID_ABC","paymentMethod":"CRYPTO_EXTERNAL_DAIMO"}'
_HEADERS = {"x-client-id": "client-default", "authorization": "Bearer user-default", "content-type": "application/json"}
_AT_ONCE = 1000


async def fill(path: Path, orders: int, sandboxes: int) -> None:
    """Makes one order of Baanx, and as many more like it in the default sandbox; and so many sandboxes besides."""
    library, _ = load_library()
    store = SqliteStore(path)
    engine = Engine(library, store, Origin(DEFAULT, "manual", "1", None))
    await engine.open()
    lines = "\n".join(chain.from_iterable(_HEADERS.items())).encode()
    request = Request("POST", "/v1/order", "/v1/order", "", _HEADERS, _BODY, header_lines=lines)
    await engine.answer(library.providers["baanx"], request)
    sandbox = engine.sandboxes[DEFAULT]
    [(first, document)] = sandbox.tables[ORDERS].items()
    revision = sandbox.revision
    for begin in range(1, orders, _AT_ONCE):
        names = [f"{number:08x}{first[8:]}" for number in range(begin, min(orders, begin + _AT_ONCE))]
        copies: dict[tuple[str, str], bytes | None] = {
            (ORDERS, name): document.replace(first.encode(), name.encode()) for name in names
        }
        await store.append(DEFAULT, revision, [Changes(sandbox.sequence, copies)])
        revision += 1
    for number in range(sandboxes):
        name = f"sandbox-{number}"
        await store.begin(engine.sandboxes.build(name, engine.sandboxes.usual_origin(name)).snapshot(), new=True)
    await store.close()


if __name__ == "__main__":
    asyncio.run(fill(Path(sys.argv[1]), int(sys.argv[2]), int(sys.argv[3])))
    print(json.dumps({}))

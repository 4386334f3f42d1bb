"""What a user's test does, from its sandbox to the end of it, over HTTP or in process. Run as a process of its own.

`python -m bench.whole_test COUNT [URL]`: with the URL of a control API over HTTP, without it by the emulator's own
transport to an application in this process. The first tests, which load what is loaded when used, do not count.

By `httpx.ASGITransport` it takes an eighth longer: for each request that one tries anew to import a package that is not
there.
"""

import asyncio
import json
import sys
import time
from typing import Any

import httpx

_WARM_UP = 10
_CONTROL = "http://localhost/_emulator"
_ORDER = {"productId": "PRODUCT_ID_ABC", "paymentMethod": "CRYPTO_EXTERNAL_DAIMO"}


async def whole_test(client: httpx.AsyncClient, control: str, name: str) -> None:
    """A new sandbox; an order is created, paid as time goes on, and read; the sandbox is removed."""

    async def ask(method: str, url: str, body: Any = None, headers: dict[str, str] | None = None) -> Any:
        answer = await client.request(method, url, json=body, headers=headers)
        answer.raise_for_status()
        return answer.json() if answer.content else None

    sandbox = await ask("POST", f"{control}/sandboxes", {"name": name, "clock": {"mode": "manual"}})
    access, url = sandbox["credentials"]["baanx"], sandbox["urls"]["baanx"]
    headers = {"X-Client-ID": access["client_id"], "Authorization": f"Bearer {access['token']}"}
    created = await ask("POST", f"{url}/v1/order", _ORDER, headers)
    await ask("POST", f"{control}/sandboxes/{name}/clock/advance", {"by": "10s"})
    order = await ask("GET", f"{url}/v1/order/{created['orderId']}", headers=headers)
    if order["status"] != "COMPLETED":
        raise RuntimeError(f"the order is {order['status']}")
    await ask("DELETE", f"{control}/sandboxes/{name}")


async def measure(count: int, control: str | None) -> list[float]:
    """How many ms each of so many tests takes, one after the other, with one client."""
    transport: httpx.AsyncBaseTransport | None = None
    if control is None:
        from emulator.asgi import create_app
        from emulator.testing.in_process import InProcess
        from emulator.testing.transport import Transport

        transport = Transport(InProcess(create_app(), asyncio.get_running_loop()))
    durations_ms = []
    async with httpx.AsyncClient(transport=transport, timeout=60, trust_env=False) as client:
        for number in range(_WARM_UP + count):
            began = time.perf_counter()
            await whole_test(client, control or _CONTROL, f"test-{number}")
            durations_ms.append(1000 * (time.perf_counter() - began))
    return durations_ms[_WARM_UP:]


if __name__ == "__main__":
    print(json.dumps(asyncio.run(measure(int(sys.argv[1]), sys.argv[2] if len(sys.argv) > 2 else None))))

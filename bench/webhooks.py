"""Webhook throughput: BassWallet deliveries to a local receiver, against the same POSTs made by bare httpx.

Run as a process of its own: reads `{"url", "bodies", "concurrency"}` and prints how long bare httpx takes.
"""

import asyncio
import hmac
import http.client
import json
import sys
import time
from typing import Any

from bench.processes import Running, control
from emulator.engine.real_time import now_ms

CONCURRENCY = 100
"""As many connections as the emulator opens at most."""
IDLE_CONNECTIONS = 5
"""With more, bare httpx is much slower."""


def prepare_orders(emulator: Running, count: int, url: str) -> None:
    """Creates a sandbox with orders that expire, all at one instant, and tell `url` of it."""
    sandbox = control(emulator, "POST", "sandboxes", {"name": "webhooks", "clock": {"mode": "manual"}})
    access = sandbox["credentials"]["basswallet"]
    port = int(sandbox["urls"]["basswallet"].rpartition(":")[2])
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=60)
    for _ in range(count):
        body = f"tokenName=USDT&chainName=Tron&amount=25&webhookUrl={url}&timestamp={now_ms()}"
        headers = {
            "API-Access-Key": access["access_key"],
            "Signature": hmac.new(access["secret_key"].encode(), body.encode(), "sha256").hexdigest(),
            "Content-Type": "application/x-www-form-urlencoded",
            "X-Emulator-Scenario": "manual",
        }
        connection.request("POST", "/v1/account/payment", body, headers)
        answer = connection.getresponse()
        content = answer.read()
        if answer.status != 200:
            raise RuntimeError(content.decode())
    connection.close()


def deliver(emulator: Running) -> tuple[float, list[str]]:
    """Lets all orders expire: seconds until every receiver has answered, and the bodies that were sent."""
    began = time.perf_counter()
    happened = control(emulator, "POST", "sandboxes/webhooks/clock/advance", {"by": "1h"})["happened"]
    took_s = time.perf_counter() - began
    delivered = sum(item["kind"] == "delivery" and item["outcome"] == "delivered" for item in happened)
    webhooks = control(emulator, "GET", "sandboxes/webhooks/webhooks")["webhooks"]
    if delivered != len(webhooks):
        raise RuntimeError(f"{delivered} of {len(webhooks)} webhooks were delivered")
    return took_s, [webhook["attempts"][0]["body"] for webhook in webhooks]


async def post_all(url: str, bodies: list[str], concurrency: int) -> float:
    """Seconds that bare httpx takes to post all bodies."""
    import httpx

    limits = httpx.Limits(max_connections=concurrency, max_keepalive_connections=IDLE_CONNECTIONS)
    async with httpx.AsyncClient(limits=limits, timeout=60, trust_env=False) as client:
        headers = {"Content-Type": "application/x-www-form-urlencoded"}
        # The library's own queue for connections becomes slow when it is long, which would flatter the emulator.
        free = asyncio.Semaphore(concurrency)

        async def post(body: str) -> None:
            async with free:
                await client.post(url, content=body, headers=headers)

        began = time.perf_counter()
        await asyncio.gather(*(post(body) for body in bodies))
        return time.perf_counter() - began


def main() -> None:
    """Measures bare httpx."""
    job: dict[str, Any] = json.load(sys.stdin)
    import uvloop

    took_s = uvloop.run(post_all(job["url"], job["bodies"], job["concurrency"]))
    json.dump({"took_s": took_s}, sys.stdout)


if __name__ == "__main__":
    main()

"""The shop over HTTP.

SHOP_CONFIG=ready.json SHOP_DATABASE=shop.db uvicorn --app-dir examples --factory shop.app:from_environment
"""

import json
import logging
import os
import time
from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import asynccontextmanager
from decimal import Decimal
from pathlib import Path
from typing import Annotated, Any

import anyio
import httpx
from fastapi import Depends, FastAPI, HTTPException, Request, Response
from fastapi.concurrency import run_in_threadpool
from pydantic import BaseModel, Field

from shop.orders import Shop
from shop.providers import make_gateways
from shop.providers.gateway import Forged, Unclear
from shop.store import Purchase, Store

POLL_EVERY_S = 1.0
RECONCILE_EVERY_S = 24 * 60 * 60.0


class Wish(BaseModel):
    """What a customer wants. The amount is a text: JSON's numbers are floats to too many programs."""

    customer: Annotated[str, Field(min_length=1, max_length=100)]
    provider: str
    amount: Annotated[str, Field(pattern=r"^[0-9]{1,18}(\.[0-9]{1,18})?$")] | None = None


def create_app(shop: Shop, *, in_background: bool = False, at_end: Sequence[Callable[[], None]] = ()) -> FastAPI:
    """The shop as an ASGI application. `in_background`: it also polls, and makes its nightly round. `at_end`: what is
    called when it stops."""

    @asynccontextmanager
    async def lifespan(app: FastAPI) -> AsyncIterator[None]:
        async with anyio.create_task_group() as tasks:
            if in_background:
                tasks.start_soon(_again_and_again, shop.poll, POLL_EVERY_S)
                tasks.start_soon(_again_and_again, shop.reconcile, RECONCILE_EVERY_S)
            yield
            tasks.cancel_scope.cancel()
        for close in at_end:
            close()

    app = FastAPI(title="Shop", lifespan=lifespan)

    @app.post("/purchases", status_code=201)
    def buy(wish: Wish) -> dict[str, Any]:
        if wish.provider not in shop.gateways:
            raise HTTPException(422, f"provider: one of {', '.join(shop.gateways)}")
        return _show(shop.buy(wish.customer, wish.provider, None if wish.amount is None else Decimal(wish.amount)))

    @app.get("/purchases/{purchase_id}")
    def show(purchase_id: str) -> dict[str, Any]:
        purchase = shop.store.purchase(purchase_id)
        if purchase is None:
            raise HTTPException(404, "there is no such purchase")
        return _show(purchase)

    @app.get("/customers/{customer}/balance")
    def balance(customer: str) -> dict[str, str]:
        return {currency: f"{amount:f}" for currency, amount in shop.store.balance(customer).items()}

    @app.post("/webhooks/{provider}")
    def receive(provider: str, request: Request, body: Annotated[bytes, Depends(_raw)]) -> Response:
        if provider not in shop.gateways:
            raise HTTPException(404, "there is no such provider")
        try:
            shop.receive(provider, request.headers, body)
        except Forged as error:
            raise HTTPException(401, "the signature is wrong") from error
        except Unclear as error:
            raise HTTPException(503, "the provider could not be asked: send it again") from error
        return Response()

    return app


def from_environment() -> FastAPI:
    """The shop as it runs. `SHOP_CONFIG` names a JSON file with `urls` and `credentials` by provider, as the emulator
    writes with `--ready-file`, and perhaps `test_accounts`, a list of providers; `SHOP_WEBHOOK_SECRET` is Koywe's."""
    config = json.loads(Path(os.environ["SHOP_CONFIG"]).read_text("utf-8"))
    secret = os.environ.get("SHOP_WEBHOOK_SECRET", "whsec_koywe_test")
    http, store = httpx.Client(timeout=10), Store(os.environ.get("SHOP_DATABASE", "shop.db"))
    gateways = make_gateways(http, config["urls"], config["credentials"], _now_ms, secret)
    shop = Shop(store, gateways, _now_ms, test_accounts=frozenset(config.get("test_accounts", ())))
    return create_app(shop, in_background=True, at_end=(http.close, store.close))


async def _raw(request: Request) -> bytes:
    """The body as it came, before anything has parsed it."""
    return await request.body()


async def _again_and_again(task: Callable[[], None], every_s: float) -> None:
    while True:
        try:
            await run_in_threadpool(task)
        except Exception:
            logging.exception("%s failed and is tried again in %s s", task.__qualname__, every_s)
        await anyio.sleep(every_s)


def _now_ms() -> int:
    return time.time_ns() // 1_000_000


def _show(purchase: Purchase) -> dict[str, Any]:
    value = purchase.value
    return {
        "id": purchase.id,
        "state": purchase.state,
        "provider": purchase.provider,
        "order": purchase.order_id,
        "status": purchase.status,
        "value": None if value is None else {"amount": f"{value.amount:f}", "currency": value.currency},
        "pay_at": purchase.pay_at,
        "refusal": purchase.refusal,
    }

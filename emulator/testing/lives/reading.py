"""How the providers' own clients read an order, where no other client is under test."""

from collections.abc import AsyncIterator, Awaitable, Callable, Iterator, Mapping
from contextlib import asynccontextmanager, contextmanager
from typing import TYPE_CHECKING, Any, cast

from emulator.testing.access import ProviderAccess
from emulator.testing.types.names import Provider

if TYPE_CHECKING:
    from emulator.testing.sandbox import Sandbox

_PATIENCE_S = 0.2
"""Real time after which the client gives up, as where a fault lets it wait for ever."""
_PATHS: Mapping[str, Callable[[ProviderAccess, str], str]] = {
    "baanx": lambda access, order_id: f"/v1/order/{order_id}",
    "basswallet": lambda access, order_id: f"/v1/account/order/query?id={order_id}",
    "changelly": lambda access, order_id: f"/v1/orders?orderId={order_id}",
    "koywe": lambda access, order_id: (
        f"/api/v1/organizations/{access.credentials['organization_id']}"
        f"/merchants/{access.credentials['merchant_id']}/orders/{order_id}"
    ),
}


@contextmanager
def reader(emulator: "Sandbox", provider: str) -> Iterator[Callable[[str], Any]]:
    """A function that reads an order: the answer, or why there was none."""
    import httpx

    path, access = _PATHS[provider], emulator[provider]
    with emulator.client(cast(Provider, provider), timeout=_PATIENCE_S) as client:

        def read(order_id: str) -> Any:
            try:
                return client.get(path(access, order_id))
            except httpx.TransportError as failure:
                return failure

        yield read


@asynccontextmanager
async def async_reader(emulator: "Sandbox", provider: str) -> AsyncIterator[Callable[[str], Awaitable[Any]]]:
    """As `reader`, to be awaited."""
    import httpx

    path, access = _PATHS[provider], emulator[provider]
    async with emulator.async_client(cast(Provider, provider), timeout=_PATIENCE_S) as client:

        async def read(order_id: str) -> Any:
            try:
                return await client.get(path(access, order_id))
            except httpx.TransportError as failure:
                return failure

        yield read

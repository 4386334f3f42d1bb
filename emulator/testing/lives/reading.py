"""How the providers' own clients read an order, if no other client is under test."""

from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from contextlib import asynccontextmanager, contextmanager
from typing import TYPE_CHECKING, Any, cast

from emulator.testing.clients import order_path
from emulator.testing.types.names import Provider

if TYPE_CHECKING:
    from emulator.testing.sandbox import Sandbox

_PATIENCE_S = 0.2
"""Real time after which the client gives up, for example when a fault lets it wait for ever."""


@contextmanager
def reader(emulator: "Sandbox", provider: str) -> Iterator[Callable[[str], Any]]:
    """A function that reads an order: the answer, or why there was none."""
    import httpx

    access = emulator[provider]
    with emulator.client(cast(Provider, provider), timeout=_PATIENCE_S) as client:

        def read(order_id: str) -> Any:
            try:
                return client.get(order_path(provider, access, order_id))
            except httpx.TransportError as failure:
                return failure

        yield read


@asynccontextmanager
async def async_reader(emulator: "Sandbox", provider: str) -> AsyncIterator[Callable[[str], Awaitable[Any]]]:
    """As `reader`, to be awaited."""
    import httpx

    access = emulator[provider]
    async with emulator.async_client(cast(Provider, provider), timeout=_PATIENCE_S) as client:

        async def read(order_id: str) -> Any:
            try:
                return await client.get(order_path(provider, access, order_id))
            except httpx.TransportError as failure:
                return failure

        yield read

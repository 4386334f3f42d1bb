"""What an answer needs from the connection that it goes over."""

import asyncio
from collections.abc import Coroutine
from typing import Any, Protocol

from uvicorn.protocols.http.flow_control import FlowControl


class Connection(Protocol):
    """A connection to a client, as seen by whatever answers one of its requests."""

    loop: asyncio.AbstractEventLoop
    transport: asyncio.Transport
    flow: FlowControl
    lost: asyncio.Event
    """Set when the connection is gone."""

    def spawn(self, coroutine: Coroutine[Any, Any, None]) -> None:
        """Runs something that has to be waited for."""

    def hang_up(self) -> None:
        """Closes the connection when everything has been sent."""

    def on_response_complete(self) -> None:
        """Lets the connection go on with the next request."""

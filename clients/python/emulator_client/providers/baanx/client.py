# Made by scripts/generate_docs.py from emulator/providers/baanx/client.py: edit that, and run it again.
"""How a client of Baanx says who it is, and where it reads an order.

Written from what the pages say, and shares no code with what checks it, so that neither hides a mistake.
"""

from __future__ import annotations

from collections.abc import Callable, Generator

import httpx

from emulator_client.client_side import ProviderAccess

Flow = Generator[httpx.Request, httpx.Response, None]


def order_path(access: ProviderAccess, order_id: str) -> str:
    """Where an order is read."""
    return f"/v1/order/{order_id}"


class Auth(httpx.Auth):
    """The client key and the bearer token of the user."""

    def __init__(self, access: ProviderAccess, now_ms: Callable[[], int]) -> None:
        self._headers = {
            "X-Client-ID": str(access.credentials["client_id"]),
            "Authorization": f"Bearer {access.credentials['token']}",
        }

    def auth_flow(self, request: httpx.Request) -> Flow:
        """Adds them."""
        for name, value in self._headers.items():
            request.headers.setdefault(name, value)
        yield request

"""What all clients of the tests have in common: a connection of their own."""

from typing import Self

import httpx


class Connected:
    """A client with a connection to a provider, which ends with the `with` block."""

    def __init__(self, url: str) -> None:
        """`url`: the provider's base URL."""
        self.url = url
        self._http = httpx.Client(base_url=url, timeout=30, verify=False)

    def close(self) -> None:
        """Closes the connection."""
        self._http.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

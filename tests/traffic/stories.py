"""What a client does with each provider: a few calls of every kind."""

from importlib import import_module
from typing import Any

import httpx

from tests.traffic.stand_in import Recorder, StandIn


def tell(stand_in: StandIn, provider: str, by_way_of: str = "") -> dict[str, Any]:
    """HAR of the story of a provider. `by_way_of`: base URL of a proxy by which the client goes, after it has signed
    what it asks of the provider."""
    base_url = f"{stand_in.url}/{provider}"

    def detour(request: httpx.Request) -> None:
        request.url = httpx.URL(str(request.url).replace(base_url, by_way_of or base_url))
        request.headers["Host"] = request.url.netloc.decode()

    with stand_in.client(provider) as client:
        recorder = Recorder(provider, by_way_of or base_url)
        client.event_hooks = {"request": [detour], "response": [recorder]}
        import_module(f"tests.clients.{provider}").tell(client)
    return recorder.har()

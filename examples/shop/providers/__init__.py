"""The providers by name, each made from what a configuration says of it."""

from collections.abc import Callable, Mapping
from typing import Any

import httpx

from shop.providers.baanx import Baanx
from shop.providers.basswallet import BassWallet
from shop.providers.changelly import Changelly
from shop.providers.gateway import Gateway
from shop.providers.koywe import Koywe


def make_gateways(
    http: httpx.Client, urls: Mapping[str, str], keys: Mapping[str, Any], now_ms: Callable[[], int], webhook_secret: str
) -> dict[str, Gateway]:
    """A gateway for each provider that has a URL. `keys`: by provider; `webhook_secret`: what Koywe was given."""
    makers: dict[str, Callable[[str, Mapping[str, Any]], Gateway]] = {
        "baanx": lambda url, own: Baanx(http, url, own),
        "basswallet": lambda url, own: BassWallet(http, url, own, now_ms),
        "changelly": lambda url, own: Changelly(http, url, own),
        "koywe": lambda url, own: Koywe(http, url, own, webhook_secret),
    }
    return {provider: make(urls[provider], keys[provider]) for provider, make in makers.items() if provider in urls}

"""How the providers' own clients ask: each provider says it itself, in its `client.py`."""

from importlib import import_module
from typing import TYPE_CHECKING, Any

from emulator.contract.client_side import ProviderAccess
from emulator.engine import real_time

if TYPE_CHECKING:
    import httpx


def auth_for(provider: str, access: ProviderAccess) -> "httpx.Auth":
    """What makes an httpx client one of a provider: it adds the credentials, signs, and signs in. Headers that a
    request already has are left as they are."""
    auth: httpx.Auth = _client_of(provider).Auth(access, real_time.now_ms)
    return auth


def order_path(provider: str, access: ProviderAccess, order_id: str) -> str:
    """Where a provider shows an order."""
    path: str = _client_of(provider).order_path(access, order_id)
    return path


def _client_of(provider: str) -> Any:
    return import_module(f"emulator.providers.{provider}.client")

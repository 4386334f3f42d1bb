"""How a client of Changelly Fiat signs, and where it reads an order.

Written from what the pages say, and shares no code with what checks it, so that neither hides a mistake.
"""

from base64 import b64encode
from collections.abc import Callable, Generator
from functools import lru_cache

import httpx

from emulator.contract.client_side import ProviderAccess

Flow = Generator[httpx.Request, httpx.Response, None]


def order_path(access: ProviderAccess, order_id: str) -> str:
    """Where an order is read."""
    return f"/v1/orders?orderId={order_id}"


class Auth(httpx.Auth):
    """Signs the whole URL followed by the body as it is sent, `{}` where there is none: base64 of RSA-SHA256.

    Source: https://fiat-api.changelly.com/docs/Integration-guide/Authentication, seen 2026-11.
    """

    requires_request_body = True

    def __init__(self, access: ProviderAccess, now_ms: Callable[[], int]) -> None:
        self._key = str(access.credentials["api_key"])
        self._private_key = access.credentials["private_key"]

    def auth_flow(self, request: httpx.Request) -> Flow:
        """Adds the key and the signature."""
        if "x-api-signature" not in request.headers:
            if self._private_key is None:
                raise ValueError("the sandbox does not know the private key for the setting public_key: sign here")
            text = str(request.url).encode() + (request.content or b"{}")
            request.headers["X-Api-Signature"] = b64encode(_rsa(self._private_key)(text)).decode()
        request.headers.setdefault("X-Api-Key", self._key)
        yield request


@lru_cache(maxsize=16)
def _rsa(private_key: str) -> Callable[[bytes], bytes]:
    """What signs with a private key, PEM; to read one takes longer than to sign."""
    from cryptography.hazmat.primitives.asymmetric.padding import PKCS1v15
    from cryptography.hazmat.primitives.asymmetric.rsa import RSAPrivateKey
    from cryptography.hazmat.primitives.hashes import SHA256
    from cryptography.hazmat.primitives.serialization import load_pem_private_key

    key = load_pem_private_key(private_key.encode(), None)
    if not isinstance(key, RSAPrivateKey):
        raise TypeError("the private key must be an RSA key")
    return lambda text: key.sign(text, PKCS1v15(), SHA256())

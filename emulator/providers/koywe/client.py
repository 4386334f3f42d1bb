"""How a client of Koywe signs in, and where it reads an order.

Written from what the pages say, and shares no code with what checks it, so that neither hides a mistake.
"""

from collections.abc import Callable, Generator

import httpx

from emulator.contract.client_side import ProviderAccess

Flow = Generator[httpx.Request, httpx.Response, None]

_SIGN_IN = "/api/v1/auth/sign-in"
_UNAUTHORIZED = 401


def order_path(access: ProviderAccess, order_id: str) -> str:
    """Where an order is read."""
    organization, merchant = access.credentials["organization_id"], access.credentials["merchant_id"]
    return f"/api/v1/organizations/{organization}/merchants/{merchant}/orders/{order_id}"


class Auth(httpx.Auth):
    """Signs in before the first request, and again when the token is no longer valid.

    Source: https://docs.koywe.com/accepting-payments/integration-guide, seen 2026-11.
    """

    requires_response_body = True

    def __init__(self, access: ProviderAccess, now_ms: Callable[[], int]) -> None:
        self._url = f"{access.url}{_SIGN_IN}"
        self._credentials = {"apiKey": access.credentials["api_key"], "secret": access.credentials["secret"]}
        self._token = ""

    def auth_flow(self, request: httpx.Request) -> Flow:
        """Adds the token."""
        if "authorization" in request.headers or request.url.path.endswith(_SIGN_IN):
            yield request
            return
        kept = self._token
        if not kept:
            yield from self._sign_in(request)
        request.headers["Authorization"] = f"Bearer {self._token}"
        answer = yield request
        if kept and answer.status_code == _UNAUTHORIZED:
            yield from self._sign_in(request)
            request.headers["Authorization"] = f"Bearer {self._token}"
            yield request

    def _sign_in(self, request: httpx.Request) -> Flow:
        answer = yield httpx.Request("POST", self._url, json=self._credentials, extensions=request.extensions)
        self._token = _read_token(answer)


def _read_token(answer: httpx.Response) -> str:
    """The token that a sign-in gives; empty where it gives none, as where the answer is not the provider's."""
    try:
        body = answer.json() if answer.is_success else None
    except ValueError:
        return ""
    return str(body.get("token", "")) if isinstance(body, dict) else ""

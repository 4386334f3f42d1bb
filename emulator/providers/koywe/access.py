"""Who is asking and whether they may: sign-in, bearer tokens, permissions, and what the path's ids allow to see.

Sources: https://docs.koywe.com/english/payments/payments-api-reference/payments-api/auth/create-token and
https://docs.koywe.com/accepting-payments/integration-guide (seen 2026-11). Assumed: permissions, and that a path with
another organization shows nothing and takes nothing in both environments (documented for the provider's sandbox).
"""

from __future__ import annotations

import hmac
from collections.abc import Callable
from functools import lru_cache
from typing import Any, Final

from msgspec import Struct

from emulator.core import wire
from emulator.core.call import Call
from emulator.core.provider import Reply, Request
from emulator.providers.koywe import errors
from emulator.providers.koywe.bodies import give, read_body
from emulator.providers.koywe.catalogue import (
    Credential,
    SandboxNames,
    find_sandbox_of_api_key,
    name_sandbox,
)
from emulator.providers.koywe.refusals import refuse, require_extension_paths
from emulator.providers.koywe.tokens import (
    Claims,
    TokenExpired,
    TokenUnknown,
    find_bearer,
    issue_token,
    read_claims,
    read_token,
)

MERCHANTS: Final = "koywe.merchants"
PAY_PATH: Final = "/pay/"
SIGN_IN_PATH: Final = "/api/v1/auth/sign-in"
NOBODY: Final = ""
"""The merchant whose objects a request with the wrong organization sees: none."""

_WRITING: Final = frozenset({"POST", "PUT", "DELETE"})


class Caller(Struct, frozen=True):
    """Whose token the request bears, and the merchant that its path is about (`NOBODY`: it sees nothing)."""

    credential: Credential
    organization_id: str
    merchant_id: str = NOBODY


@lru_cache(maxsize=256)
def names_of(sandbox: str) -> SandboxNames:
    """Give ids, names and credentials of a sandbox."""
    return name_sandbox(sandbox)


def credentials(sandbox: str) -> dict[str, Any]:
    """Give what a client of the sandbox needs."""
    names = names_of(sandbox)
    return {
        "api_key": names.credentials[0].api_key,
        "secret": names.credentials[0].secret,
        "organization_id": names.organization.id,
        "merchant_id": names.merchant.id,
    }


def find_sandbox(request: Request, holder: Callable[[str], str | None]) -> str | None:
    """Give the sandbox that the token, the api key of a sign-in, or the order of a pay page belongs to."""
    path = request.path
    if path.startswith(PAY_PATH):
        return holder(f"koywe/{pay_key(path.removeprefix(PAY_PATH))}")
    if path == SIGN_IN_PATH:
        return _sandbox_of_sign_in(request.body)
    token = find_bearer(request.headers.get("authorization"))
    claims = read_claims(token) if token else None
    return _sandbox_of_key(claims.sub) if isinstance(claims, Claims) else None


def pay_key(order_id: str) -> str:
    """Give the index key by which the pay page finds an order."""
    return f"pay:{order_id}"


def _sandbox_of_sign_in(body: bytes) -> str | None:
    try:
        sent = wire.decode(body)
    except wire.MalformedJson:
        return None
    api_key = sent.get("apiKey") if isinstance(sent, dict) else None
    return _sandbox_of_key(api_key) if isinstance(api_key, str) else None


def _sandbox_of_key(api_key: str) -> str | None:
    found = find_sandbox_of_api_key(api_key)
    return found[0] if found else None


@lru_cache(maxsize=256)
def _find_credential(sandbox: str, api_key: str) -> Credential | None:
    return next((each for each in names_of(sandbox).credentials if each.api_key == api_key), None)


# -- calls


def sign_in(call: Call) -> Reply:
    """`POST /api/v1/auth/sign-in`: a token. Refuses with `INVALID_CREDENTIALS`."""
    body = read_body(call)
    credential = _find_credential(call.tx.sandbox_name, body["apiKey"])
    if credential is None:
        known = ", ".join(each.api_key for each in names_of(call.tx.sandbox_name).credentials)
        raise refuse(errors.INVALID_CREDENTIALS, f"no api key {body['apiKey']!r}; there are {known}")
    if not hmac.compare_digest(body["secret"].encode(), credential.secret.encode()):
        raise refuse(errors.INVALID_CREDENTIALS, f"the secret is not that of {credential.api_key}")
    organization = names_of(call.tx.sandbox_name).organization
    token = issue_token(credential.api_key, organization.id, call.tx.now_ms, call.settings["token_ttl_s"])
    return give(call, {"token": token}, call.settings["sign_in_status"])


def get_me(call: Call) -> Reply:
    """`GET /api/v1/auth/me`: whose token it is."""
    caller: Caller = call.caller
    return give(
        call,
        {
            "apiKey": caller.credential.api_key,
            "organizationId": caller.organization_id,
            "permission": caller.credential.permission,
        },
    )


# -- checks


def require_token(call: Call) -> None:
    """Refuse with `AUTH90001`, `AUTH90002` or `TOKEN_EXPIRED` unless the token is valid now; finds the caller."""
    token = find_bearer(call.header("authorization"))
    if token is None:
        raise refuse(errors.UNAUTHORIZED, "send the token of a sign-in in the header Authorization, after Bearer")
    reading = read_token(token, call.tx.now_ms)
    if isinstance(reading, TokenUnknown):
        raise refuse(errors.INVALID_TOKEN, reading.reason)
    claims = reading.claims
    sandbox = call.tx.sandbox_name
    credential = _find_credential(sandbox, claims.sub)
    organization_id = names_of(sandbox).organization.id
    if credential is None or claims.org != organization_id:
        raise refuse(errors.INVALID_TOKEN, f"the token is of {claims.sub} and {claims.org}, which the sandbox has not")
    if isinstance(reading, TokenExpired):
        raise refuse(errors.TOKEN_EXPIRED, f"the token has expired {call.tx.now_ms - claims.exp * 1000} ms ago")
    call.caller = Caller(credential, organization_id)


def require_permission(call: Call) -> None:
    """Refuse writes of a credential that may only read with `PER90001`."""
    caller: Caller = call.caller
    if caller.credential.permission != "write" and call.request.method in _WRITING:
        raise refuse(errors.FORBIDDEN, f"{caller.credential.api_key} may only read")


def require_organization(call: Call) -> None:
    """Refuse an organization that is not the credential's with `ORG90001`."""
    caller: Caller = call.caller
    if call.parameters["organization_id"] != caller.organization_id:
        raise refuse(errors.ORGANIZATION_NOT_FOUND, f"the organization is {caller.organization_id}")


def require_merchant(call: Call) -> None:
    """Find the merchant of the path. Refuses an unknown one, and writes that name another's organization.

    Reads that do so go on as nobody, who owns nothing: their lists are empty, and nothing is found.
    """
    caller: Caller = call.caller
    merchant_id = call.parameters["merchant_id"]
    if call.tx.get(MERCHANTS, merchant_id) is None:
        raise refuse(errors.MERCHANT_NOT_FOUND, f"no merchant {merchant_id!r}")
    if call.parameters["organization_id"] != caller.organization_id:
        if call.request.method in _WRITING:
            raise refuse(errors.WRONG_ORGANIZATION, f"{merchant_id} belongs to {caller.organization_id}")
        merchant_id = NOBODY
    call.caller = Caller(caller.credential, caller.organization_id, merchant_id)


SIGNED_IN: Final = (require_token, require_permission)
OF_ORGANIZATION: Final = (*SIGNED_IN, require_organization)
OF_MERCHANT: Final = (*SIGNED_IN, require_merchant)
OF_MERCHANT_EXTENSION: Final = (require_extension_paths, *OF_MERCHANT)

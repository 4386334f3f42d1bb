"""Who asks, and whether they may: bearer tokens, permissions, and what the ids in the path let them see.

Sources: https://docs.koywe.com/english/payments/payments-api-reference/payments-api/auth/create-token and
https://docs.koywe.com/accepting-payments/integration-guide (seen 2026-11). Assumed: permissions, what the credential of
one merchant sees, and that in both environments a path with another organization shows nothing and changes nothing
(documented for the provider's sandbox).
"""

from collections.abc import Callable
from functools import lru_cache
from typing import Any

from msgspec import Struct

from emulator.contract.card import Call
from emulator.contract.reply import Refusal
from emulator.contract.request import Request, find_bearer
from emulator.contract.setting import Settings
from emulator.contract.transaction import Transaction
from emulator.core import json_text
from emulator.core.wording import shown
from emulator.providers.koywe import mistakes
from emulator.providers.koywe.absent import find_absent
from emulator.providers.koywe.catalogue import (
    Credential,
    find_sandbox_of_api_key,
    read_names,
)
from emulator.providers.koywe.collection import Collection
from emulator.providers.koywe.sign_in.tokens import (
    Claims,
    TokenExpired,
    TokenUnknown,
    read_claims,
    read_token,
)

PAGE_KEY = "pay:"
"""The beginning of the key by which a pay page finds its order; the order's id follows."""
PAY_PATH = "/pay/"
KYB_PATH = "/kyb/"
KYB_TABLE = "koywe.kybs"
"""The table of identity checks; their forms are opened without a credential."""
SIGN_IN_PATH = "/api/v1/auth/sign-in"
NOBODY = ""
"""The merchant of a request with the wrong organization: it owns nothing."""

_WRITING = frozenset({"POST", "PUT", "DELETE"})

SECURITY = {"bearer": {"type": "http", "scheme": "bearer", "bearerFormat": "JWT"}}
"""As OpenAPI security schemes."""


class Merchant(Struct):
    """A merchant of the organization."""

    organization: str
    name: str
    country: str
    created_ms: int
    number: int = 1
    """Counts the merchants that the sandbox has had; it starts with the first."""


MERCHANTS = Collection("koywe.merchants", Merchant, "merchant")
CREDENTIALS = Collection("koywe.credentials", Credential, "credential")
"""By api key: those that clients made, and those that every sandbox has, once their secret was changed."""


class Caller(Struct, frozen=True):
    """Whose token the request carries, and the merchant in its path (`NOBODY`: it sees nothing)."""

    credential: Credential
    organization_id: str
    merchant_id: str = NOBODY


def credentials(sandbox: str, settings: Settings) -> dict[str, Any]:
    """What a client of the sandbox needs."""
    names = read_names(sandbox)
    return {
        "api_key": names.credentials[0].api_key,
        "secret": names.credentials[0].secret,
        "organization_id": names.organization.id,
        "merchant_id": names.merchant.id,
    }


def find_sandbox(request: Request, holder: Callable[[str], str | None]) -> str | None:
    """The sandbox that the token or the api key of a sign-in belongs to. For a page: the one that has its order or
    check."""
    path = request.path
    if path.startswith(PAY_PATH):
        return holder(f"koywe/{PAGE_KEY}{path.removeprefix(PAY_PATH)}")
    if path.startswith(KYB_PATH):
        return holder(f"{KYB_TABLE}/{path.removeprefix(KYB_PATH)}")
    if path == SIGN_IN_PATH:
        return _find_sandbox_of_sign_in(request.body)
    token = find_bearer(request.headers)
    claims = read_claims(token) if token else None
    return find_sandbox_of_api_key(claims.sub) if isinstance(claims, Claims) else None


def _find_sandbox_of_sign_in(body: bytes) -> str | None:
    try:
        sent = json_text.decode(body)
    except json_text.MalformedJson:
        return None
    api_key = sent.get("apiKey") if isinstance(sent, dict) else None
    return find_sandbox_of_api_key(api_key) if isinstance(api_key, str) else None


def find_credential(tx: Transaction, api_key: str) -> Credential | None:
    """The sandbox's credential with this api key."""
    return CREDENTIALS.find(tx, api_key) or _find_first_credential(tx.sandbox_name, api_key)


@lru_cache(maxsize=256)
def _find_first_credential(sandbox: str, api_key: str) -> Credential | None:
    return next((each for each in read_names(sandbox).credentials if each.api_key == api_key), None)


def list_api_keys(tx: Transaction) -> list[str]:
    """All api keys that can sign in."""
    first = [each.api_key for each in read_names(tx.sandbox_name).credentials]
    return list(dict.fromkeys([*first, *(api_key for api_key, _ in CREDENTIALS.scan(tx))]))


# -- checks


def require_route(call: Call) -> None:
    """Refuses with `COM90001` an unknown path or method."""
    if call.endpoint is None:
        absent = find_absent(call.request.path)
        if absent is not None:
            raise Refusal("route-not-found", f"the provider documents {absent}, which the emulator does not have")
        known = ", ".join(call.methods) or "nothing"
        raise Refusal("route-not-found", f"{call.request.path} takes {known}")


def require_extension_paths(call: Call) -> None:
    """Refuses with `COM90001` a path that no page documents, if the setting says so."""
    if call.settings["extension_paths"] == "off":
        raise Refusal("route-not-found", "the setting extension_paths is off")


def require_token(call: Call) -> None:
    """Finds the caller. Refuses with `AUTH90001`, `AUTH90002` or `TOKEN_EXPIRED` a request without a valid token."""
    token = find_bearer(call.request.headers)
    if token is None:
        raise Refusal("unauthorized", mistakes.diagnose_missing_token(call))
    reading = read_token(token, call.tx.now_ms)
    if isinstance(reading, TokenUnknown):
        raise Refusal("invalid-token", mistakes.diagnose_token(call, token, reading))
    claims = reading.claims
    credential = find_credential(call.tx, claims.sub)
    organization_id = read_names(call.tx.sandbox_name).organization.id
    if credential is None or claims.org != organization_id:
        raise Refusal("invalid-token", mistakes.diagnose_claims(call, claims))
    if isinstance(reading, TokenExpired):
        raise Refusal("token-expired", mistakes.diagnose_expiry(call, claims))
    call.caller = Caller(credential, organization_id)


def require_permission(call: Call) -> None:
    """Refuses with `PER90001` writes of a credential that may only read."""
    caller: Caller = call.caller
    if caller.credential.permission != "write" and call.request.method in _WRITING:
        raise Refusal("forbidden", f"{caller.credential.api_key} may only read")


def require_whole_organization(call: Call) -> None:
    """Refuses with `PER90001` the credential of a single merchant."""
    credential: Credential = call.caller.credential
    if credential.merchant_id:
        raise Refusal("forbidden", f"{credential.api_key} sees {credential.merchant_id} alone, not the organization")


def require_organization(call: Call) -> None:
    """Refuses with `ORG90001` an organization that is not the credential's."""
    caller: Caller = call.caller
    if call.parameters["organization_id"] != caller.organization_id:
        said = (
            f"no organization {shown(call.parameters['organization_id'])}: the credential's is {caller.organization_id}"
        )
        raise Refusal("organization-not-found", mistakes.diagnose_organization(call, said, caller.organization_id))


def require_merchant(call: Call) -> None:
    """Finds the merchant in the path. Refuses with `MC90001` one that is unknown or that the credential does not see,
    and with `MC00015` a write with the wrong organization.

    A read with the wrong organization goes on as nobody, who owns nothing: lists are empty, and nothing is found.
    """
    caller: Caller = call.caller
    merchant_id = call.parameters["merchant_id"]
    if MERCHANTS.find(call.tx, merchant_id) is None:
        raise Refusal(
            "merchant-not-found",
            mistakes.diagnose_merchant(
                call, MERCHANTS.hint(call.tx, merchant_id), lambda text: MERCHANTS.find(call.tx, text) is not None
            ),
        )
    only = caller.credential.merchant_id
    if only not in ("", merchant_id):
        raise Refusal("merchant-not-found", f"{caller.credential.api_key} sees {only} alone, not {merchant_id}")
    if call.parameters["organization_id"] != caller.organization_id:
        if call.request.method in _WRITING:
            said = f"{merchant_id} belongs to {caller.organization_id}, not to {call.parameters['organization_id']}"
            raise Refusal("wrong-organization", mistakes.diagnose_organization(call, said, caller.organization_id))
        merchant_id = NOBODY
    call.caller = Caller(caller.credential, caller.organization_id, merchant_id)


def require_own_merchant(call: Call) -> tuple[str, Merchant]:
    """The merchant of the caller, with its id. Refuses nobody with `MC90001`."""
    merchant_id: str = call.caller.merchant_id
    merchant = MERCHANTS.find(call.tx, merchant_id)
    if merchant is None:
        raise Refusal("merchant-not-found", "the organization in the path does not have this merchant")
    return merchant_id, merchant


SIGNED_IN = (require_token, require_permission)
OF_ORGANIZATION = (*SIGNED_IN, require_whole_organization, require_organization)
OF_MERCHANT = (*SIGNED_IN, require_merchant)
OF_MERCHANT_EXTENSION = (require_extension_paths, *OF_MERCHANT)
OF_MERCHANT_STRICTLY = (*SIGNED_IN, require_organization, require_merchant)
"""Where the organization is checked first, and a wrong one is not found, by reads and writes alike."""

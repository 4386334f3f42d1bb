"""How a request is signed here: it gets a valid token and the right ids in its path, or a sign-in the right secret."""

import re

from emulator.contract.order_request import WrittenRequest
from emulator.contract.request import find_bearer
from emulator.contract.signing import Literal, Signing
from emulator.contract.transaction import Transaction
from emulator.core import json_text
from emulator.providers.koywe.access import MERCHANTS, SIGN_IN_PATH, find_credential
from emulator.providers.koywe.catalogue import Credential, read_names
from emulator.providers.koywe.sign_in.tokens import Claims, make_token, read_claims

_ORGANIZATION = re.compile(r"(?<=/organizations/)[^/?]+")
_MERCHANT = re.compile(r"(?<=/merchants/)[^/?]+")


def _sign(tx: Transaction, request: WrittenRequest, base_url: str) -> WrittenRequest:
    names = read_names(tx.sandbox_name)
    credential = _find_caller(tx, request)
    organization = names.organization.id
    if request.path.partition("?")[0] == SIGN_IN_PATH:
        known = find_credential(tx, names.credentials[0].api_key) or names.credentials[0]
        body = json_text.encode({"apiKey": known.api_key, "secret": known.secret})
        return WrittenRequest("POST", SIGN_IN_PATH, {**request.headers, "content-type": "application/json"}, body)
    token = make_token(credential.api_key, organization, tx.now_ms, tx.settings("koywe")["token_ttl_s"])
    found = _MERCHANT.search(request.path)
    merchant = found[0] if found and MERCHANTS.find(tx, found[0]) is not None else names.merchant.id
    path = _MERCHANT.sub(merchant, _ORGANIZATION.sub(organization, request.path))
    return WrittenRequest(request.method, path, {**request.headers, "authorization": f"Bearer {token}"}, request.body)


def _find_caller(tx: Transaction, request: WrittenRequest) -> Credential:
    """The credential of the request's token, expired or not; else the sandbox's first."""
    token = find_bearer(request.headers)
    claims = read_claims(token) if token else None
    known = find_credential(tx, claims.sub) if isinstance(claims, Claims) else None
    return known or read_names(tx.sandbox_name).credentials[0]


def _show(tx: Transaction, request: WrittenRequest, base_url: str) -> dict[str, Literal]:
    values: dict[str, Literal] = {
        "sign_in_url": base_url + SIGN_IN_PATH, "api_key": _find_caller(tx, request).api_key,
    }  # fmt: skip
    if request.path.partition("?")[0] != SIGN_IN_PATH:
        return values
    return values | {"method": "GET", "url": f"{base_url}/api/v1/auth/me", "body": ""}


SIGNING = Signing("secret", "KOYWE_SECRET", _sign, _show)

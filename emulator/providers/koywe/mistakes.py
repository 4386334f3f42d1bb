"""Why a request was not trusted: the usual mistakes with tokens, credentials and ids in paths, tried on what came."""

import binascii
import re
from base64 import urlsafe_b64decode
from collections.abc import Callable
from typing import Any

from emulator.contract.card import Call
from emulator.contract.diagnosis import Diagnosis, Good
from emulator.core import json_text
from emulator.core.credential_mistakes import find_elsewhere, find_other_writing, find_unset
from emulator.core.durations import format_duration
from emulator.core.names import NAME
from emulator.core.suggestion import use_one_of
from emulator.core.wording import shown
from emulator.providers.koywe.catalogue import (
    SECRET_DIGITS,
    Credential,
    SandboxNames,
    find_sandbox_of_api_key,
    read_names,
)
from emulator.providers.koywe.sign_in.tokens import Claims, TokenUnknown, read_claims

SIGN_IN = "sign in (POST /api/v1/auth/sign-in) and send the token of the answer after Bearer"
_HEADER = "authorization"
_OF_SANDBOX = re.compile(f"(?:org|mrc)_({NAME.pattern})")
_SECRET = re.compile(f"secret-({NAME.pattern})")
_MADE_SECRET = re.compile(rf"[0-9a-f]{{{SECRET_DIGITS}}}")
_HIDDEN = "Authorization: [redacted]"


def diagnose_missing_token(call: Call) -> Diagnosis:
    """What is wrong with an `Authorization` header that is missing, or has no token."""
    written = call.header(_HEADER)
    said = f"Authorization {_write_scheme(written)}"
    told = "send Bearer and the token of a sign-in"
    mistake = _find_elsewhere(call) if written is None else _find_wrong_scheme(call, written)
    came = None if written is None else _HIDDEN
    if mistake is None:
        return Diagnosis(f"{said}; {told}", False, "", came, _good_token(call))
    return Diagnosis(f"{said}; {mistake}", True, told, came, _good_token(call))


def _find_elsewhere(call: Call) -> str | None:
    elsewhere = find_elsewhere(call.request, _is_token, (_HEADER,))
    if elsewhere is not None:
        return f"{elsewhere}; send it in Authorization, after Bearer"
    elsewhere = find_elsewhere(call.request, lambda text: _find_key_kind(call, text) is not None, (_HEADER,))
    return f"{elsewhere}, which is not a token; {SIGN_IN}" if elsewhere is not None else None


def _good_token(call: Call) -> tuple[Good, ...]:
    api_key = read_names(call.tx.sandbox_name).credentials[0].api_key
    return (Good("token", f"Authorization: Bearer <token of a sign-in with {api_key}>"),)


def _find_wrong_scheme(call: Call, written: str) -> str | None:
    if _is_token(written.strip()):
        return "the token is there, but Bearer is missing before it"
    scheme, _, rest = written.strip().partition(" ")
    if _is_token(rest.strip()):
        return f"the token is there, but after {scheme[:20]} in place of Bearer"
    kind = _find_key_kind(call, rest.strip() or scheme)
    if kind is not None:
        return f"{kind}: {SIGN_IN}"
    if scheme.lower() == "basic":
        return f"this is HTTP Basic: {SIGN_IN}"
    return None


def _write_scheme(authorization: str | None) -> str:
    """What an `Authorization` header without token has instead, secrets left out."""
    if authorization is None:
        return "is missing"
    scheme, _, token = authorization.strip(" \t").partition(" ")
    return f"has the scheme {shown(scheme)}" if token else "has no token"


def _is_token(text: str) -> bool:
    return isinstance(read_claims(text), Claims)


def _find_key_kind(call: Call, text: str) -> str | None:
    """Which part of a credential was sent in place of a token."""
    if find_sandbox_of_api_key(text) is not None:
        return "it is an api key, which is for signing in alone"
    if _is_secret(text, read_names(call.tx.sandbox_name)):
        return "it is a secret, which is for signing in alone"
    return None


def diagnose_token(call: Call, token: str, reading: TokenUnknown) -> Diagnosis:
    """What is wrong with an unknown token."""
    key = _find_key_kind(call, token)
    mistake = (
        find_unset(token)
        or (f"{key}: {SIGN_IN}" if key else None)
        or find_other_writing(token, _is_token)
        or _find_stranger(token)
    )
    more = f"{reading.reason}; {SIGN_IN}" if mistake else SIGN_IN
    return Diagnosis(mistake or reading.reason, mistake is not None, more, _HIDDEN, _good_token(call))


def _find_stranger(token: str) -> str | None:
    """What a text is that is not a token of the emulator's."""
    if token.startswith("{"):
        return "the whole answer of the sign-in was sent: the token is its member token"
    parts = token.split(".")
    if len(parts) != 3:
        return "the token was cut off" if token.startswith("eyJ") else None
    claims, header = _read_part(parts[1]), _read_part(parts[0])
    if not isinstance(claims, dict) or not isinstance(header, dict):
        return None
    if claims.keys() == {"sub", "org", "iat", "exp"} and header.get("alg") == "HS256":
        return "it looks like a token of the emulator's that was changed or cut off on its way"
    issuer = claims.get("iss")
    whose = f" by {issuer[:60]}" if isinstance(issuer, str) else ""
    return f"it is a token that was issued elsewhere{whose}: the real provider's tokens are unknown here"


def _read_part(part: str) -> Any:
    try:
        return json_text.decode(urlsafe_b64decode(part[:2000] + "=" * (-len(part) % 4)))
    except (ValueError, binascii.Error, json_text.MalformedJson):
        return None


def diagnose_claims(call: Call, claims: Claims) -> Diagnosis:
    """What is wrong with a token of the emulator's for a credential that this sandbox does not have."""
    other = find_sandbox_of_api_key(claims.sub)
    here = call.tx.sandbox_name
    said = f"the token is for {claims.sub} and {claims.org}, which the sandbox does not have"
    if other is not None and other != here:
        return Diagnosis(
            f"the token belongs to the sandbox {other}, which does not exist: sign in to {here}", True, said, _HIDDEN,
            _good_token(call),
        )  # fmt: skip
    return Diagnosis(f"{said}: its credential was removed", True, SIGN_IN, _HIDDEN, _good_token(call))


def diagnose_expiry(call: Call, claims: Claims) -> Diagnosis:
    """What is wrong with a token that has expired."""
    over_ms = call.tx.now_ms - claims.exp * 1000
    lived = format_duration((claims.exp - claims.iat) * 1000)
    more = f"it was valid for {lived} by the sandbox's clock (setting token_ttl_s)"
    told = f"the token expired {format_duration(over_ms)} ago by the sandbox's clock: sign in again"
    return Diagnosis(told, True, more, _HIDDEN, _good_token(call))


def diagnose_api_key(call: Call, api_key: str, secret: str, api_keys: list[str]) -> Diagnosis:
    """What is wrong with the api key of a sign-in that is not among the sandbox's `api_keys`."""
    names = read_names(call.tx.sandbox_name)
    known = use_one_of(api_key, api_keys)
    mistake = (
        find_unset(api_key)
        or _find_swapped(api_key, secret, names)
        or find_other_writing(api_key, lambda text: text in api_keys)
        or _find_other_sandbox(find_sandbox_of_api_key(api_key), call.tx.sandbox_name)
    )
    is_secret = _is_secret(api_key, names) or find_sandbox_of_api_key(secret) is not None
    secrets = (api_key,) if is_secret else ()
    said = "/apiKey: no such api key" if is_secret else f"/apiKey: no api key {shown(api_key)}"
    came = "apiKey: [redacted]" if is_secret else f"apiKey: {shown(api_key)}"
    good = tuple(Good("api key", f"apiKey: {shown(each)}") for each in api_keys)
    if mistake is None:
        return Diagnosis(f"{said}: {known}", False, "", came, good, secrets=secrets)
    return Diagnosis(f"{said}: {mistake}", True, known, came, good, secrets=secrets)


def _find_swapped(api_key: str, secret: str, names: SandboxNames) -> str | None:
    if find_sandbox_of_api_key(secret) is not None:
        return "api key and secret are swapped"
    if _is_secret(api_key, names):
        return "a secret was sent in place of the api key"
    if api_key in (names.organization.id, names.merchant.id):
        return "an id was sent in place of the api key"
    return None


def _is_secret(text: str, names: SandboxNames) -> bool:
    looks = _SECRET.fullmatch(text) or _MADE_SECRET.fullmatch(text)
    return looks is not None or text == names.webhook_secret_example


def _find_other_sandbox(other: str | None, here: str) -> str | None:
    return None if other in (None, here) else f"it belongs to the sandbox {other}, which does not exist"


def diagnose_secret(call: Call, secret: str, credential: Credential) -> Diagnosis:
    """What is wrong with the secret of a sign-in that is not the credential's."""
    names = read_names(call.tx.sandbox_name)
    first = next((each for each in names.credentials if each.api_key == credential.api_key), None)
    other = _SECRET.fullmatch(secret)
    unset = find_unset(secret)
    if unset is not None and "'" in unset:  # it quotes what was sent
        unset = "the client's variable has no value"
    mistake = unset or find_other_writing(secret, lambda text: text == credential.secret)
    if secret == credential.api_key:
        mistake = "the api key was sent twice"
    elif secret == names.webhook_secret_example:
        mistake = "it is the webhooks' secret"
    elif first is not None and secret == first.secret:
        mistake = "it is the secret that was replaced (rotate-secret)"
    elif other is not None:
        mistake = _find_other_sandbox(other[1], call.tx.sandbox_name)
    said = f"the secret does not belong to {credential.api_key}"
    good = (Good("secret", f"secret: <the secret of {credential.api_key}>"),)
    return Diagnosis(f"{said}: {mistake}" if mistake else said, mistake is not None, "", "secret: [redacted]", good)


def diagnose_organization(call: Call, error_of: str, organization_id: str) -> Diagnosis:
    """What is wrong with the organization in a path; `error_of`: what the check says."""
    sent = call.parameters["organization_id"]
    names = read_names(call.tx.sandbox_name)
    merchant_id = call.parameters.get("merchant_id", "")
    mistake = _find_wrong_id(call, sent, organization_id)
    if sent == names.merchant.id:
        swapped = merchant_id == organization_id
        mistake = "organization and merchant are swapped" if swapped else "it is the id of a merchant"
    good = (Good("organization", f"/organizations/{organization_id}"),)
    told = f"{error_of}; {mistake}" if mistake else error_of
    return Diagnosis(told, mistake is not None, "", f"/organizations/{sent[:80]}", good)


def diagnose_merchant(call: Call, known: str, is_known: Callable[[str], bool]) -> Diagnosis:
    """What is wrong with the merchant in a path, which the sandbox does not have; `known`: what to use instead."""
    sent = call.parameters["merchant_id"]
    names = read_names(call.tx.sandbox_name)
    mistake = _find_wrong_id(call, sent, names.merchant.id)
    if sent == names.organization.id:
        swapped = call.parameters["organization_id"] == names.merchant.id
        mistake = "organization and merchant are swapped" if swapped else "it is the id of the organization"
    elif mistake is None:
        mistake = find_other_writing(sent, is_known)
    good = (Good("merchant", f"/merchants/{names.merchant.id}"),)
    said = f"no merchant {shown(sent)}"
    told, more = (f"{said}: {mistake}", known) if mistake else (f"{said}: {known}", "")
    return Diagnosis(told, mistake is not None, more, f"/merchants/{sent[:80]}", good)


def _find_wrong_id(call: Call, sent: str, right: str) -> str | None:
    """What is wrong with an id in a path."""
    if sent.startswith(":") or find_unset(sent) or re.fullmatch(r"\{.*\}", sent):
        return "the client did not fill in its place in the path"
    other = _OF_SANDBOX.fullmatch(sent)
    if other is not None and sent[:4] == right[:4] and other[1] != call.tx.sandbox_name:
        return f"it belongs to the sandbox {other[1]}"
    if find_sandbox_of_api_key(sent) is not None:
        return "it is an api key"
    return find_other_writing(sent, lambda text: text == right)

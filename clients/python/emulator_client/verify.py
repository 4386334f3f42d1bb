# Made by scripts/generate_docs.py from emulator/testing/verify.py: edit that, and run it again.
"""Checks a webhook's signature as a merchant would. Shares no code with what signs, so that neither hides a mistake.

Each function takes the raw body as received, the headers (names in any case) and the receiver's key, and says whether
the signature is good.
"""

from __future__ import annotations

import base64
import binascii
import hmac
import json
from collections.abc import Mapping
from hashlib import sha256
from urllib.parse import parse_qsl

from emulator_client.extra import require_cryptography


def verify_baanx(body: bytes, headers: Mapping[str, str], api_key: str) -> bool:
    """Baanx: hex HMAC-SHA256 over `<X-Timestamp>.<raw body>`. How old it may be, the receiver judges.

    Source: https://docs.baanx.com/guides/webhooks/security, seen 2026-11.
    """
    signed = _header(headers, "x-timestamp").encode() + b"." + body
    expected = hmac.new(api_key.encode(), signed, sha256).hexdigest()
    return hmac.compare_digest(_header(headers, "x-signature").encode(), expected.encode())


def verify_basswallet(body: bytes, headers: Mapping[str, str], secret_key: str) -> bool:
    """BassWallet: hex HMAC-SHA256 over `name=value&...` in the order received; for JSON over its members.

    Source: https://docs-en.basswallet.com/api-reference/info/webhook-explain, seen 2026-11.
    """
    if _header(headers, "content-type").startswith("application/json"):
        members = json.loads(body, parse_float=str, parse_int=str)
        pairs = [(name, str(value)) for name, value in members.items()]
    else:
        pairs = parse_qsl(body.decode(), keep_blank_values=True)
    text = "&".join(f"{name}={value}" for name, value in pairs)
    expected = hmac.new(secret_key.encode(), text.encode(), sha256).hexdigest()
    return hmac.compare_digest(_header(headers, "signature").lower().encode(), expected.encode())


def verify_changelly(body: bytes, headers: Mapping[str, str], public_key: str) -> bool:
    """Changelly: base64 RSA-SHA256 (PKCS#1 v1.5) over `{"orderId":"<id>"}`. `public_key`: PEM, or base64 of it.

    Source: https://fiat-api.changelly.com/docs/Webhooks-guide/Callbacks-receiving, seen 2026-11.
    """
    require_cryptography()
    from cryptography.exceptions import InvalidSignature
    from cryptography.hazmat.primitives.asymmetric.padding import PKCS1v15
    from cryptography.hazmat.primitives.asymmetric.rsa import RSAPublicKey
    from cryptography.hazmat.primitives.hashes import SHA256
    from cryptography.hazmat.primitives.serialization import load_pem_public_key

    pem = public_key.encode() if public_key.startswith("-----BEGIN") else base64.b64decode(public_key)
    key = load_pem_public_key(pem)
    if not isinstance(key, RSAPublicKey):
        raise TypeError("the public key must be an RSA key")
    text = json.dumps({"orderId": json.loads(body)["orderId"]}, separators=(",", ":"))
    try:
        signature = base64.b64decode(_header(headers, "x-callback-signature"), validate=True)
        key.verify(signature, text.encode(), PKCS1v15(), SHA256())
    except (InvalidSignature, binascii.Error):
        return False
    return True


def verify_koywe(body: bytes, headers: Mapping[str, str], secret: str) -> bool:
    """Koywe: hex HMAC-SHA256 over the raw body.

    Source: https://docs.koywe.com/payments/advanced/webhooks, seen 2026-11.
    """
    expected = hmac.new(secret.encode(), body, sha256).hexdigest()
    return hmac.compare_digest(_header(headers, "koywe-signature").encode(), expected.encode())


def _header(headers: Mapping[str, str], name: str) -> str:
    return next((value for each, value in headers.items() if each.lower() == name), "")

# Made by scripts/generate_docs.py from emulator/providers/changelly/verify.py: edit that, and run it again.
"""Checks a callback's signature as a partner would. Shares no code with what signs, so that neither hides a mistake."""

from __future__ import annotations

import base64
import binascii
import json
from collections.abc import Mapping

from emulator_client.client_side import read_header


def verify_changelly(body: bytes, headers: Mapping[str, str], public_key: str) -> bool:
    """Changelly: base64 RSA-SHA256 (PKCS#1 v1.5) over `{"orderId":"<id>"}`. `public_key`: PEM, or base64 of it.

    Source: https://fiat-api.changelly.com/docs/Webhooks-guide/Callbacks-receiving, seen 2026-11.
    """
    from emulator_client.extra import require_cryptography

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
        signature = base64.b64decode(read_header(headers, "x-callback-signature"), validate=True)
        key.verify(signature, text.encode(), PKCS1v15(), SHA256())
    except (InvalidSignature, binascii.Error):
        return False
    return True

"""Checks a webhook's signature as a merchant would. Shares no code with what signs, so that neither hides a mistake."""

import hmac
from collections.abc import Mapping
from hashlib import sha256

from emulator.contract.client_side import read_header


def verify_koywe(body: bytes, headers: Mapping[str, str], secret: str) -> bool:
    """Koywe: hex HMAC-SHA256 over the raw body.

    Source: https://docs.koywe.com/payments/advanced/webhooks, seen 2026-11.
    """
    expected = hmac.new(secret.encode(), body, sha256).hexdigest()
    return hmac.compare_digest(read_header(headers, "koywe-signature").encode(), expected.encode())

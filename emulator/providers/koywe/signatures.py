"""The signature of a webhook.

Pure. It never builds the body: what is signed is exactly the bytes that are sent.

Source: https://docs.koywe.com/en/getting-started/webhooks-overview (seen 2026-11).
"""

from __future__ import annotations

import hashlib
import hmac
from typing import Final

SIGNATURE_HEADER: Final = "Koywe-Signature"


def sign_webhook(secret: str, body: bytes) -> str:
    """Give the header's value: lower-case hex HMAC-SHA256 over the body, keyed with the endpoint's secret as UTF-8."""
    return hmac.new(secret.encode(), body, hashlib.sha256).hexdigest()

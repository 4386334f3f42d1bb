# Made by scripts/generate_docs.py from emulator/providers/baanx/verify.py: edit that, and run it again.
"""Checks a webhook's signature as a merchant would. Shares no code with what signs, so that neither hides a mistake."""

from __future__ import annotations

import hmac
from collections.abc import Mapping
from hashlib import sha256

from emulator_client.client_side import read_header


def verify_baanx(body: bytes, headers: Mapping[str, str], api_key: str) -> bool:
    """Baanx: hex HMAC-SHA256 over `<X-Timestamp>.<raw body>`. How old it may be, the receiver judges.

    Source: https://docs.baanx.com/guides/webhooks/security, seen 2026-11.
    """
    signed = read_header(headers, "x-timestamp").encode() + b"." + body
    expected = hmac.new(api_key.encode(), signed, sha256).hexdigest()
    return hmac.compare_digest(read_header(headers, "x-signature").encode(), expected.encode())

"""Checks a webhook's signature as a merchant would. Shares no code with what signs, so that neither hides a mistake."""

import hmac
import json
from collections.abc import Mapping
from hashlib import sha256
from urllib.parse import parse_qsl

from emulator.contract.client_side import read_header


def verify_basswallet(body: bytes, headers: Mapping[str, str], secret_key: str) -> bool:
    """BassWallet: hex HMAC-SHA256 over `name=value&...` in the order received; for JSON over its members.

    Source: https://docs-en.basswallet.com/api-reference/info/webhook-explain, seen 2026-11.
    """
    if read_header(headers, "content-type").startswith("application/json"):
        members = json.loads(body, parse_float=str, parse_int=str)
        pairs = [(name, str(value)) for name, value in members.items()]
    else:
        pairs = parse_qsl(body.decode(), keep_blank_values=True)
    text = "&".join(f"{name}={value}" for name, value in pairs)
    expected = hmac.new(secret_key.encode(), text.encode(), sha256).hexdigest()
    return hmac.compare_digest(read_header(headers, "signature").lower().encode(), expected.encode())

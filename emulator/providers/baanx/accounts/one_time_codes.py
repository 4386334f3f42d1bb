"""The second factor of a login: time-based codes, the form of a code, and how a phone number is masked.

Sources: https://docs.baanx.com/api-reference/auth/login-otp and
https://docs.baanx.com/api-reference/auth/login, seen 2026-11; RFC 6238 for time-based codes.
"""

import base64
import hashlib
import hmac
import re

CODE_DIGITS = 6
STEP_S = 30
DRIFT_STEPS = 1
SENT_CODE_LIFETIME_S = 300
"""Assumed: the provider only says "a few minutes"."""

MASK = "*****"

_CODE_FORM = re.compile(r"[0-9]{6}")


def is_code_form(text: str) -> bool:
    """Whether the text has the form of a one-time code: six ASCII digits and nothing else."""
    return _CODE_FORM.fullmatch(text) is not None


def totp(secret_base32: str, unix_s: int) -> str:
    """The six digits that an authenticator app shows at this second (RFC 6238: SHA-1, steps of 30 s).

    Raises ValueError when the secret is not base32 or the time lies before 1970.
    """
    return _write_code(secret_base32, unix_s // STEP_S)


def is_code_of_time(secret_base32: str, code: str, unix_s: int) -> bool:
    """Whether the code is that of this second's 30 s step, or of one of its neighbours.

    Assumed: one step of drift to either side.
    """
    current = unix_s // STEP_S
    steps = range(max(0, current - DRIFT_STEPS), current + DRIFT_STEPS + 1)
    return is_code_form(code) and any(hmac.compare_digest(_write_code(secret_base32, step), code) for step in steps)


def write_masked_phone(country_code: str, number: str) -> str:
    """The masked phone number of a login answer: `+44` and `500000225` become `+445*****225`.

    Country code, first digit, five stars, last three digits. Assumed: five stars whatever the length; and a
    number of fewer than five digits shows none of them.
    """
    if len(number) < 5:
        return country_code + MASK
    return country_code + number[0] + MASK + number[-3:]


def _write_code(secret_base32: str, step: int) -> str:
    if step < 0:
        raise ValueError("a time-based code needs a time in or after 1970")
    digest = hmac.new(_read_secret(secret_base32), step.to_bytes(8, "big"), hashlib.sha1).digest()
    offset = digest[-1] & 0x0F
    number = int.from_bytes(digest[offset : offset + 4], "big") & 0x7FFF_FFFF
    return str(number % 10**CODE_DIGITS).zfill(CODE_DIGITS)


def _read_secret(secret_base32: str) -> bytes:
    # Authenticator apps take secrets in groups, in lower case and without padding.
    compact = secret_base32.replace(" ", "").rstrip("=").upper()
    return base64.b32decode(compact + "=" * (-len(compact) % 8))

"""PKCE: the forms of verifier and challenge, and whether the one proves the other.

Source: https://docs.baanx.com/api-reference/auth/oauth-authorize-initiate, seen 2026-11; RFC 7636.
"""

import hashlib
import re

from emulator.core.jwt import write_base64url

_VERIFIER_FORM = re.compile(r"[A-Za-z0-9\-._~]{43,128}")
_CHALLENGE_FORM = re.compile(r"[A-Za-z0-9\-_]{43}")


def is_code_verifier(text: str) -> bool:
    """Whether the text may be a PKCE verifier: 43 to 128 letters, digits, `-`, `.`, `_` or `~`."""
    return _VERIFIER_FORM.fullmatch(text) is not None


def is_code_challenge(text: str) -> bool:
    """Whether the text may be an S256 challenge: 43 characters of unpadded base64url."""
    return _CHALLENGE_FORM.fullmatch(text) is not None


def write_code_challenge(code_verifier: str) -> str:
    """The S256 challenge of a verifier. Raises ValueError when the verifier is malformed."""
    if not is_code_verifier(code_verifier):
        raise ValueError("a code verifier has 43 to 128 characters out of A-Z a-z 0-9 - . _ ~")
    return write_base64url(hashlib.sha256(code_verifier.encode("ascii")).digest())


def is_verifier_of(code_verifier: str, challenge: str) -> bool:
    """Whether this verifier proves this challenge; a malformed verifier proves nothing."""
    return is_code_verifier(code_verifier) and write_code_challenge(code_verifier) == challenge

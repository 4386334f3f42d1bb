"""Calls that the provider documents and the emulator does not have; the true reason of their 404 says so.

Sources: https://docs.koywe.com/en/cli/api-cross-reference and https://docs.koywe.com/en/getting-started/organization-setup
(seen 2026-11); for the older API https://docs.koywe.com/documentation/webhooks-and-callbacks.
"""

import re
from collections.abc import Mapping

ABSENT: Mapping[str, str] = {
    "/api/v1/auth/organizations/{organizationId}/api-users/mfa/prepare": "MFA",
    "/api/v1/auth/organizations/{organizationId}/merchants/{merchantId}/pos/credentials/create":
        "credentials of a point of sale",
    "/api/v1/auth/organization-invitation/redeem": "invitations",
    "/api/v1/auth/invitation/redeem": "invitations",
    "/api/v1/auth/invitation/check-status": "invitations",
    "/api/v1/users/organizations/{organizationId}/invitations": "invitations",
    "/api/v1/users/organizations/{organizationId}/merchants/{merchantId}/invitations": "invitations",
    "/api/v1/users/{rest}": "users and their roles",
    "/rest/{rest}": "the older ramp API",
}  # fmt: skip
"""Path -> what it is for; `{rest}` stands for everything after it."""

_PATTERNS = tuple(
    (re.compile(re.sub(r"\\\{rest\\\}", ".+", re.sub(r"\\\{\w+Id\\\}", "[^/]+", re.escape(path)))), what)
    for path, what in ABSENT.items()
)


def find_absent(path: str) -> str | None:
    """What a call of this path would be for; None if the provider does not document it."""
    return next((what for pattern, what in _PATTERNS if pattern.fullmatch(path)), None)

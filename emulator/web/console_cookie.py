"""Who may see the console where a control token is asked for: whoever has shown it once, by a cookie."""

import hmac
from hashlib import sha256
from http.cookies import CookieError, SimpleCookie

from starlette.types import Scope

COOKIE = "emulator-console"
_MADE_FOR = b"console"


def cookie_value(token: str) -> str:
    """What the cookie says: that its owner knows the token, and not the token itself."""
    return hmac.new(token.encode(), _MADE_FOR, sha256).hexdigest()


def has_cookie(scope: Scope, token: str) -> bool:
    """Whether a request comes from somebody who has shown the token."""
    for name, value in scope["headers"]:
        if name == b"cookie":
            try:
                morsel = SimpleCookie(value.decode("latin-1")).get(COOKIE)
            except CookieError:
                continue
            if morsel is not None and hmac.compare_digest(morsel.value.encode(), cookie_value(token).encode()):
                return True
    return False

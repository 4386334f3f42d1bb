"""Who may see the console if a control token is required: whoever has entered it once, as a cookie shows."""

import hmac
from hashlib import sha256
from http.cookies import CookieError, SimpleCookie

from starlette.types import Scope

COOKIE = "emulator-console"
_MADE_FOR = b"console"


def cookie_value(token: str) -> str:
    """The value of the cookie: it shows that its owner knows the token, without being the token."""
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

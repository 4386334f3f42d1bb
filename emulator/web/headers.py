"""Headers that keep a browser from doing more with an answer than it was made for."""

from base64 import b64encode
from hashlib import sha256

NOSNIFF = {"x-content-type-options": "nosniff"}
"""For every answer of the emulator's own: a browser must take it for what it says it is."""
_HTML = "text/html"
_ANY_INLINE = "'unsafe-inline'"


def is_page(content_type: str) -> bool:
    """Whether an answer with this content type is a page."""
    return content_type.lower().startswith(_HTML)


def page_headers(scripts: tuple[str, ...] = (), styles: tuple[str, ...] = ()) -> dict[str, str]:
    """The headers of a page that runs these inline scripts and styles, and no others.

    They are named by digest rather than by nonce: an answer has the same bytes each time, and a nonce that can be
    foreseen protects nothing. Nothing is loaded from elsewhere, and nobody may frame it; a page with a script may ask
    the emulator what has become of its order. Where forms go is left open: a payer who has paid is sent on to the
    merchant, and browsers apply `form-action` to that, too. With `no-referrer` forms would say that they come from
    `null`.
    """
    rules = ["default-src 'none'", f"style-src {_digests(styles) or _ANY_INLINE}", "img-src data:"]
    if scripts:
        rules += [f"script-src {_digests(scripts)}", "connect-src 'self'"]
    rules += ["base-uri 'none'", "frame-ancestors 'none'"]
    return {"content-security-policy": "; ".join(rules), **NOSNIFF, "referrer-policy": "same-origin"}


def _digests(texts: tuple[str, ...]) -> str:
    return " ".join(f"'sha256-{b64encode(sha256(text.encode()).digest()).decode()}'" for text in texts)

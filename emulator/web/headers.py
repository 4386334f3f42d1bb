"""Headers that keep a browser from doing more with an answer than it was made for."""

from base64 import b64encode
from hashlib import sha256

NOSNIFF = {"x-content-type-options": "nosniff"}
"""For every answer of the emulator's own: a browser shall take it for what it says it is."""
_HTML = "text/html"


def is_page(content_type: str) -> bool:
    """Whether an answer with this content type is a page."""
    return content_type.lower().startswith(_HTML)


def page_headers(scripts: tuple[str, ...] = ()) -> dict[str, str]:
    """The headers of a page in which these inline scripts and handlers may run, and no others.

    Nothing is loaded from anywhere, and nobody may frame it. Where forms go is left open: a payer who has paid is sent
    on to the merchant, and a browser holds that to `form-action`, too. With `no-referrer` forms would say that they
    come from `null`.
    """
    rules = ["default-src 'none'", "style-src 'unsafe-inline'", "img-src data:"]
    if scripts:
        digests = " ".join(f"'sha256-{b64encode(sha256(text.encode()).digest()).decode()}'" for text in scripts)
        rules.append(f"script-src 'unsafe-hashes' {digests}")
    rules += ["base-uri 'none'", "frame-ancestors 'none'"]
    return {"content-security-policy": "; ".join(rules), **NOSNIFF, "referrer-policy": "same-origin"}

"""The texts that are signed with HMAC-SHA256, and their signatures.

No parameter of a request is sorted, trimmed or dropped: the text is signed in the order in which it was sent. The
provider does not say which text is signed when values need escaping, and its samples differ: Python and Java sign the
plain values, PHP signs the form-encoded text. So a request counts as signed if any of three texts was signed.

Sources: https://docs-en.basswallet.com/api-reference/info/sign-info and the samples of
https://docs-en.basswallet.com/api-reference/endpoint/receive/payment-webhook, seen 2026-11. Assumed: the three texts,
which characters the encoded one keeps, the comparison without regard to case, the treatment of GET, and that every
webhook has its members in the order of the samples.
"""

import hmac
from collections.abc import Callable, Iterable, Mapping
from functools import lru_cache
from operator import attrgetter
from typing import Literal
from urllib.parse import quote_plus

from emulator.providers.basswallet.wire import Parameters

SignedText = Literal["plain", "raw", "encoded"]
"""plain: decoded values; raw: query string or form body as received; encoded: decoded values form-encoded again."""

SignatureText = Literal["any", "plain", "raw", "encoded"]
"""Values of the setting `signature_text`."""

Pairs = Iterable[tuple[str, str]]
"""Names and values in their order."""


def write_plain_text(pairs: Pairs) -> str:
    """The decoded names and values, joined. Example: `displayInfo=Gold plan&timestamp=1735119737000`."""
    return "&".join([f"{name}={value}" for name, value in pairs])


def write_encoded_text(pairs: Pairs) -> str:
    """The form-encoded names and values, joined: letters, digits and `-_.` stay, space is `+`, other bytes are `%XX`.

    Example: `displayInfo=Gold+plan&timestamp=1735119737000`. It is also the body of a form-encoded webhook.
    """
    text = "&".join([f"{quote_plus(name)}={quote_plus(value)}" for name, value in pairs])
    # The standard library never escapes the tilde, PHP's urlencode does.
    return text.replace("~", "%7E")


def sign(text: str, secret_key: str) -> str:
    """Signs a text; the signature is 64 hexadecimal digits in lower case."""
    mac = _keyed_mac(secret_key).copy()
    mac.update(text.encode())
    return mac.hexdigest()


@lru_cache(maxsize=1024)
def _keyed_mac(secret_key: str) -> hmac.HMAC:
    """The code over nothing yet, to be copied: with a short text, setting up the key is much of the work."""
    return hmac.new(secret_key.encode(), digestmod="sha256")


def find_signed_text(
    signature: str | None, secret_key: str, parameters: Parameters, signature_text: SignatureText = "any"
) -> SignedText | None:
    """The text that was signed; None if none of them was, or if the signature is missing or malformed.

    >>> from emulator.providers.basswallet.wire import read_query
    >>> parameters = read_query(b"businessId=Order0001&timestamp=1735119738000")
    >>> find_signed_text(sign("businessId=Order0001&timestamp=1735119738000", "s"), "s", parameters)
    'raw'
    """
    given = signature.lower() if signature and signature.isascii() else ""
    for form in ALLOWED_FORMS[signature_text]:
        text = TEXTS[form](parameters)
        if text is not None and hmac.compare_digest(sign(text, secret_key), given):
            return form
    return None


def arrange_webhook(members: Mapping[str, str]) -> tuple[tuple[str, str], ...]:
    """The members of a webhook in wire order: names sorted by ASCII, `timestamp` last."""
    return tuple(sorted(members.items(), key=lambda member: (member[0] == "timestamp", member[0])))


def sign_webhook(arranged: Pairs, callback_secret_key: str) -> str:
    """Signs a webhook's members in the order given, numbers as their text; a JSON body has the same signature."""
    return sign(write_plain_text(arranged), callback_secret_key)


TEXTS: dict[SignedText, Callable[[Parameters], str | None]] = {
    "plain": lambda parameters: write_plain_text(parameters.pairs),
    "raw": attrgetter("raw"),
    "encoded": lambda parameters: write_encoded_text(parameters.pairs),
}
"""How each text of a request is made; None where it has none, as multipart and JSON bodies have no raw one."""

# The text as received comes first: it need not be written again.
ALLOWED_FORMS: dict[SignatureText, tuple[SignedText, ...]] = {
    "any": ("raw", "plain", "encoded"),
    "plain": ("plain",),
    "raw": ("raw",),
    "encoded": ("encoded",),
}
"""Which texts a value of the setting allows."""

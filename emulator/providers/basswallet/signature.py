"""HMAC-SHA256 signatures of requests and webhooks, and the age check that belongs to them.

Must never sort, trim or drop a parameter of a request: the text is signed in the order in which it was sent.
The provider does not say which text is signed when values need escaping, and its samples differ: Python and Java sign
the plain values, PHP signs the form-encoded text. So a request counts as signed when any of three texts was signed.

Source: https://docs-en.basswallet.com/api-reference/info/sign-info (seen 2026-11).
Assumed: the three texts, which characters the encoded one keeps, the comparison without regard to case, the treatment
of GET.
"""

import hmac
import json
from collections.abc import Callable, Iterable, Iterator, Mapping
from functools import lru_cache
from operator import attrgetter
from typing import Literal
from urllib.parse import quote_plus, unquote

from emulator.providers.basswallet.parameters import Parameters

SignedText = Literal["plain", "raw", "encoded"]
"""plain: decoded values; raw: query string or form body as received; encoded: decoded values form-encoded again."""

SignatureText = Literal["any", "plain", "raw", "encoded"]
"""Values of the setting `signature_text`."""

TIMESTAMP_AGE_LIMIT_MS = 10_000
"""A stamp of exactly this age is still good. Documented: 10 s (5 s in an older revision)."""

_TIMESTAMP_DIGITS_LIMIT = 19


def write_plain_text(pairs: Iterable[tuple[str, str]]) -> str:
    """Joins decoded names and values. Example: `displayInfo=Gold plan&timestamp=1735119737000`."""
    return "&".join([f"{name}={value}" for name, value in pairs])


def write_encoded_text(pairs: Iterable[tuple[str, str]]) -> str:
    """Joins form-encoded names and values: letters, digits and `-_.` stay, space is `+`, other bytes are `%XX`.

    Example: `displayInfo=Gold+plan&timestamp=1735119737000`. It is also the body of a form-encoded webhook.
    """
    text = "&".join([f"{quote_plus(name)}={quote_plus(value)}" for name, value in pairs])
    # The standard library never escapes the tilde, PHP's urlencode does.
    return text.replace("~", "%7E")


def sign(text: str, secret_key: str) -> str:
    """Gives the signature of a text: 64 hexadecimal digits in lower case."""
    mac = _keyed_mac(secret_key).copy()
    mac.update(text.encode())
    return mac.hexdigest()


@lru_cache(maxsize=1024)
def _keyed_mac(secret_key: str) -> hmac.HMAC:
    """The code over nothing yet, to be copied: with a short text, taking in the key is much of the work."""
    return hmac.new(secret_key.encode(), digestmod="sha256")


def find_signed_text(
    signature: str | None, secret_key: str, parameters: Parameters, signature_text: SignatureText = "any"
) -> SignedText | None:
    """Names the text that was signed; a missing or malformed signature matches none and raises nothing.

    >>> from emulator.providers.basswallet.parameters import read_query
    >>> parameters = read_query(b"businessId=Order0001&timestamp=1735119738000")
    >>> find_signed_text(sign("businessId=Order0001&timestamp=1735119738000", "s"), "s", parameters)
    'raw'
    """
    given = signature.lower() if signature and signature.isascii() else ""
    for form in _ALLOWED_FORMS[signature_text]:
        text = _TEXTS[form](parameters)
        if text is not None and hmac.compare_digest(sign(text, secret_key), given):
            return form
    return None


def find_mistake(signature: str | None, secret_key: str, parameters: Parameters) -> str | None:
    """Names a usual mistake, if the signature was made so. Example: `signed was the text with its + kept ...`."""
    if not signature or not signature.isascii():
        return None
    for mistake, text in _list_mistakes(parameters):
        if hmac.compare_digest(sign(text, secret_key), signature.lower()):
            return f"signed was {mistake}"
    return None


def _list_mistakes(parameters: Parameters) -> Iterator[tuple[str, str]]:
    pairs, raw = parameters.pairs, parameters.raw
    if raw is not None and "+" in raw:
        kept = unquote(raw)
        yield "the text with its + kept, but a bare + is read as a blank: send it as %2B", kept
    without = [pair for pair in pairs if pair[0] != "timestamp"]
    for name, write in (("", write_plain_text), (", encoded", write_encoded_text)):
        yield f"the text with its names sorted{name}: sign them as they are sent", write(sorted(pairs))
        yield f"the text without the timestamp{name}: it has to be signed, too", write(without)
        yield f"the text without its empty values{name}", write([pair for pair in pairs if pair[1]])
    yield (
        "a JSON text: sign names and values as name=value, joined with &",
        json.dumps(dict(pairs), separators=(",", ":"), ensure_ascii=False),
    )


def explain_signature(parameters: Parameters, signature_text: SignatureText = "any") -> str:
    """Says what should have been signed, each text once, for the journal. Example: `sign one of: plain "a=1&b=2"`."""
    allowed = _ALLOWED_FORMS[signature_text]
    forms: dict[str, SignedText] = {}
    for form, write in _TEXTS.items():
        text = write(parameters) if form in allowed else None
        if text is not None:
            forms.setdefault(text, form)
    if not forms:
        return "a body of this type has no text that the setting signature_text allows"
    hint = "; a bare + is read as a blank: send %2B for a plus" if "+" in (parameters.raw or "") else ""
    return "sign one of: " + ", ".join([f'{form} "{text}"' for text, form in forms.items()]) + hint


def arrange_webhook(members: Mapping[str, str]) -> tuple[tuple[str, str], ...]:
    """Puts the members of a webhook in wire order: names sorted by ASCII, `timestamp` last.

    Source: the samples of https://docs-en.basswallet.com/api-reference/endpoint/receive/payment-webhook (seen 2026-11).
    Assumed: that the order holds for every webhook.
    """
    return tuple(sorted(members.items(), key=lambda member: (member[0] == "timestamp", member[0])))


def sign_webhook(arranged: Iterable[tuple[str, str]], callback_secret_key: str) -> str:
    """Signs the members of a webhook in the order given; the same for form and JSON bodies (numbers as their text)."""
    return sign(write_plain_text(arranged), callback_secret_key)


def judge_timestamp(
    timestamp: str, now_ms: int, future_tolerance_ms: int | None = None
) -> Literal["PARAM_ERROR", "TIME_OUT"] | None:
    """Names the error of a request's `timestamp` (Unix ms as text), `None` when it is good.

    A stamp in the future is good, unless `future_tolerance_ms` limits it. Assumed: the page speaks of age only.
    """
    if len(timestamp) > _TIMESTAMP_DIGITS_LIMIT or not (timestamp.isascii() and timestamp.isdigit()):
        return "PARAM_ERROR"
    age_ms = now_ms - int(timestamp)
    if age_ms > TIMESTAMP_AGE_LIMIT_MS:
        return "TIME_OUT"
    if future_tolerance_ms is not None and -age_ms > future_tolerance_ms:
        return "TIME_OUT"
    return None


_TEXTS: dict[SignedText, Callable[[Parameters], str | None]] = {
    "plain": lambda parameters: write_plain_text(parameters.pairs),
    "raw": attrgetter("raw"),
    "encoded": lambda parameters: write_encoded_text(parameters.pairs),
}

# The text as received comes first: it need not be written again.
_ALLOWED_FORMS: dict[SignatureText, tuple[SignedText, ...]] = {
    "any": ("raw", "plain", "encoded"),
    "plain": ("plain",),
    "raw": ("raw",),
    "encoded": ("encoded",),
}

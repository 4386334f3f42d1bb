"""What a wrong signature was made of, and what should have been signed: for the true reason of a refusal."""

import hmac
import json
from collections.abc import Iterator
from urllib.parse import unquote

from emulator.providers.basswallet.signature.texts import (
    ALLOWED_FORMS,
    TEXTS,
    SignatureText,
    SignedText,
    sign,
    write_encoded_text,
    write_plain_text,
)
from emulator.providers.basswallet.wire import Parameters


def find_mistake(signature: str | None, secret_key: str, parameters: Parameters) -> str | None:
    """The usual mistake with which the signature was made; None if it was none of them.

    Example: `signed was the text with its + kept ...`.
    """
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
    """What should have been signed, each text once. Example: `sign one of: plain "a=1&b=2"`."""
    allowed = ALLOWED_FORMS[signature_text]
    forms: dict[str, SignedText] = {}
    for form, write in TEXTS.items():
        text = write(parameters) if form in allowed else None
        if text is not None:
            forms.setdefault(text, form)
    if not forms:
        return "a body of this type has no text that the setting signature_text allows"
    hint = "; a bare + is read as a blank: send %2B for a plus" if "+" in (parameters.raw or "") else ""
    return "sign one of: " + ", ".join([f'{form} "{text}"' for text, form in forms.items()]) + hint

"""Hides secrets from people: by name, wherever and however they are sent, and by the look of the value."""

import re
from base64 import b64decode
from collections.abc import Collection
from functools import lru_cache
from typing import Any
from urllib.parse import quote as escape
from urllib.parse import unquote, unquote_to_bytes

from emulator.core import json_text

REDACTED = "[redacted]"
_LONGEST_QUOTE = 80
_SEPARATORS = re.compile(r"[^a-z0-9]")
_SECRET = re.compile(
    r"passw(?:or)?d|passphrase|passcode|secret|privatekey|authorization|cookie|credential|token$|^(?:otp|otpcode|ssn|cvv|"
    r"cvc|pwd|jwt|codeverifier|clientassertion|assertion)$"
)
_PRIVATE_MEMBERS = frozenset({"d", "p", "q", "dp", "dq", "qi", "k", "oth"})
"""Members of a JSON Web Key (RFC 7518) that only its owner may know."""
_PEM = re.compile(r"-----BEGIN [A-Z ]*PRIVATE KEY-----.*?(?:-----END [A-Z ]*PRIVATE KEY-----|\Z)", re.DOTALL)
_NAME = r"(?<![\w.%\\\-])((?>(?:[\w.\-\[\]$]|%[0-9a-fA-F]{2}|\\u[0-9a-fA-F]{4})+))"
_BEGINNING = re.compile(rf"{_NAME}(?>\s*(=)\s*|(?:\\?[\"'])?\s*:\s*)")
"""A name and what separates it from its value: `name=`, `"name":` or `name:`."""
_QUOTED = r"""\\?(?:"(?>(?:\\.|[^"\\])*)["\\]?|'(?>(?:\\.|[^'\\])*)['\\]?|[\[{].*)"""
_MEMBER = rf"{_QUOTED}|(?:(?:Bearer|Basic)\s+)?[^&\s,}}]+"
_MEMBER_VALUE = re.compile(_MEMBER, re.DOTALL)
_FORM_VALUE = re.compile(rf"{_QUOTED}|(?>[^&\s]+)(?:(?<=:)\s+(?:{_MEMBER}))?", re.DOTALL)
"""A body may follow directly, as in a text to sign; if that is cut within a member, the member belongs to the value."""
_PART = re.compile(
    r"(\bname=\"?)([^\s\";]+)(\"?[^\r\n]*(?:\r?\n[^\r\n]+)*\r?\n\r?\n)(.*?)(?=\r?\n--|\Z)", re.DOTALL | re.IGNORECASE
)
_READY = re.compile(r"(?<![\w-])(?:callback-)?secret-[a-z0-9](?:[a-z0-9-]*[a-z0-9])?(?!\w)", re.IGNORECASE)
"""A secret that is derived from the name of its sandbox."""
_ARMOUR = re.compile(r"LS0tLS1CRUdJTi(?:[\w+/=-]|\\n|\s)*", re.ASCII)
_DER = re.compile(r"MII[\w+/-]{3}IB(?:ADAN|AAKC)(?:[\w+/=-]|\\n|\s)*", re.ASCII)
"""An RSA private key in base64: PEM as a whole, or PKCS #8 or #1 without PEM's frame."""
_JWT = re.compile(r"eyJ[\w-]{8,}\.eyJ[\w-]{8,}\.[\w-]{8,}", re.ASCII)
_ESCAPE = re.compile(r"\\u([0-9a-fA-F]{4})")
_AUTHORITY = re.compile(r"(://[^\s/?#@:]*:)[^\s/?#@]+(?=@)")


@lru_cache(maxsize=4096)
def is_secret(name: str) -> bool:
    """Whether a header, a parameter or a member of this name is secret."""
    return _SECRET.search(_SEPARATORS.sub("", name.lower())) is not None


def hide(value: Any, also: Collection[str] = (), values: Collection[str] = ()) -> Any:
    """A JSON value without its secrets. `also`: further names of secrets; `values`: texts that are secrets."""
    if isinstance(value, dict):
        hidden = _PRIVATE_MEMBERS if "kty" in value else ()
        return {
            name: REDACTED
            if member is not None and (name in also or name in hidden or is_secret(name))
            else hide(member, also, values)
            for name, member in value.items()
        }
    if isinstance(value, list):
        return [hide(member, also, values) for member in value]
    return hide_in_text(value, also, values) if isinstance(value, str) else value


def hide_in_text(text: str, also: Collection[str] = (), values: Collection[str] = ()) -> str:
    """A text without its secrets: a query, a form of either kind, broken JSON, a URL, or a sentence that quotes any of
    them. Names may be escaped. `also` and `values` as in `hide`."""

    def part(found: re.Match[str]) -> str:
        return f"{found[1]}{found[2]}{found[3]}{REDACTED}" if _is_named(found[2], also) else found[0]

    text = _hidden(_PART.sub(part, text) if "name=" in text else text, also)
    return hide_by_looks(text, values) if values else text


def shown_safely(value: Any) -> str:
    """A value for a sentence: as JSON without secrets, but not at all if it is as long as a key."""
    written = json_text.encode(hide(value)).decode()
    return written if len(json_text.encode(value)) <= _LONGEST_QUOTE else "what was given"


def cut_safely(text: str) -> str:
    """As `shown_safely`, for a text without quotation marks."""
    return hide_in_text(text) if len(text) <= _LONGEST_QUOTE else "what was given"


def _hidden(text: str, also: Collection[str], *, nested: bool = False) -> str:
    """The text without secrets. `nested`: it is itself a value within another text."""
    if "=" in text or ":" in text:
        text = _hide_named(text, also, nested=nested)
    text = hide_by_looks(text)
    return _AUTHORITY.sub(rf"\1{REDACTED}", text) if "@" in text else text


def _hide_named(text: str, also: Collection[str], *, nested: bool) -> str:
    """The text without the values that are secret by their name."""
    pieces: list[str] = []
    place = 0
    while (found := _BEGINNING.search(text, place)) is not None:
        pieces.append(text[place : found.end()])
        place = found.end()
        value = (_FORM_VALUE if found[2] else _MEMBER_VALUE).match(text, place)
        if value is None:
            continue
        if _is_named(found[1], also):
            pieces.append(REDACTED)
            place = value.end()
        elif found[2] and "%" in value[0] and value[0][0] not in "\"'[{\\" and not nested:
            pieces.append(_hidden_escaped(value[0], also))
            place = value.end()
    pieces.append(text[place:])
    return "".join(pieces)


def hide_by_looks(text: str, values: Collection[str] = ()) -> str:
    """The text without anything that looks like a secret, whatever its name, and without these values."""
    for value in values:
        text = text.replace(value, REDACTED)
    if "PRIVATE KEY-----" in text:
        text = _PEM.sub(REDACTED, text)
    if "LS0tLS1CRUdJTi" in text:
        text = _ARMOUR.sub(lambda found: REDACTED if _is_private(found[0]) else found[0], text)
    if "MII" in text:
        text = _DER.sub(REDACTED, text)
    if "eyJ" in text:
        text = _JWT.sub(REDACTED, text)
    return _READY.sub(REDACTED, text) if "secret-" in text.lower() else text


def is_secret_text(text: str) -> bool:
    """Whether a text as a whole looks like a secret."""
    return hide_by_looks(text) == REDACTED


def _is_private(armour: str) -> bool:
    return b"PRIVATE KEY" in b64decode(armour[:56])


def _hidden_escaped(value: str, also: Collection[str]) -> str:
    """A value of a form, which may itself be an escaped URL or form."""
    plain = unquote(value)
    shown = _hidden(plain, also, nested=True)
    return value if shown == plain else escape(shown, safe="")


def _is_named(written: str, also: Collection[str]) -> bool:
    name = written
    if "%" in name:
        name = unquote_to_bytes(name).decode("utf-8", "replace")
    if "\\" in name:
        name = _ESCAPE.sub(lambda found: chr(int(found[1], 16)), name)
    return name in also or is_secret(name)

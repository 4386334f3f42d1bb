"""Credentials in the wrong place or the wrong form: mistakes that clients of any provider make. Assumed: which are
common.
"""

import re
from base64 import b64decode
from collections.abc import Callable, Collection, Iterable, Iterator
from urllib.parse import parse_qsl, unquote

from emulator.contract.request import Request

LONGEST_CREDENTIAL = 4096
"""In characters; longer texts are not examined."""

_UNSET = frozenset({"", "undefined", "null", "none", "nil", "nan", "false", "[object object]", "[redacted]"})
_PLACEHOLDER = re.compile(
    r"\$\{.*\}|\{\{.*\}\}|<.*>|\$[A-Za-z_]\w*|%[A-Za-z_]\w*%|(?:process\.)?env[.\[].*|your[ _-].*|x{3,}", re.IGNORECASE
)

IsGood = Callable[[str], bool]
"""Whether a text is the credential that is wanted."""


def read_encodings(
    written: str, encodings: Iterable[tuple[str, Callable[[str], bytes]]]
) -> Iterator[tuple[str, bytes]]:  # fmt: skip
    """The bytes of a signature in each encoding that it can be in, and what is wrong with that; the right one first.

    `encodings`: what is wrong with an encoding (empty: nothing), and how it is read; ValueError: it is not that one.
    """
    plain = written.strip(" \t\"'")
    quoted = "it is in quotation marks" if plain != written.strip() else ""
    seen: set[bytes] = set()
    for how, decode in encodings:
        try:
            octets = decode(plain)
        except ValueError:
            continue
        if octets not in seen:
            seen.add(octets)
            yield ", and ".join(filter(None, (quoted, how))), octets


def find_unset(written: str) -> str | None:
    """Why a text cannot be a credential at all: it is what a variable without a value leaves behind. None if it can be.

    Example: `it is 'undefined': the client's variable has no value`.
    """
    text = written.strip()
    if text.lower() in _UNSET:
        shown = f"it is {text!r}" if text else "it is empty"
        return f"{shown}: the client's variable has no value"
    if len(text) <= LONGEST_CREDENTIAL and _PLACEHOLDER.fullmatch(text):
        return "it is a placeholder that the client has not filled in"
    return None


def find_other_writing(written: str, is_good: IsGood) -> str | None:
    """How a right credential was written wrongly; None if no known mistake explains it.

    Example: `it is in quotation marks`.
    """
    if len(written) > LONGEST_CREDENTIAL:
        return None
    for how, read in _WRITINGS:
        meant = read(written)
        if meant != written and is_good(meant):
            return how
    return None


def find_elsewhere(request: Request, is_good: IsGood, belongs: Collection[str] = ()) -> str | None:
    """Where a credential is that is missing from the headers named by `belongs`; None if it is nowhere.

    Example: `it is in the header X-Api-Token`.
    """
    for name, value in request.headers.items():
        if name not in belongs and (is_good(value) or find_other_writing(value, is_good)):
            return f"it is in the header {name.title()}"
    for name, value in parse_qsl(request.query[:LONGEST_CREDENTIAL]):
        if is_good(value):
            return f"it is in the query, as {name}"
    return None


def list_values(request: Request) -> list[str]:
    """All values of headers and of the query, where credentials may be that belong elsewhere."""
    return [*request.headers.values(), *(value for _, value in parse_qsl(request.query[:LONGEST_CREDENTIAL]))]


def _decode_base64(text: str) -> str:
    try:
        return b64decode(text, validate=True).decode()
    except ValueError:
        return text


def _decode_basic(text: str) -> str:
    """The password of HTTP Basic, or the name if there is none; any other text as it is."""
    scheme, _, encoded = text.partition(" ")
    if scheme.lower() != "basic":
        return text
    name, _, password = _decode_base64(encoded.strip()).partition(":")
    return password or name


def _after_scheme(text: str) -> str:
    scheme, _, rest = text.partition(" ")
    return rest.strip() if scheme.isalpha() else text


_WRITINGS: tuple[tuple[str, Callable[[str], str]], ...] = (
    ("it is in quotation marks: leave them out", lambda text: text.strip("\"'`")),
    ("it is in brackets: leave them out", lambda text: text.strip("<>[]{}()")),
    ("it differs in upper and lower case", str.lower),
    (
        "a line break is in it: it was read from a file with its end of line",
        lambda text: re.sub(r"\\[rn]|\s", "", text),
    ),
    ("it is percent-encoded: headers are not", unquote),
    ("it is in base64: send it as it is", _decode_base64),
    ("it comes as HTTP Basic", _decode_basic),
    ("there is a scheme before it that does not belong there", _after_scheme),
    ("Bearer comes before it twice", lambda text: _after_scheme(_after_scheme(text))),
    ("its name comes before it: send the value alone", lambda text: re.split(r"[:=]\s*", text, maxsplit=1)[-1]),
)
"""What is wrong, and how to get the credential out of it."""

"""Files of the console, each at an address that changes with its content, and the headers of its pages."""

from functools import lru_cache
from hashlib import sha256
from pathlib import Path
from typing import TYPE_CHECKING

from msgspec import Struct

from emulator.core.journal_search import MAX_SEARCH_LETTERS
from emulator.pages.page import read_tokens
from emulator.web.console.writing import write_sentence, write_span

if TYPE_CHECKING:
    from jinja2 import Environment

STATIC = "/static"
"""Where the files are, below the front door."""
_FOLDER = Path(__file__).parent
_TYPES = {
    ".css": "text/css; charset=utf-8", ".js": "text/javascript; charset=utf-8", ".svg": "image/svg+xml",
    ".txt": "text/plain; charset=utf-8",
}  # fmt: skip


class Asset(Struct, frozen=True):
    """A file, and what it is."""

    content: bytes
    media_type: str
    digest: str


@lru_cache(maxsize=16)
def find_asset(name: str) -> Asset | None:
    """A file of the console; None if it has none by this name."""
    path = _FOLDER / "static" / name
    if path.parent != _FOLDER / "static" or path.suffix not in _TYPES or not path.is_file():
        return None
    content = path.read_bytes()
    if name == "console.css":
        content = read_tokens().encode() + content
    return Asset(content, _TYPES[path.suffix], sha256(content).hexdigest()[:12])


def console_headers(nonce: str) -> dict[str, str]:
    """Headers of a page on which only scripts with this nonce run, and which asks nobody but the emulator."""
    rules = (
        "default-src 'none'", f"script-src 'nonce-{nonce}'", "style-src 'self'", "img-src 'self'",
        "connect-src 'self'", "form-action 'self'", "base-uri 'none'", "frame-ancestors 'none'",
    )  # fmt: skip
    return {
        "content-security-policy": "; ".join(rules), "referrer-policy": "same-origin", "cache-control": "no-store",
        "vary": "HX-Target",
    }  # fmt: skip


def asset_path(prefix: str, name: str) -> str:
    """Address of a file."""
    asset = find_asset(name)
    return f"{prefix}{STATIC}/{name}?{asset.digest if asset is not None else ''}"


@lru_cache(maxsize=1)
def environment() -> "Environment":
    """The templates."""
    from jinja2 import Environment, FileSystemLoader, StrictUndefined

    made = Environment(
        loader=FileSystemLoader(_FOLDER / "templates"), autoescape=True, undefined=StrictUndefined, trim_blocks=True,
        lstrip_blocks=True, auto_reload=False,
    )  # fmt: skip
    made.globals.update(asset_path=asset_path, MAX_SEARCH_LETTERS=MAX_SEARCH_LETTERS)
    made.filters.update(span=write_span, sentence=write_sentence)
    return made

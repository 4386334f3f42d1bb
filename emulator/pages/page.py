"""Writing a page: a template filled with what a provider says, as an answer that a browser may do little with.

Templates of all providers extend `templates/base.html`; a provider's own lie in its folder.
"""

from collections.abc import Mapping
from functools import lru_cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

from msgspec import Struct

from emulator.contract.card import Call
from emulator.contract.reply import Reply
from emulator.core.durations import format_instant
from emulator.pages.formats import write_day, write_duration, write_minute, write_number
from emulator.pages.qr import draw_qr_code
from emulator.pages.words import COMMON_WORDS, language_of

if TYPE_CHECKING:
    from jinja2 import Environment

HTML_TYPE = "text/html; charset=utf-8"

_FOLDER = Path(__file__).parent
_NO_STORE = ("Cache-Control", "no-store")
_REFRESH_S = 3


class Language(Struct, frozen=True):
    """A language that the page is available in, and its URL."""

    tag: str
    name: str
    url: str


class Button(Struct, frozen=True):
    """A button: the form field that it sends, and its label."""

    name: str
    value: str
    label: str


class Strip(Struct, frozen=True):
    """What testers, and only they, find at the bottom of a page. Its buttons post to the page's own path."""

    action: str
    buttons: tuple[Button, ...] = ()
    facts: tuple[str, ...] = ()
    """What the emulator calls things: the order's id, its status."""
    problem: str = ""
    """Why the last button could do nothing."""
    note: str = ""
    """What else a tester should know."""


class Page(Struct, frozen=True, kw_only=True):
    """One page as it is to be written."""

    template: str
    """A path below `emulator/pages/templates` or `emulator/providers`."""
    title: str
    language: str
    """BCP 47 tag; its first part chooses the words that all pages share."""
    provider: str
    """Name of the provider for people, at the foot of the page."""
    hue: str
    """Colour of buttons and links: one of `indigo`, `teal`, `blue`, `green`, `violet`."""
    shop: str = ""
    """Who is paid, at the head of the page; the provider if nobody is named."""
    languages: tuple[Language, ...] = ()
    """Those that the payer may choose from."""
    changes: bool = False
    """Whether the order can still change, so that the page checks every few seconds what has become of it."""
    refreshes_without_script: bool = True
    """Whether the whole page is reloaded if scripts are off, which loses what was typed."""
    look_again_at: str = ""
    """The path that it checks."""
    strip: Strip | None = None
    values: Mapping[str, Any] = {}
    """What else the template shows."""


def make_message(
    provider: str, hue: str, heading: str, *texts: str, kind: str = "over", language: str = "en", title: str = "",
    shop: str = "", **values: Any,
) -> Page:  # fmt: skip
    """A page that has one thing to say: heading and texts, in the shape and colour of `kind`. `title`: empty if it is
    the heading; `values`: what else the template `message.html` takes, such as `id` and `link`."""
    return Page(
        template="message.html",
        title=title or heading,
        language=language,
        provider=provider,
        hue=hue,
        shop=shop,
        values={"kind": kind, "heading": heading, "texts": texts, **values},
    )


def write_page(page: Page, status: int = 200, headers: tuple[tuple[str, str], ...] = ()) -> Reply:
    """The page as an answer that is not cached."""
    common = COMMON_WORDS[language_of(page.language, tuple(COMMON_WORDS), "en")]
    template = _environment().get_template(page.template)
    text = template.render(page=page, common=common, refresh_s=_REFRESH_S, **page.values)
    scripts, styles = (_asset("page.js"),), (_style(),)
    return Reply(status, text.encode(), HTML_TYPE, (_NO_STORE, *headers), scripts=scripts, styles=styles)


def wants_page(call: Call) -> bool:
    """Whether a person asks for a page; a program says that it takes JSON and no page."""
    accepted = call.header("accept") or ""
    is_page = call.endpoint is not None and call.endpoint.page
    return is_page and ("application/json" not in accepted or "text/html" in accepted)


def write_redirect(status: int, location: str) -> Reply:
    """Sends the browser to another address, which must be one that a header can carry."""
    return Reply(status, b"", HTML_TYPE, (("Location", location), _NO_STORE))


@lru_cache(maxsize=4)
def _asset(name: str) -> str:
    return (_FOLDER / name).read_text("utf-8").strip()


def read_tokens() -> str:
    """The colours of all pages, including the emulator's own, as CSS."""
    return _asset("tokens.css")


@lru_cache(maxsize=1)
def _style() -> str:
    return f"{read_tokens()}\n{_asset('page.css')}"


@lru_cache(maxsize=1)
def _environment() -> "Environment":
    from jinja2 import Environment, FileSystemLoader, StrictUndefined

    folders = (_FOLDER / "templates", _FOLDER.parent / "providers")
    environment = Environment(
        loader=FileSystemLoader(folders), autoescape=True, undefined=StrictUndefined, trim_blocks=True,
        lstrip_blocks=True, auto_reload=False,
    )  # fmt: skip
    environment.globals.update(style=_style(), script=_asset("page.js"), qr_code=draw_qr_code)
    environment.filters.update(
        day=write_day, duration=write_duration, instant=format_instant, minute=write_minute, number=write_number
    )
    return environment

"""The front door's pages, for people. Plain HTML, no script, nothing from elsewhere."""

from collections.abc import Iterable, Mapping
from html import escape

_HEAD = (
    "<!doctype html><html lang=en><meta charset=utf-8><meta name=viewport content='width=device-width'>"
    "<style>body{font:16px/1.5 system-ui,sans-serif;margin:3rem auto;max-width:60rem;padding:0 1rem}"
    "th,td{text-align:left;vertical-align:top;padding:.15rem 1.5rem .15rem 0}code{font-size:.95em}</style>"
)


def index_page(urls: Mapping[str, str], control: str) -> str:
    """Where everything is."""
    rows = "".join(f"<tr><th>{escape(name)}<td><code>{escape(url)}</code>" for name, url in urls.items())
    return (
        f"{_HEAD}<title>Payment provider emulator</title><h1>Payment provider emulator</h1>"
        "<p>Point a client of one of these providers at its base URL:"
        f"<table>{rows}<tr><th>control API<td><code>{escape(control)}</code></table>"
        "<p><a href=_emulator/docs>What the control API can do</a>"
    )


def docs_page(calls: Iterable[tuple[str, str, str]], providers: Iterable[str]) -> str:
    """The control API's calls, and where the OpenAPI documents are."""
    rows = "".join(f"<tr><td><code>{method} {escape(path)}</code><td>{escape(about)}" for method, path, about in calls)
    documents = ", ".join(f"<a href=openapi/{name}.json>{escape(name)}</a>" for name in providers)
    return (
        f"{_HEAD}<title>Control API</title><h1>Control API</h1><p>JSON, under <code>/_emulator</code>."
        f"<p>OpenAPI documents: <a href=openapi.json>control API</a>, {documents}."
        f"<table>{rows}</table>"
    )

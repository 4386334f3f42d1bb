"""The page that lists what the control API can do. Plain HTML, no script, nothing from elsewhere."""

import re
from collections.abc import Iterable
from html import escape

_HEAD = (
    "<!doctype html><html lang=en><meta charset=utf-8>"
    "<meta name=viewport content='width=device-width, initial-scale=1'>"
    "<style>body{font:16px/1.5 system-ui,sans-serif;margin:0;padding:2rem 1rem;background:#f3f4f6;color:#111827}"
    "main{max-width:64rem;margin:auto;background:#fff;border-radius:12px;padding:1.5rem 2rem 2rem;"
    "box-shadow:0 1px 4px #0002}h1{font-size:1.5rem}a{color:#1d4ed8}table{border-collapse:collapse;width:100%}"
    "th,td{text-align:left;vertical-align:top;padding:.35rem 1.5rem .35rem 0;border-top:1px solid #e5e7eb}"
    "th{font-weight:600;white-space:nowrap}code{font-size:.9em;overflow-wrap:anywhere}"
    "@media(max-width:45rem){main{padding:1rem}th,td{display:block;padding:.5rem 0 0}"
    "th~td,td~td{border:0;padding:0 0 .5rem}}</style>"
)
_QUOTED = re.compile(r"`([^`]*)`")


def docs_page(
    calls: Iterable[tuple[str, str, str]], providers: Iterable[str], facts: Iterable[tuple[str, ...]] = ()
) -> str:
    """The control API's calls, where the OpenAPI documents are, and what a file of the user's own says: provider, kind,
    name, mark, and where it is from."""
    rows = "".join(f"<tr><td><code>{method} {escape(path)}</code><td>{_prose(about)}" for method, path, about in calls)
    documents = ", ".join(f"<a href=openapi/{name}.json>{escape(name)}</a>" for name in providers)
    return (
        f"{_HEAD}<title>Control API</title><main><h1>Control API</h1><p>JSON, under <code>/_emulator</code>."
        f"<p>OpenAPI documents: <a href=openapi.json>control API</a>, {documents}."
        f"<table>{rows}</table>{_facts(facts)}</main>"
    )


def _facts(facts: Iterable[tuple[str, ...]]) -> str:
    rows = "".join("<tr>" + "".join(f"<td>{escape(each)}" for each in fact) for fact in facts)
    return f"<h2>Known by a file of your own</h2><table>{rows}</table>" if rows else ""


def _prose(text: str) -> str:
    """A text with `code` in backquotes, as HTML."""
    return _QUOTED.sub(r"<code>\1</code>", escape(text))

"""Turns pages that are written for a code host into pages of a site, as `mkdocs.yml` alone cannot.

README, contributing and changelog become pages, too. A link to any other file of the repository becomes a link to
`REPOSITORY_URL`, or, without that variable, plain text. The words after a block's language are for the tests, and are
dropped.
"""

import os
import posixpath
import re
from pathlib import Path
from typing import Any

from markdown import Extension, Markdown
from merm import render_diagram  # type: ignore[import-untyped]
from mkdocs.config.defaults import MkDocsConfig
from mkdocs.structure.files import File, Files
from mkdocs.structure.pages import Page

ROOT = Path(__file__).parent.parent
PAGES = {"README.md": "index.md", "CONTRIBUTING.md": "contributing.md", "CHANGELOG.md": "changelog.md"}
"""Files outside docs/ -> pages of the site."""
_SOURCES = {page: source for source, page in PAGES.items()}
_FENCE = re.compile(r"(^```.*?^```$)", re.MULTILINE | re.DOTALL)
_WORDS = re.compile(r"\A```(\w+).*")
_DRAWING = "```mermaid\n"
_TO_ITSELF = re.compile(r"^ *(\S+) --> \1:.*\n", re.MULTILINE)
"""Transitions from a status to itself, left out of the drawing; the tables below it list them."""
_LINK = re.compile(r"\[((?:[^\[\]]|\[[^\]]*\])*)\]\(([^)\s]+)\)")


class TwoSpaces(Extension):
    """Nested lists are indented by two spaces, as on a code host."""

    def extendMarkdown(self, md: Markdown) -> None:
        """Called by Markdown, before all other extensions, because it rebuilds the list parsers."""
        md.tab_length = 2
        md.build_parser()


def on_config(config: MkDocsConfig) -> MkDocsConfig:
    """Called by MkDocs."""
    config.markdown_extensions.insert(0, TwoSpaces())  # type: ignore[arg-type]
    return config


def on_files(files: Files, *, config: MkDocsConfig) -> Files:
    """Called by MkDocs."""
    for source, page in PAGES.items():
        files.append(File.generated(config, page, content=(ROOT / source).read_text("utf-8")))
    return files


def on_page_markdown(markdown: str, *, page: Page, **_: Any) -> str:
    """Called by MkDocs."""
    source = _SOURCES.get(page.file.src_uri, f"docs/{page.file.src_uri}")
    parts = _FENCE.split(markdown)
    parts[::2] = [write_links(source, part) for part in parts[::2]]
    parts[1::2] = [write_block(part) for part in parts[1::2]]
    return "".join(parts)


def write_block(block: str) -> str:
    """A fenced block as the site needs it; a Mermaid diagram becomes a drawing."""
    if not block.startswith(_DRAWING):
        return _WORDS.sub(r"```\1", block)
    svg = render_diagram(_TO_ITSELF.sub("", block.removeprefix(_DRAWING).removesuffix("```")))
    return f'<figure class="life-cycle" style="overflow-x: auto">{svg.replace(chr(10), "")}</figure>'


def write_links(source: str, text: str) -> str:
    """Text between blocks, with links and pictures as the site needs them."""
    if source in PAGES:
        text = text.replace('="docs/', '="')
    return _LINK.sub(lambda found: write_link(source, *found.groups()), text)


def write_link(source: str, text: str, target: str) -> str:
    """A link in a file of the repository, as the site needs it."""
    path, mark, anchor = target.partition("#")
    if not path or "://" in path:
        return f"[{text}]({target})"
    there = posixpath.normpath(posixpath.join(posixpath.dirname(source), path))
    page = PAGES.get(there, there.removeprefix("docs/"))
    if there in PAGES or (there.startswith("docs/") and (ROOT / there).is_file()):
        here = PAGES.get(source, source.removeprefix("docs/"))
        return f"[{text}]({posixpath.relpath(page, posixpath.dirname(here) or '.')}{mark}{anchor})"
    repository = os.environ.get("REPOSITORY_URL", "").rstrip("/")
    return f"[{text}]({repository}/blob/main/{there})" if repository else text

"""The documentation as a site: complete, without dead links, and loading nothing from elsewhere."""

import os
import re
import subprocess
from html.parser import HTMLParser
from pathlib import Path

import pytest

from scripts.site_hooks import write_link
from tests.test_docs import PAGES, ROOT
from tests.tools import path_of

LOADS = {"script": "src", "img": "src", "link": "href", "iframe": "src", "source": "srcset"}
"""Elements that make a browser ask for something, and by which attribute."""
_LIMIT_S = 60


class Document(HTMLParser):
    """What a page links to and loads, and where its anchors are."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.links: list[str] = []
        self.loaded: list[str] = []
        self.anchors: set[str] = set()
        self.feed(text)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        found = {name: value or "" for name, value in attrs}
        self.anchors |= {found[name] for name in ("id", "name") if name in found}
        if tag == "a" and "href" in found:
            self.links.append(found["href"])
        if tag in LOADS and found.get("rel") != "canonical" and LOADS[tag] in found:
            self.loaded.append(found[LOADS[tag]])


def make_site(folder: Path, repository: str) -> dict[Path, Document]:
    """The pages of the site, by their paths."""
    done = subprocess.run(
        [path_of("mkdocs"), "build", "--strict", "--site-dir", str(folder)],
        cwd=ROOT, env=os.environ | {"REPOSITORY_URL": repository},
        stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, timeout=_LIMIT_S,
    )  # fmt: skip
    assert done.returncode == 0, done.stdout
    return {path: Document(path.read_text("utf-8")) for path in folder.rglob("*.html")}


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> dict[Path, Document]:
    """The site, with links into a repository."""
    return make_site(tmp_path_factory.mktemp("site"), "https://code.example/emulator")


def test_every_page_is_on_the_site(site: dict[Path, Document]) -> None:
    names = {"README": "index", "CONTRIBUTING": "contributing", "CHANGELOG": "changelog"}
    wanted = {
        f"{names[path.stem]}.html" if path.parent == ROOT else f"{path.relative_to(ROOT / 'docs').with_suffix('.html')}"
        for path in PAGES
    }
    [root] = {path.parent for path in site if path.name == "index.html"}
    assert {str(path.relative_to(root)) for path in site} == wanted | {"404.html"}


def test_every_link_leads_somewhere(site: dict[Path, Document]) -> None:
    lost = []
    for path, document in site.items():
        if path.name == "404.html":
            continue  # it can be anywhere, so that its links begin at the root
        for link in document.links:
            there, _, anchor = link.partition("#")
            if "://" in there:
                continue
            target = (path.parent / there).resolve() if there else path
            if target not in site or (anchor and anchor not in site[target].anchors):
                lost.append(f"{path.name}: {link}")
    assert lost == []


def test_every_picture_and_script_is_on_the_site(site: dict[Path, Document]) -> None:
    wanted = [(path, address) for path, page in site.items() if path.name != "404.html" for address in page.loaded]
    assert any(address.endswith(".webp") for _, address in wanted)
    assert [address for path, address in wanted if not (path.parent / address.partition("?")[0]).is_file()] == []


def test_links_to_other_files_lead_into_the_repository(site: dict[Path, Document]) -> None:
    into = "https://code.example/emulator/blob/main/"
    files = {link.removeprefix(into) for page in site.values() for link in page.links if link.startswith(into)}
    assert len(files) > 50
    assert [path for path in files if not (ROOT / path).exists()] == []


def test_nothing_is_loaded_from_elsewhere(site: dict[Path, Document]) -> None:
    loaded = {address for document in site.values() for address in document.loaded}
    assert loaded
    assert [address for address in loaded if re.match(r"\w+:|//", address) and not address.startswith("data:")] == []
    [root] = {path.parent for path in site if path.name == "index.html"}
    for style in root.rglob("*.css"):
        assert re.findall(r"(?:@import|url\()\s*[\"']?(?:https?:)?//", style.read_text("utf-8")) == []


def test_life_cycles_are_drawn(site: dict[Path, Document]) -> None:
    for provider in (path for path in site if path.parent.name == "providers"):
        assert provider.read_text("utf-8").count('<figure class="life-cycle" style="overflow-x: auto"><svg') >= 1


def test_without_a_repository_url_a_link_to_a_file_is_plain_text(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("REPOSITORY_URL", raising=False)
    assert write_link("docs/tour.md", "examples", "../examples") == "examples"
    assert write_link("docs/providers/koywe.md", "it", "../koywe.md#x") == "[it](../koywe.md#x)"
    assert write_link("README.md", "changes", "CHANGELOG.md") == "[changes](changelog.md)"

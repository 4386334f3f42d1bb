"""The pictures in the docs: they exist, are small, have descriptions, and are all shown."""

import re
from pathlib import Path

ROOT = Path(__file__).parents[1]
PAGES = (ROOT / "README.md", *(ROOT / "docs").rglob("*.md"))
MOST_BYTES = 150_000
_SHOWN = re.compile(r"!\[([^\]]*)\]\(([^)]+)\)|<img src=\"([^\"]+)\"[^>]* alt=\"([^\"]*)\"|srcset=\"([^\"]+)\"")


def shown() -> dict[Path, list[str]]:
    """File of each picture -> what is said in its place; the one for dark screens has the words of the other."""
    found: dict[Path, list[str]] = {}
    for page in PAGES:
        for words, path, source, said, other in _SHOWN.findall(page.read_text("utf-8")):
            told = words or said or ("as the other" if other else "")
            found.setdefault((page.parent / (path or source or other)).resolve(), []).append(told)
    return found


def test_every_picture_exists_is_small_and_is_shown() -> None:
    kept = {path.resolve() for path in (ROOT / "docs" / "pictures").iterdir()}
    assert kept == set(shown())
    assert len(kept) >= 4
    for path in kept:
        content = path.read_bytes()
        assert content[:4] == b"RIFF" and content[8:12] == b"WEBP", path
        assert len(content) <= MOST_BYTES, path


def test_every_picture_has_a_description() -> None:
    assert [path for path, words in shown().items() if min(map(len, words)) < 12 and words != ["as the other"]] == []

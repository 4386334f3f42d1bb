"""Makes the links and pictures of README.md absolute, because package registries show it without its repository.

    python scripts/absolute_links.py https://code.example/account/payment-provider-emulator v0.1.0

The workflow `release` runs it before it builds the package; in a clone the links stay relative.
"""

import re
import sys
from pathlib import Path

README = Path(__file__).resolve().parent.parent / "README.md"
_LINK = re.compile(r"(?<=\]\()(?!\w+:|#)([^)\s]+)(?=\))")
_PICTURE = re.compile(r'(?<=src="|set=")(?!\w+:)[^"]+')


def make_absolute(text: str, repository: str, revision: str) -> str:
    """The text with links to pages and pictures of this revision of the repository."""
    text = _LINK.sub(rf"{repository}/blob/{revision}/\1", text)
    return _PICTURE.sub(lambda found: f"{repository}/raw/{revision}/{found[0]}", text)


if __name__ == "__main__":
    README.write_text(make_absolute(README.read_text("utf-8"), *sys.argv[1:]), "utf-8")

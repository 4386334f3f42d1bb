"""The page of limits says what the constants say."""

import importlib
import re
from pathlib import Path

PAGE = Path(__file__).parent.parent / "docs" / "limits.md"
ROW = re.compile(r"^\| (?P<what>.+?) \| (?P<most>[\d,]+) \| .+ \| `(?P<name>emulator\.[\w.]+)` \|$", re.MULTILINE)
NAMED = re.compile(r"^(?:MAX|KEPT)_[A-Z_]+(?:: Final(?:\[int\])?)? = ", re.MULTILINE)


def rows() -> dict[str, int]:
    """The number of each row under the heading Inside, by the name of its constant."""
    text = PAGE.read_text("utf-8").partition("\n## Inside\n")[2].partition("\n## ")[0]
    found = {row["name"]: int(row["most"].replace(",", "")) for row in ROW.finditer(text)}
    assert len(found) == text.count("\n| ") - 2
    return found


def constant(name: str) -> int:
    module, _, attribute = name.rpartition(".")
    value: int = getattr(importlib.import_module(module), attribute)
    return value


def test_every_number_of_the_page_is_that_of_its_constant() -> None:
    found = rows()
    assert len(found) > 15
    assert {name: constant(name) for name in found} == found


def test_every_bound_inside_is_on_the_page() -> None:
    root, text = PAGE.parent.parent, PAGE.read_text("utf-8")
    named = set()
    for path in (root / "emulator").rglob("*.py"):
        module = ".".join(path.relative_to(root).with_suffix("").parts)
        if not module.startswith("emulator.web") and path.name != "settings.py":
            for found in NAMED.finditer(path.read_text("utf-8")):
                named.add(f"{module}.{re.split('[: ]', found[0])[0]}")
    assert len(named) > 12
    assert [name for name in sorted(named) if f"`{name}`" not in text] == []

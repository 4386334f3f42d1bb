"""The page about limits says what the code does."""

import re
from collections.abc import Iterator
from importlib import import_module
from pathlib import Path

import pytest
from msgspec.structs import fields

from emulator.web.limits import Limits

ROOT = Path(__file__).parent.parent
PAGE = (ROOT / "docs" / "limits.md").read_text("utf-8")
UNITS = {
    "": 1, "KiB": 2**10, "MiB": 2**20, "GiB": 2**30,
    "ms": 1, "s": 1000, "min": 60_000, "h": 3_600_000, "d": 86_400_000,
}  # fmt: skip
"""Bytes, or milliseconds."""
ROW = re.compile(
    r"^\| (?P<what>[^|]+) \| (?P<number>[0-9,]+)(?: (?P<unit>\w+))? \| [^|]+ \| `(?P<constant>[\w.]+)` \|$"
)
ROWS = [line for line in PAGE.splitlines() if line.startswith("| ") and not line.startswith(("| what ", "| --- "))]
_IS_BOUND = re.compile(r"^((?:MAX|KEPT)_[A-Z_]+|[A-Z_]+_LIMIT)\b[^=]*=", re.MULTILINE)


def value_of(constant: str) -> float:
    """In bytes, milliseconds or pieces; a dataclass's field by its default."""
    owner, _, name = constant.rpartition(".")
    found: object
    if owner.rpartition(".")[2][0].isupper():
        module, _, kind = owner.rpartition(".")
        found = {each.name: each.default for each in fields(getattr(import_module(module), kind))}[name]
    else:
        found = getattr(import_module(owner), name)
    assert isinstance(found, (int, float)), constant
    return found * 1000 if name.endswith("_s") else found


def constants() -> Iterator[str]:
    for line in ROWS:
        row = ROW.fullmatch(line)
        assert row is not None, f"not of the form | what | number unit | beyond it | `constant` |: {line}"
        yield row["constant"]


@pytest.mark.parametrize("line", ROWS, ids=lambda line: line.split(" | ")[0].removeprefix("| ")[:60])
def test_a_row_has_the_constant_s_value(line: str) -> None:
    row = ROW.fullmatch(line)
    assert row is not None, "not of the form | what | number unit | beyond it | `constant` |"
    assert int(row["number"].replace(",", "")) * UNITS[row["unit"] or ""] == value_of(row["constant"])


def test_every_limit_has_one_row() -> None:
    told = list(constants())
    assert len(told) == len(set(told))
    for each in fields(Limits):
        assert f"emulator.web.limits.Limits.{each.name}" in told


def test_every_constant_named_like_a_limit_has_a_row() -> None:
    named = [
        f"{'.'.join(path.relative_to(ROOT).with_suffix('').parts)}.{name}"
        for path in sorted((ROOT / "emulator").rglob("*.py"))
        if "providers" not in path.relative_to(ROOT).parts
        for name in _IS_BOUND.findall(path.read_text("utf-8"))
    ]
    assert len(named) >= 8
    assert sorted(set(named) - set(constants())) == [], "give it a row in docs/limits.md"

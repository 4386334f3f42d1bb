"""What is claimed of each provider, line by line, and the tests that prove it: the pages docs/conformance/*.md.

The lines stand in `tests/providers/<name>/conformance.yaml`. A test proves the line whose number its name begins with:
`test_04_...`, or `test_09_and_10_...` for two. Test files are read, not imported.
"""

import ast
import re
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path
from typing import Any

import yaml

from scripts.markdown_parts import ABOUT_MARKS, write_page

ROOT = Path(__file__).resolve().parent.parent
MARKS = ("documented", "observed", "assumed", "ours")
_NUMBERED = re.compile(r"test_(\d+(?:_and_\d+)*)_(.+)")


@dataclass(frozen=True, slots=True)
class Line:
    """One line: its number, what it claims, and the parts of the claim, each a mark and a sentence."""

    number: int
    claim: str
    parts: tuple[tuple[str, str], ...]


@dataclass(frozen=True, slots=True)
class Proof:
    """A test that names the lines which it proves."""

    path: Path
    name: str
    numbers: frozenset[int]

    @property
    def claim(self) -> str:
        """The test's name in words."""
        words = _NUMBERED.sub(r"\2", self.name).replace("_", " ")
        return re.sub(r" s(?= )", "'s", words)


def folder(provider: str) -> Path:
    """Where the tests of a provider are, and its lines."""
    return ROOT / "tests" / "providers" / provider


def read_lines(place: Path) -> list[Line]:
    """The lines of a folder, in their order; raises `ValueError` where one is not of the right form."""
    return [_line(each) for each in yaml.safe_load((place / "conformance.yaml").read_text("utf-8"))]


def _line(document: Any) -> Line:
    match document:
        case {"number": int(number), "claim": str(claim), "parts": [_, *_] as parts, **rest} if not rest:
            return Line(number, claim, tuple(_part(number, part) for part in parts))
    raise ValueError(f"a line has number, claim and parts, not {document!r}")


def _part(number: int, document: Any) -> tuple[str, str]:
    if isinstance(document, dict) and len(document) == 1:
        ((mark, text),) = document.items()
        if mark in MARKS and isinstance(text, str):
            return mark, text
    raise ValueError(f"line {number}: a part is one of {', '.join(MARKS)} with a sentence, not {document!r}")


def read_proofs(place: Path) -> Iterator[Proof]:
    """The tests of a folder that have a number, file by file, in their order."""
    for path in sorted(place.glob("test_*.py")):
        for node in ast.parse(path.read_text("utf-8"), str(path)).body:
            if isinstance(node, ast.FunctionDef) and (found := _NUMBERED.fullmatch(node.name)):
                yield Proof(path, node.name, frozenset(map(int, found[1].split("_and_"))))


def problems(place: Path) -> list[str]:
    """What is not as it should be: numbers out of order, lines without a test, tests without a line."""
    numbers, proofs = [line.number for line in read_lines(place)], list(read_proofs(place))
    proved = {number for proof in proofs for number in proof.numbers}
    found = [f"line {after} stands behind line {before}" for before, after in pairwise(numbers) if after <= before]
    found += [f"line {number} has no test" for number in numbers if number not in proved]
    found += [
        f"{proof.path.name}: {proof.name} has a number without a line"
        for proof in proofs
        if not proof.numbers <= set(numbers)
    ]
    return found


def page(title: str, provider: str) -> str:
    """The page of a provider in Markdown."""
    place = folder(provider)
    proofs = list(read_proofs(place))
    parts = [
        f"# {title}: claims and tests",
        f"<!-- Written by scripts/generate_docs.py from {place.relative_to(ROOT)}: edit the lines and the tests there, "
        "then run it again. -->",
        f"Each numbered claim is followed by the tests that prove it. {ABOUT_MARKS}, *ours* is about the emulator's "
        f"own controls. Reference: [{title}](../providers/{provider}.md).",
    ]
    for line in read_lines(place):
        parts.append(f"## {line.number}. {line.claim}")
        parts.append("\n".join(f"- {text} *({mark})*" for mark, text in line.parts))
        parts.append("\n".join(_proved([proof for proof in proofs if line.number in proof.numbers])))
    return write_page(parts)


def _proved(proofs: list[Proof]) -> Iterator[str]:
    """The tests as a list: each file with a link, and under it what its tests say."""
    yield "Proved by:\n"
    for path in dict.fromkeys(proof.path for proof in proofs):
        yield f"- [{path.name}](../../{path.relative_to(ROOT)})"
        yield from (f"  - {proof.claim}" for proof in proofs if proof.path == path)

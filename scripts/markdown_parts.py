"""Pieces of the generated pages, in Markdown."""

from collections.abc import Iterable, Sequence

ABOUT_MARKS = (
    "*documented* is on a page of the provider, *observed* is what real clients send or rely on, *assumed* is our "
    "choice because nothing is known"
)


def write_page(parts: Iterable[str]) -> str:
    """A page of these paragraphs, tables and headings; empty ones are left out."""
    return "\n\n".join(part for part in parts if part) + "\n"


def write_table(columns: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    """A table; cells may have Markdown in them."""
    lines = [columns, ["---"] * len(columns), *([_cell(cell) for cell in row] for row in rows)]
    return "\n".join(f"| {' | '.join(line)} |" for line in lines)


def _cell(text: str) -> str:
    """A cell in one line, with `<` escaped outside of code."""
    pieces = " ".join(text.replace("|", "\\|").split()).split("`")
    pieces[::2] = [piece.replace("<", "&lt;") for piece in pieces[::2]]
    return "`".join(pieces)

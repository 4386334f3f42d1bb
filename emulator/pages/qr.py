"""QR codes as drawings inside a page."""

from functools import lru_cache

from msgspec import Struct

_QUIET_ZONE = 4
"""Modules around the code that must stay light."""


class QrCode(Struct, frozen=True):
    """A code as an SVG drawing in which a module is one unit: the length of its sides, and the path of what is dark."""

    size: int
    path: str


@lru_cache(maxsize=256)
def draw_qr_code(text: str) -> QrCode:
    """The code that a telephone reads as `text`."""
    import segno

    matrix = segno.make(text, micro=False).matrix
    runs: list[str] = []
    for y, row in enumerate(matrix, _QUIET_ZONE):
        x = 0
        while x < len(row):
            width = next((at for at, module in enumerate(row[x:]) if not module), len(row) - x)
            if width:
                runs.append(f"M{x + _QUIET_ZONE} {y}h{width}v1h-{width}z")
            x += width or 1
    return QrCode(len(matrix) + 2 * _QUIET_ZONE, "".join(runs))

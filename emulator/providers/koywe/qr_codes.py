"""QR codes as the provider hands them out: a PNG in base64. The same text always gives the same bytes.

Observed: that there is no `data:` prefix. Assumed: what the picture shows, its size, and error correction.
"""

from __future__ import annotations

import base64
from functools import lru_cache
from io import BytesIO
from typing import Final

_PIXELS_PER_MODULE: Final = 4
# Any of the eight masks can be read; choosing the best one would take most of the time.
_MASK: Final = 0

PLACEHOLDER: Final = "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAAAAAA6fptVAAAACklEQVR42mNgAAAAAgAB5Sfe/AAAAABJRU5ErkJggg=="
"""A picture of one pixel: enough for clients that only show what they are given."""


@lru_cache(maxsize=1024)
def draw_qr_code(text: str) -> str:
    """Give the picture of a QR code that a telephone reads as `text`, as PNG in base64."""
    import segno  # needed by those alone who make orders with such methods

    picture = BytesIO()
    code = segno.make(text, micro=False, boost_error=False, mask=_MASK)
    code.save(picture, kind="png", scale=_PIXELS_PER_MODULE)
    return base64.b64encode(picture.getvalue()).decode("ascii")

"""The image that a token for card details or for the PIN shows, once: made-up digits, and the word TEST.

Source: https://docs.baanx.com/guides/card/management, seen 2026-11: the image is embedded by its address. Assumed: what
it looks like.
"""

from collections.abc import Mapping
from html import escape
from typing import Literal

from emulator.contract.transaction import Transaction
from emulator.providers.baanx.catalogue import Card
from emulator.providers.baanx.tables import CardImage

_BACKGROUND, _TEXT, _PANEL, _PANEL_TEXT = "#1f2937", "#ffffff", "#ffffff", "#111827"
_WIDTH, _HEIGHT, _LINE = 360, 200, 44


def make_image(
    tx: Transaction, kind: Literal["details", "pin"], card: Card, colours: Mapping[str, str], expires_ms: int
) -> CardImage:
    """What the token of a card is to show. A card's PIN and number are always the same."""
    made_up = tx.chance.apart(f"digits of card {card.id}")
    middle, code, pin = (f"{made_up.below(10**digits):0{digits}d}" for digits in (6, 3, 4))
    if kind == "pin":
        background = colours.get("backgroundColor", _BACKGROUND)
        text = colours.get("textColor", _TEXT)
        return CardImage("pin", (pin,), background, text, background, text, expires_ms)
    number = f"400000{middle}{card.pan_last4}"
    shown = " ".join(number[place : place + 4] for place in range(0, len(number), 4))
    return CardImage(
        "details",
        (shown, f"{card.expiry_date[5:]}/{card.expiry_date[2:4]}  CVV {code}", card.holder_name),
        colours.get("cardBackgroundColor", _BACKGROUND),
        colours.get("cardTextColor", _TEXT),
        colours.get("panBackgroundColor", _PANEL),
        colours.get("panTextColor", _PANEL_TEXT),
        expires_ms,
    )


def write_image(image: CardImage) -> bytes:
    """The image as SVG."""
    first, *others = image.lines
    texts = [(first, image.panel_foreground), *((line, image.foreground) for line in others)]
    lines = "".join(
        f'<text x="20" y="{60 + place * _LINE}" fill="{colour}">{escape(line)}</text>'
        for place, (line, colour) in enumerate(texts)
    )
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" width="{_WIDTH}" height="{_HEIGHT}" font-family="monospace" '
        f'font-size="22" xml:space="preserve"><rect width="100%" height="100%" rx="14" fill="{image.background}"/>'
        f'<rect x="10" y="34" width="{_WIDTH - 20}" height="38" rx="6" fill="{image.panel}"/>{lines}'
        f'<text x="{_WIDTH - 70}" y="{_HEIGHT - 14}" fill="{image.foreground}">TEST</text></svg>'
    ).encode()

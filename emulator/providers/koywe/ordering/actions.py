"""What payers are given to pay with: a link, a QR code, where to send money or coins.

Source: https://docs.koywe.com/en/accepting-payments/payment-methods (seen 2026-11). Observed: that a QR code has no
`data:` prefix. Assumed: the words of `providedActionType` besides QR and PAYMENT_LINK, the forms for SPEI and crypto,
and what a QR code shows, its size and its error correction.
"""

import base64
from collections.abc import Callable, Mapping
from functools import lru_cache
from io import BytesIO
from typing import Any

from emulator.contract.order import Order
from emulator.contract.setting import Settings
from emulator.providers.koywe.access import PAY_PATH
from emulator.providers.koywe.catalogue import CATALOGUE, find_network, find_payment_method
from emulator.providers.koywe.ordering.kinds import OFFRAMP, PAID_ON_PAGE, PAYMENT_LINK

LINK = "PAYMENT_LINK"
QR = "QR"
BANK_DETAILS = "BANK_DETAILS"
CRYPTO_ADDRESS = "CRYPTO_ADDRESS"

_PIXELS_PER_MODULE = 4
# Any of the eight masks can be read; looking for the best one would take most of the time.
_MASK = 0

PLACEHOLDER = "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAAAAAA6fptVAAAACklEQVR42mNgAAAAAgAB5Sfe/AAAAABJRU5ErkJggg=="
"""A picture of one pixel: enough for clients that only show it."""


@lru_cache(maxsize=1024)
def write_qr_code(text: str) -> str:
    """The picture of a QR code that says `text`, as PNG in base64."""
    import segno  # only orders with such methods need it

    picture = BytesIO()
    code = segno.make(text, micro=False, boost_error=False, mask=_MASK)
    code.save(picture, kind="png", scale=_PIXELS_PER_MODULE)
    return base64.b64encode(picture.getvalue()).decode("ascii")


def find_action_type(kind: str, fields: Mapping[str, Any]) -> str | None:
    """What kind of thing a payer is given; None where nobody has to do anything."""
    if kind == OFFRAMP:
        return CRYPTO_ADDRESS
    if kind not in PAID_ON_PAGE:
        return None
    if kind == PAYMENT_LINK:
        return LINK
    method = find_payment_method(fields["originCurrencySymbol"], fields["paymentMethods"][0]["method"])
    return method.response_type if method else LINK


def write_pay_link(order: Order) -> str:
    """The URL of the order's pay page, under the base that its creator used. Assumed: its form."""
    return f"{order.fields['base']}{PAY_PATH}{order.id}"


def _find_deposit_address(settings: Settings, order: Order) -> str | None:
    network = find_network(order.fields["network"])
    return network.deposit_address if network else None


_QR_FORMS: Mapping[str, Callable[[str], str]] = {
    "png_base64": lambda link: PLACEHOLDER,
    "url": lambda link: link,
    "drawn": write_qr_code,
}
ACTIONS: Mapping[str, Callable[[Settings, Order], str | None]] = {
    LINK: lambda settings, order: write_pay_link(order),
    QR: lambda settings, order: _QR_FORMS[settings["qr_form"]](write_pay_link(order)),
    BANK_DETAILS: lambda settings, order: CATALOGUE.spei_clabe,
    CRYPTO_ADDRESS: _find_deposit_address,
}
"""What a payer is given, by its kind."""

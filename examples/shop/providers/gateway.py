"""What the shop knows of every provider: what an order looks like, how a call can end, and how to make one."""

from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal
from enum import StrEnum
from typing import Protocol, TypeVar

import httpx
import msgspec

T = TypeVar("T")

NOT_DONE_YET = frozenset({408, 425, 429})
"""Client errors that say nothing about the request itself: it may succeed later."""
UNAUTHORIZED = 401


class Refused(Exception):
    """The provider itself has refused. Asking again would not help."""

    def __init__(self, error: str, status: int = 0) -> None:
        super().__init__(error)
        self.error = error
        """The provider's word for it."""
        self.status = status
        """The HTTP status."""


class Unclear(Exception):
    """Nobody knows how the call ended: the connection broke, something in front of the provider answered, or the
    provider failed. The order may exist."""


class Forged(Exception):
    """A webhook whose signature is not the provider's."""


class Progress(StrEnum):
    """Where an order stands, whatever the provider's word is."""

    OPEN = "open"
    """It may still be paid, or a payment is not final."""
    PAID = "paid"
    """The money is there."""
    CLOSED = "closed"
    """No payment is expected any more, or the money has gone back. No status is final: it may still change."""


@dataclass(frozen=True)
class Money:
    """An amount in a currency, fiat or crypto."""

    amount: Decimal
    currency: str


@dataclass(frozen=True)
class Look:
    """An order as its provider has just shown it."""

    order_id: str
    """The provider's name of it."""
    status: str
    """The provider's word."""
    progress: Progress
    value: Money | None = None
    """What the customer gets if it is paid. None: the answer does not say, and what was said before holds."""
    pay_at: str | None = None
    """The page, address or code by which the customer pays. None: the answer does not say."""


@dataclass(frozen=True)
class Notice:
    """What a webhook is about. What it says of the order is not looked at: see `Shop.receive`."""

    order_id: str
    reference: str | None = None
    """The shop's own name of the order."""
    event_id: str | None = None
    """The provider's name of the event, the same whenever it is sent again. None: there is none."""


class Gateway(Protocol):
    """A provider, as the shop sees it. Every call raises Unclear if its outcome is unknown."""

    def create(self, reference: str, customer: str, amount: Decimal | None) -> Look:
        """Places an order. Raises Refused. Some providers place a second one for the same reference."""

    def find(self, reference: str) -> Look | None:
        """The order that was placed under this reference; None if there is none, or the provider cannot tell."""

    def read(self, order_id: str) -> Look:
        """The order as it is now."""

    def check(self, headers: Mapping[str, str], body: bytes) -> Notice | None:
        """What a webhook is about; None if about no order. `headers`: names in any case. Raises Forged."""


_encode = msgspec.json.Encoder(decimal_format="number").encode


def write_json(value: object) -> bytes:
    """Compact JSON, in which a Decimal is a number with all its digits."""
    return _encode(value)


def ask(http: httpx.Client, request: httpx.Request, success: type[T], error_member: str) -> T:
    """The body of a success, read as a type, in which money is Decimal and never a float on the way.

    `error_member`: the member that makes a JSON object an error of the provider's own. Without it an answer, whatever
    its status, came from something in front of the provider, and says nothing about the order.
    """
    try:
        answer = http.send(request)
        if answer.is_success:
            return msgspec.json.decode(answer.content, type=success)
        refusal = msgspec.json.decode(answer.content, type=dict[str, object])
    except (httpx.RequestError, msgspec.MsgspecError, UnicodeDecodeError) as error:
        raise Unclear(f"{request.method} {request.url.path}: {error}") from error
    if answer.is_client_error and answer.status_code not in NOT_DONE_YET and error_member in refusal:
        raise Refused(str(refusal[error_member]), answer.status_code)
    raise Unclear(f"{request.method} {request.url.path}: status {answer.status_code}")


def require(look: Look | None, name: str) -> Look:
    """The order, which must exist. Raises Unclear: an order that was placed cannot just be gone."""
    if look is None:
        raise Unclear(f"the provider does not know {name}")
    return look

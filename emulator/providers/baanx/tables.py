"""The types of what a sandbox keeps of Baanx; snapshots are held to them."""

from collections.abc import Iterator
from typing import Annotated, Any, Literal

from msgspec import Meta, Struct

from emulator.contract.card import Call, Shown, Table
from emulator.contract.order import Order
from emulator.core.collection import Collection
from emulator.providers.baanx.catalogue import Card, CardType, VerificationState
from emulator.providers.baanx.wire import write_order

Amount = Annotated[str, Meta(pattern=r"^[0-9]+(\.[0-9]+)?$", max_length=100)]

Family = Literal["login", "oauth", "oauth2"]


class OrderFields(Struct, frozen=True):
    """The fields of an order."""

    request_id: str
    product: str
    region: str
    amount: Amount
    address: str
    currency: str
    chain_id: str
    token_symbol: str
    token_address: str
    card_type: CardType | None
    paid: Annotated[str, Meta(pattern=r"^-?[0-9.]+(E[+-]?[0-9]+)?$", max_length=100)] = "0"
    paid_ms: int = 0
    seen: bool = False
    page: str = ""
    tx_hash: str = ""
    note: str = ""


class Token(Struct, frozen=True):
    """A bearer or refresh token that was issued."""

    user: str
    """The word that names the user."""
    generation: int
    """The user's when it was issued; in no other is it valid."""
    expires_ms: int
    family: Family = "login"
    """How it was got: by a login, or by one of the two ways of OAuth."""
    grant: str = ""
    """What the tokens of one consent have in common."""
    scope: str = ""


class EndedToken(Struct, frozen=True):
    """A ready token that was ended by a logout."""

    user: str


class Code(Struct, frozen=True):
    """An authorization code, which a user's consent yields."""

    user: str
    redirect_uri: str
    code_challenge: str
    expires_ms: int
    family: Family = "oauth"
    scope: str = ""


class SentCode(Struct, frozen=True):
    """A one-time code that was sent."""

    code: str
    expires_ms: int


class CardImage(Struct, frozen=True):
    """What a token for an image of a card shows, once."""

    kind: Literal["details", "pin"]
    lines: tuple[str, ...]
    background: str
    foreground: str
    panel: str
    """The colour behind the digits."""
    panel_foreground: str
    expires_ms: int


class WebhookEndpoint(Struct, frozen=True):
    """A webhook endpoint of the partner. `old_key` is the one before the last rotation."""

    name: str
    url: str
    key: str
    old_key: str | None
    event_types: tuple[str, ...]
    is_active: bool
    metadata: dict[str, Any]
    created_ms: int
    updated_ms: int


class WebhookEventRecord(Struct, frozen=True):
    """An event that was raised; its payload is what receivers get. `round`: how often it was sent again by hand."""

    event_id: str
    type: str
    payload: dict[str, Any]
    user_id: str
    created_ms: int
    round: int = 0


class DeliveryFields(Struct, frozen=True):
    """The fields of a delivery: ids of endpoint and event, and in which round of the event it is sent."""

    endpoint: str
    event: str
    round: int


class FailedLogins(Struct, frozen=True):
    """The failed logins in a row of a user."""

    count: int
    last_ms: int


class UserState(Struct, frozen=True, omit_defaults=True):
    """What has happened to a user."""

    completed: dict[str, int] = {}
    """How many COMPLETED orders for a product the user has, by its id."""
    linked: bool = False
    """Whether there was an OAuth grant."""
    generation: int = 0
    """How often the user's tokens were made invalid."""
    verification: VerificationState | None = None
    """What the command `change_verification` has set; None: what the catalogue and settings say."""
    has_own_card: bool = False
    """Whether the card is the one below; if not, it is the one of the catalogue and settings."""
    card: Card | None = None


def _show_order(call: Call, order_id: str, order: Order) -> Iterator[Shown]:
    from emulator.providers.baanx.pay_page.view import make_pay_page

    yield "order", write_order(call, order)
    yield "", make_pay_page(call, order, "page")


TOKENS = Collection("baanx.tokens", Token)
REFRESH_TOKENS = Collection("baanx.refresh-tokens", Token)
ENDED_TOKENS = Collection("baanx.ended-tokens", EndedToken)
CODES = Collection("baanx.codes", Code)
FAILED_LOGINS = Collection("baanx.failed-logins", FailedLogins)
"""By word."""
SENT_CODES = Collection("baanx.sent-codes", SentCode)
"""By the word of the user who is to enter the code."""
USERS = Collection("baanx.users", UserState)
"""By word."""
CARD_IMAGES = Collection("baanx.card-images", CardImage)
WEBHOOK_ENDPOINTS = Collection("baanx.webhook-endpoints", WebhookEndpoint)
WEBHOOK_EVENTS = Collection("baanx.webhook-events", WebhookEventRecord)

ORDERS = Table("orders", OrderFields, _show_order)
TABLES = (
    TOKENS.describe(),
    REFRESH_TOKENS.describe(),
    ENDED_TOKENS.describe(),
    CODES.describe(),
    FAILED_LOGINS.describe(),
    SENT_CODES.describe(),
    USERS.describe(),
    CARD_IMAGES.describe(),
    WEBHOOK_ENDPOINTS.describe(),
    WEBHOOK_EVENTS.describe(),
)

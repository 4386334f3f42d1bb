"""What the provider offers: products and where to pay, users, and the credentials that follow from a sandbox's name.

It is read from `catalogue.json` and never changes; what happens to a user later is kept in the sandbox.

Sources: https://docs.baanx.com/api-reference/order/create, https://docs.baanx.com/api-reference/order/enum-products,
https://docs.baanx.com/api-reference/user/get-user and https://docs.baanx.com/api-reference/card/status, seen 2026-11.
Documented: where to pay, the product PREMIUM_SUBSCRIPTION with its description, the id PRODUCT_ID_ABC, and
the price of 199. Assumed: everything else, all users and cards included.
"""

import re
from collections.abc import Mapping
from decimal import Decimal
from functools import lru_cache
from pathlib import Path
from typing import Any, Literal

import msgspec
from msgspec import Struct
from msgspec.structs import replace

from emulator.core.names import NAME

VerificationState = Literal["UNVERIFIED", "PENDING", "VERIFIED", "REJECTED"]
OnboardingPhase = Literal["ACCOUNT", "PHONE_NUMBER", "PERSONAL_INFORMATION", "PHYSICAL_ADDRESS", "MAILING_ADDRESS"]
SecondFactor = Literal["none", "code", "totp"]
Region = Literal["international", "us"]
CardType = Literal["VIRTUAL", "PHYSICAL", "METAL"]

_PLACE = "{sandbox}"


class _Row(Struct, frozen=True, forbid_unknown_fields=True, rename="camel"):
    """A row of the file: its members in camel case, nothing misspelt, nothing changed after loading."""


class Product(_Row, frozen=True):
    """Something that can be ordered, and where to pay for it. An unlisted product can be ordered all the same."""

    id: str
    description: str
    amount: Decimal
    currency: str = "USD"
    chain_id: str = "59144"
    token: str = "USDC"
    token_address: str = "0x176211869cA2b568f2A7D4EE941E073a821EE1ff"
    destination_address: str | None = None
    """None: the one of the setting `destination_address`, or else a new one for each order."""
    needs_kyc: bool = False
    once_per_user: bool = False
    listed: bool = True
    eligible: bool = True
    card_type: CardType | None = None
    """The type of card that its buyer gets, with the setting `metal_changes_card`."""
    scenario: str | None = None
    """The scenario that its orders follow unless one was chosen."""


class Profile(_Row, frozen=True):
    """The answer of `GET /v1/user`, members in wire order."""

    id: str
    first_name: str
    last_name: str
    date_of_birth: str
    email: str
    verification_state: VerificationState
    phone_number: str
    phone_country_code: str
    address_line1: str
    address_line2: str | None
    city: str
    zip: str
    country_of_residence: str
    country_of_nationality: str
    us_state: str | None
    ssn: str | None
    created_at: str


class Card(_Row, frozen=True):
    """The answer of `GET /v1/card/status`, members in wire order."""

    id: str
    holder_name: str
    expiry_date: str
    pan_last4: str
    status: Literal["ACTIVE", "FROZEN", "BLOCKED"]
    type: CardType
    ordered_at: str


class SeedUser(_Row, frozen=True):
    """A user as a sandbox starts with it. `word` is the part of the e-mail before the `@`, and names the role."""

    word: str
    password: str
    region: Region
    second_factor: SecondFactor
    otp_code: str
    totp_secret: str | None
    phase: OnboardingPhase | None
    can_order: bool
    can_read_card: bool
    disabled: bool
    profile: Profile
    card: Card | None
    external_id: str | None = None
    """What the partner calls the user, in webhooks."""


class ReadyToken(_Row, frozen=True):
    """A bearer token that exists from the start, for the user `word`; it never expires, or always has."""

    token: str
    word: str
    expired: bool


class _Catalogue(_Row, frozen=True):
    products: tuple[Product, ...]
    client_key: str
    ready_tokens: tuple[ReadyToken, ...]
    users: tuple[SeedUser, ...]


_CATALOGUE = msgspec.json.decode(Path(__file__).with_name("catalogue.json").read_bytes(), type=_Catalogue)
_USERS_BY_WORD = {user.word: user for user in _CATALOGUE.users}
_READY_WORDS = [token.token.removesuffix(_PLACE) for token in _CATALOGUE.ready_tokens]
_READY_TOKEN = re.compile(f"(?:{'|'.join(map(re.escape, ['partner-', *_READY_WORDS]))})({NAME.pattern})")
_CLIENT_KEY = re.compile(re.escape(_CATALOGUE.client_key.removesuffix(_PLACE)) + f"({NAME.pattern})")

PRODUCTS = _CATALOGUE.products
"""The products unless the setting `products` names others, in catalogue order."""

USER_WORDS = tuple(_USERS_BY_WORD)
"""The words of all users of a sandbox: `user`, `us`, `otp` and so on."""


def is_eligible(
    product: Product, verification_state: str, has_completed_order: bool, override: bool | None = None
) -> bool:
    """Whether a user may order a product now.

    `has_completed_order` is about this user and this product. An `override` that is not None decides alone.
    Assumed, from the page's remark that the KYC state or an existing subscription makes a product ineligible.
    """
    if override is not None:
        return override
    if not product.eligible:
        return False
    if product.needs_kyc and verification_state != "VERIFIED":
        return False
    return not (product.once_per_user and has_completed_order)


@lru_cache(maxsize=1000)
def client_key(sandbox: str) -> str:
    """The client key of a sandbox, `client-<sandbox>`."""
    return _CATALOGUE.client_key.replace(_PLACE, sandbox)


def find_sandbox_of_client_key(key: str) -> str | None:
    """The name of the sandbox that a well-formed client key belongs to, or None for any other text."""
    found = _CLIENT_KEY.fullmatch(key)
    return found[1] if found else None


@lru_cache(maxsize=1000)
def partner_token(sandbox: str) -> str:
    """The bearer token of the partner itself, `partner-<sandbox>`: for webhook management only."""
    return f"partner-{sandbox}"


def find_sandbox_of_ready_token(token: str) -> str | None:
    """The name of the sandbox that a well-formed ready token, or the partner's, belongs to; None for any other text."""
    found = _READY_TOKEN.fullmatch(token)
    return found[1] if found else None


def list_ready_tokens(sandbox: str) -> tuple[ReadyToken, ...]:
    """The bearer tokens that a sandbox starts with, such as `user-<sandbox>`."""
    return tuple(replace(token, token=token.token.replace(_PLACE, sandbox)) for token in _CATALOGUE.ready_tokens)


def find_ready_token(sandbox: str, token: str) -> ReadyToken | None:
    """The ready token of this sandbox with exactly this text, or None."""
    return _ready_tokens_by_text(sandbox).get(token)


@lru_cache(maxsize=1000)
def _ready_tokens_by_text(sandbox: str) -> Mapping[str, ReadyToken]:
    return {ready.token: ready for ready in list_ready_tokens(sandbox)}


def list_seed_users(sandbox: str) -> tuple[SeedUser, ...]:
    """All users that a sandbox starts with; their e-mails are `<word>@<sandbox>.test`."""
    return tuple(_instantiate(user, sandbox) for user in _CATALOGUE.users)


@lru_cache(maxsize=1000)
def find_seed_user(sandbox: str, word: str) -> SeedUser | None:
    """The user of a sandbox whose word this is, or None."""
    template = _USERS_BY_WORD.get(word)
    return None if template is None else _instantiate(template, sandbox)


def is_same_email(left: str, right: str) -> bool:
    """Whether two e-mail addresses name one user. Assumed: case does not count."""
    return left.casefold() == right.casefold()


def change_user(user: SeedUser, changes: Mapping[str, Any]) -> SeedUser:
    """The user with other values for some members, named as in the file; those of `profile` stand among them.

    `card` may name some members, the rest being those of the user's card or of a usual one; None takes the card away.
    Raises msgspec.ValidationError for values that a user cannot have.
    """
    document = msgspec.to_builtins(user)
    for name, value in changes.items():
        if name == "card":
            document[name] = None if value is None else (document[name] or _find_any_card(user.profile)) | value
        elif name in document["profile"]:
            document["profile"][name] = value
        elif name in document:
            document[name] = value
    return msgspec.convert(document, SeedUser)


def _find_any_card(profile: Profile) -> Any:
    sample = next(user.card for user in _CATALOGUE.users if user.card is not None)
    return msgspec.to_builtins(replace(sample, holder_name=f"{profile.first_name} {profile.last_name}".upper()))


def _instantiate(template: SeedUser, sandbox: str) -> SeedUser:
    email = template.profile.email.replace(_PLACE, sandbox)
    return replace(template, profile=replace(template.profile, email=email))

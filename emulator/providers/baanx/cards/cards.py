"""The card of a user as it is now: the catalogue's, as settings, calls and purchases have changed it.

If a call and a setting change the same card, the later one wins.

Sources: https://docs.baanx.com/api-reference/card/status and https://docs.baanx.com/api-reference/card/order, seen
2026-11. Assumed: what a new card is like.
"""

from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

from msgspec.structs import replace

from emulator.contract.setting import Settings
from emulator.contract.transaction import Transaction
from emulator.core.durations import format_instant
from emulator.providers.baanx import catalogue, wire
from emulator.providers.baanx.accounts.profile import find_person
from emulator.providers.baanx.accounts.users import User, change_card, change_verification, find_user
from emulator.providers.baanx.catalogue import Card, CardType
from emulator.providers.baanx.webhook_endpoints.events import CARD_ACTIVATED, raise_event

_CARD_ID_DIGITS = 18
_YEARS_VALID = 4


def find_card(tx: Transaction, user: User) -> Card | None:
    """The card that the user has now."""
    return user.state.card if user.state.has_own_card else find_person(tx, user).card


def make_card(tx: Transaction, user: User, card_type: CardType) -> Card:
    """A new active card for a user, not yet kept."""
    profile = find_person(tx, user).profile
    today = datetime.fromtimestamp(tx.now_ms // 1000, UTC)
    return Card(
        id=str(tx.chance.below(10**_CARD_ID_DIGITS)).zfill(_CARD_ID_DIGITS),
        holder_name=f"{profile.first_name} {profile.last_name}".upper(),
        expiry_date=f"{today.year + _YEARS_VALID:04d}/{today.month:02d}",
        pan_last4=f"{tx.chance.below(10_000):04d}",
        status="ACTIVE",
        type=card_type,
        ordered_at=format_instant(tx.now_ms),
    )


def give_card(tx: Transaction, word: str, card_type: CardType) -> None:
    """Makes the user's card one of this type, or gives a user without one a new card; raises card.activated."""
    user = find_user(tx, word)
    if user is None:
        return
    before = find_card(tx, user)
    card = make_card(tx, user, card_type) if before is None else replace(before, type=card_type)
    change_card(tx, word, card)
    announce_card(tx, user, before, card)


def announce_card(tx: Transaction, user: User, before: Card | None, card: Card) -> None:
    """Raises card.activated."""
    old: dict[str, Any] = {"status": None} if before is None else {"status": before.status, "type": before.type}
    new = {"status": card.status, "type": card.type}
    changes = {name: {"before": old[name], "after": new[name]} for name in old if old[name] != new[name]}
    raise_event(
        tx,
        CARD_ACTIVATED,
        user,
        object_id=card.id,
        status=card.status,
        changes=changes or None,
        content=write_card(tx.settings("baanx"), card),
    )


def write_card(settings: Settings, card: Card) -> dict[str, Any]:
    """The card as its holder sees it."""
    body: dict[str, Any] = wire.write_card(card)
    return body | {"isFreezable": card.status != "BLOCKED"} if settings["card_is_freezable"] else body


def take_settings(tx: Transaction, changed: Mapping[str, Any]) -> None:
    """Lets a change of the setting `users` win over what calls and commands have done before."""
    for word, changes in changed.get("users", {}).items():
        user = find_user(tx, word)
        if user is None:
            continue
        if "verificationState" in changes:
            change_verification(tx, word, None)
        if "card" in changes and user.state.has_own_card:
            person = replace(find_person(tx, user), card=user.state.card)
            change_card(tx, word, catalogue.change_user(person, {"card": changes["card"]}).card)

"""The users of a sandbox as they are now: the catalogue's, as settings have changed them, and what they have done.

Sources: https://docs.baanx.com/api-reference/user/get-user and
https://docs.baanx.com/api-reference/order/enum-products, seen 2026-11.
"""

from collections.abc import Mapping
from typing import Any

from msgspec import Struct
from msgspec.structs import replace

from emulator.contract.transaction import Transaction
from emulator.providers.baanx import catalogue
from emulator.providers.baanx.tables import USERS, UserState

_NOTHING_DONE = UserState()


class User(Struct, frozen=True):
    """A user at this moment."""

    seed: catalogue.SeedUser
    """With the changes of the setting `users`."""
    unchanged: catalogue.SeedUser
    """Without them."""
    eligible: Mapping[str, bool]
    """Products whose eligibility the setting `users` decides."""
    state: UserState
    """What the user has done."""

    @property
    def word(self) -> str:
        """What names the user within the sandbox: the part of the seeded e-mail before the @."""
        return self.seed.word

    def is_eligible(self, product: catalogue.Product) -> bool:
        """Whether the user may order the product now."""
        verification = self.seed.profile.verification_state
        has_completed_order = product.id in self.state.completed
        return catalogue.is_eligible(product, verification, has_completed_order, self.eligible.get(product.id))


def find_user(tx: Transaction, word: str) -> User | None:
    """The user of the sandbox with this word."""
    seed = catalogue.find_seed_user(tx.sandbox_name, word)
    if seed is None:
        return None
    changes: dict[str, Any] = tx.settings("baanx")["users"].get(word, {})
    state = USERS.find(tx, word) or _NOTHING_DONE
    verified = {"verificationState": state.verification} if state.verification is not None else {}
    return User(
        seed=catalogue.change_user(seed, changes | verified) if changes or verified else seed,
        unchanged=seed,
        eligible=changes.get("eligible", {}),
        state=state,
    )


def find_user_by_email(tx: Transaction, email: str) -> User | None:
    """The user who signs in with this e-mail; case does not count."""
    users = (find_user(tx, word) for word in catalogue.USER_WORDS)
    return next((user for user in users if user and catalogue.is_same_email(user.seed.profile.email, email)), None)


def find_user_by_id(tx: Transaction, user_id: str) -> User | None:
    """The user with this id."""
    users = (find_user(tx, word) for word in catalogue.USER_WORDS)
    return next((user for user in users if user and user.seed.profile.id == user_id), None)


def add_completed(tx: Transaction, word: str, product_id: str) -> None:
    """Remembers a COMPLETED order for a product."""
    state = read_state(tx, word)
    count = state.completed.get(product_id, 0) + 1
    USERS.put(tx, word, replace(state, completed=state.completed | {product_id: count}))


def remove_completed(tx: Transaction, word: str, product_id: str) -> None:
    """Forgets one such order, which is no longer COMPLETED."""
    state = read_state(tx, word)
    left = {each: count - (each == product_id) for each, count in state.completed.items()}
    USERS.put(tx, word, replace(state, completed={each: count for each, count in left.items() if count}))


def expire_tokens(tx: Transaction, word: str) -> None:
    """Makes all bearer tokens that the user has so far invalid, including those that never expire."""
    state = read_state(tx, word)
    USERS.put(tx, word, replace(state, generation=state.generation + 1))


def link_user(tx: Transaction, word: str) -> None:
    """Remembers that the user has granted OAuth access."""
    USERS.put(tx, word, replace(read_state(tx, word), linked=True))


def unlink_user(tx: Transaction, word: str) -> None:
    """Remembers that the user no longer has an OAuth grant."""
    USERS.put(tx, word, replace(read_state(tx, word), linked=False))


def change_verification(tx: Transaction, word: str, verification: catalogue.VerificationState | None) -> None:
    """Sets the state of the user's identity check; None: as the catalogue and settings say."""
    USERS.put(tx, word, replace(read_state(tx, word), verification=verification))


def change_card(tx: Transaction, word: str, card: catalogue.Card | None) -> None:
    """Gives the user this card in place of any other, or takes it away."""
    USERS.put(tx, word, replace(read_state(tx, word), has_own_card=True, card=card))


def read_state(tx: Transaction, word: str) -> UserState:
    """What has happened to the user so far."""
    return USERS.find(tx, word) or _NOTHING_DONE

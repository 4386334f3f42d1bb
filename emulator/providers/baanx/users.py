"""The users of a sandbox as they are now: the catalogue's, as settings have changed them, and what they have done.

Sources: https://docs.baanx.com/api-reference/user/get-user and
https://docs.baanx.com/api-reference/order/enum-products, seen 2026-11.
"""

from collections.abc import Mapping
from typing import Any

from msgspec import Struct

from emulator.core.call import Call
from emulator.core.transaction import Transaction
from emulator.providers.baanx import catalogue

USERS = "baanx.users"
"""Table of what has happened to users, by their word: `completed` (ids of products), `linked` and `generation`."""


class User(Struct, frozen=True):
    """A user at this moment."""

    seed: catalogue.SeedUser
    """With the changes of the setting `users`."""
    unchanged: catalogue.SeedUser
    """Without them."""
    eligible: Mapping[str, bool]
    """Products whose eligibility the setting `users` decides."""
    generation: int
    """How often the user's tokens were made invalid; a token is good in the generation that it was issued in."""
    completed: tuple[str, ...]
    """Ids of the once-per-user products that the user has COMPLETED orders for, one entry per order."""
    is_linked: bool
    """Whether there was an OAuth grant."""

    @property
    def word(self) -> str:
        """What names the user within the sandbox: the part of the seeded e-mail before the @."""
        return self.seed.word

    def is_eligible(self, product: catalogue.Product) -> bool:
        """Whether the user may order the product now."""
        state = self.seed.profile.verification_state
        return catalogue.is_eligible(product, state, product.id in self.completed, self.eligible.get(product.id))


def find_user(call: Call, word: str) -> User | None:
    """The user of the sandbox with this word."""
    seed = catalogue.find_seed_user(call.tx.sandbox_name, word)
    if seed is None:
        return None
    done = call.tx.get(USERS, word) or {}
    changes: dict[str, Any] | None = call.settings["users"].get(word)
    return User(
        seed=catalogue.change_user(seed, changes) if changes else seed,
        unchanged=seed,
        eligible=changes.get("eligible", {}) if changes else {},
        generation=done.get("generation", 0),
        completed=tuple(done.get("completed", ())),
        is_linked=done.get("linked", False),
    )


def find_user_by_email(call: Call, email: str) -> User | None:
    """The user who signs in with this e-mail; case does not count."""
    users = (find_user(call, word) for word in catalogue.USER_WORDS)
    return next((user for user in users if user and catalogue.same_email(user.seed.profile.email, email)), None)


def find_user_by_id(call: Call, user_id: str) -> User | None:
    """The user with this id."""
    users = (find_user(call, word) for word in catalogue.USER_WORDS)
    return next((user for user in users if user and user.seed.profile.id == user_id), None)


def add_completed(tx: Transaction, word: str, product_id: str) -> None:
    """Remembers a COMPLETED order for a product that each user can have once."""
    done = tx.get(USERS, word) or {}
    tx.put(USERS, word, done | {"completed": [*done.get("completed", ()), product_id]})


def remove_completed(tx: Transaction, word: str, product_id: str) -> None:
    """Forgets one such order, which is no longer COMPLETED."""
    done = tx.get(USERS, word) or {}
    completed = list(done.get("completed", ()))
    if product_id in completed:
        completed.remove(product_id)
        tx.put(USERS, word, done | {"completed": completed})


def expire_tokens(tx: Transaction, word: str) -> None:
    """Makes all bearer tokens that the user has so far invalid, those too that never expire."""
    done = tx.get(USERS, word) or {}
    tx.put(USERS, word, done | {"generation": done.get("generation", 0) + 1})


def link(tx: Transaction, word: str) -> None:
    """Remembers that the user has granted OAuth access."""
    tx.put(USERS, word, (tx.get(USERS, word) or {}) | {"linked": True})

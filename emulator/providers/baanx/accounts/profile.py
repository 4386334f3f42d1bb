"""What the signed-in user may read of themselves.

Names, birthdays and addresses follow from the sandbox's seed, except for the first user, whom the examples of the
schemas show; everything else, such as permissions and verification, is the catalogue's. Assumed: all people.

Source: https://docs.baanx.com/api-reference/user/get-user, seen 2026-11.
"""

from functools import lru_cache
from hashlib import sha256
from typing import Any

from msgspec.structs import replace

from emulator.contract.card import Call
from emulator.contract.reply import Reply
from emulator.contract.transaction import Transaction
from emulator.providers.baanx import catalogue, wire
from emulator.providers.baanx.accounts.users import User

_SHOWN_IN_EXAMPLES = "user"
_LOCALES = {"GB": "en_GB", "US": "en_US"}
_OLDEST, _YOUNGEST = 75, 21


def get_user(call: Call) -> Reply:
    """`GET /v1/user`: 200 with the profile."""
    return wire.write_answer(call, wire.write_profile(find_person(call.tx, call.caller).profile))


def find_person(tx: Transaction, user: User) -> catalogue.SeedUser:
    """A user with name and address, as changed by the setting `users`."""
    person = make_person(user.unchanged, tx.seed)
    changes: dict[str, Any] = tx.settings("baanx")["users"].get(user.word, {})
    if user.state.verification is not None:
        changes = changes | {"verificationState": user.state.verification}
    return catalogue.change_user(person, changes) if changes else person


@lru_cache(maxsize=1000)
def make_person(user: catalogue.SeedUser, seed: str) -> catalogue.SeedUser:
    """A user of the catalogue with name, birthday and address; always the same for the same seed."""
    if user.word == _SHOWN_IN_EXAMPLES:
        return user
    from faker import Faker  # slow to import, and needed only where users are shown

    person = Faker(_LOCALES[user.profile.country_of_residence])
    person.seed_instance(int.from_bytes(sha256(f"{seed}|{user.word}".encode()).digest()[:8]))
    first_name, last_name = person.first_name(), person.last_name()
    years = person.random_int(_YOUNGEST, _OLDEST)
    birthday = f"{2025 - years}-{person.random_int(1, 12):02d}-{person.random_int(1, 28):02d}"
    profile = replace(
        user.profile,
        first_name=first_name,
        last_name=last_name,
        date_of_birth=birthday,
        address_line1=person.street_address().replace("\n", ", "),
        city=person.city(),
        zip=person.postcode(),
    )
    card = user.card and replace(user.card, holder_name=f"{first_name} {last_name}".upper())
    return replace(user, profile=profile, card=card)

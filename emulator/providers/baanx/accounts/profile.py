"""What the signed-in user may read of themselves: the profile and the card.

Names, birthdays and addresses are made from the sandbox's seed, but for the first user, whom the examples of the
schemas show; everything else, such as permissions and verification, is the catalogue's. Assumed: all people, as nobody
knows the provider's real users.

Sources: https://docs.baanx.com/api-reference/user/get-user and https://docs.baanx.com/api-reference/card/status, seen
2026-11.
"""

from functools import lru_cache
from hashlib import sha256

from msgspec.structs import replace

from emulator.contract.card import Call
from emulator.contract.reply import Refusal, Reply
from emulator.providers.baanx import catalogue, wire

_METAL_PRODUCT = "METAL_CARD"
_SHOWN_IN_EXAMPLES = "user"
_LOCALES = {"GB": "en_GB", "US": "en_US"}
_OLDEST, _YOUNGEST = 75, 21


def get_user(call: Call) -> Reply:
    """`GET /v1/user`: 200 with the profile."""
    return wire.write_answer(call, 200, wire.write_profile(_person(call).profile))


def get_card_status(call: Call) -> Reply:
    """`GET /v1/card/status`: 200 with the card. Refuses with `card_not_found`."""
    user = call.caller
    card = _person(call).card
    if card is None:
        raise Refusal("card_not_found", f"the user {user.word} has no card")
    body = wire.write_card(card)
    if call.settings["metal_changes_card"] and _METAL_PRODUCT in user.state.completed:
        body["type"] = "METAL"
    return wire.write_answer(call, 200, body)


def _person(call: Call) -> catalogue.SeedUser:
    """The signed-in user with name and address; what the setting `users` says of them counts."""
    person = make_person(call.caller.unchanged, call.tx.seed)
    changes = call.settings["users"].get(call.caller.word)
    return catalogue.change_user(person, changes) if changes else person


@lru_cache(maxsize=1000)
def make_person(user: catalogue.SeedUser, seed: str) -> catalogue.SeedUser:
    """A user of the catalogue with name, birthday and address; always the same for the same seed."""
    if user.word == _SHOWN_IN_EXAMPLES:
        return user
    from faker import Faker  # takes long to import, and only those who look at users need it

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

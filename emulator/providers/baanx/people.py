"""People for the users of a sandbox: names, birthdays and addresses, made from the sandbox's seed.

The first user is the one that the examples of the schemas show, and stays as it is. Everything else about a user, such
as permissions and verification, is the catalogue's. Assumed: all of it, as nobody knows the provider's real users.
"""

from functools import lru_cache
from hashlib import sha256

from msgspec.structs import replace

from emulator.providers.baanx.catalogue import SeedUser

_SHOWN_IN_EXAMPLES = "user"
_LOCALES = {"GB": "en_GB", "US": "en_US"}
_OLDEST, _YOUNGEST = 75, 21


@lru_cache(maxsize=1000)
def introduce(user: SeedUser, seed: str) -> SeedUser:
    """A user of the catalogue as a person; the same seed always gives the same one."""
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

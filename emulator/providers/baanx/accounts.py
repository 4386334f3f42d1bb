"""What the signed-in user may read of themselves: the profile and the card. Changes nothing.

Sources: https://docs.baanx.com/api-reference/user/get-user and https://docs.baanx.com/api-reference/card/status, seen
2026-11.
"""

from emulator.core.call import Call
from emulator.core.provider import Refusal, Reply
from emulator.providers.baanx import answers, catalogue, people

_METAL_PRODUCT = "METAL_CARD"


def get_user(call: Call) -> Reply:
    """`GET /v1/user`: 200 with the profile."""
    return answers.json_answer(call, 200, catalogue.profile_body(_person(call).profile))


def get_card_status(call: Call) -> Reply:
    """`GET /v1/card/status`: 200 with the card. Refuses with `card_not_found`."""
    user = call.caller
    card = _person(call).card
    if card is None:
        raise Refusal("card_not_found", f"the user {user.word} has no card")
    body = catalogue.card_body(card)
    if call.settings["metal_changes_card"] and _METAL_PRODUCT in user.completed:
        body["type"] = "METAL"
    return answers.json_answer(call, 200, body)


def _person(call: Call) -> catalogue.SeedUser:
    """The signed-in user with name and address; what the setting `users` says of them counts."""
    person = people.introduce(call.caller.unchanged, call.tx.seed)
    changes = call.settings["users"].get(call.caller.word)
    return catalogue.change_user(person, changes) if changes else person

"""The calls about the user's card.

Sources: https://docs.baanx.com/api-reference/card/status, https://docs.baanx.com/api-reference/card/order,
https://docs.baanx.com/api-reference/card/freeze, https://docs.baanx.com/api-reference/card/unfreeze,
https://docs.baanx.com/api-reference/card/details-token and https://docs.baanx.com/api-reference/card/pin-token, seen
2026-11. Assumed: the texts of 422, and the answers about a blocked card.
"""

from typing import Any, Literal
from urllib.parse import urlencode

from msgspec.structs import replace

from emulator.contract.card import Call
from emulator.contract.reply import Refusal, Reply
from emulator.contract.schemas import Violation
from emulator.core.durations import format_duration
from emulator.core.origin import DEFAULT
from emulator.providers.baanx import catalogue, wire
from emulator.providers.baanx.accounts.users import change_card
from emulator.providers.baanx.cards import cards, images
from emulator.providers.baanx.oauth.consent import NO_STORE
from emulator.providers.baanx.oauth.parameters import read_query
from emulator.providers.baanx.tables import CARD_IMAGES

KEPT_IMAGES = 10_000
IMAGE_LIFETIME_S = 600
"""Documented as about ten minutes."""
_SUCCESS = {"success": True}


def get_card_status(call: Call) -> Reply:
    """`GET /v1/card/status`: 200 with the card. Refuses with `card_not_found`."""
    return wire.write_answer(call, cards.write_card(call.settings, _require_card(call)))


def order_card(call: Call) -> Reply:
    """`POST /v1/card/order`: 200, and the card is there at once. Refuses with `validation`, `malformed_json`,
    `not_verified`, `card_exists`."""
    wire.require_object(call)
    wire.require_valid(call, "order-card.request", wire.word_choice)
    user = call.caller
    if user.seed.profile.verification_state != "VERIFIED":
        raise Refusal("not_verified", f"{user.word} is {user.seed.profile.verification_state}")
    if cards.find_card(call.tx, user) is not None:
        raise Refusal("card_exists", f"{user.word} has a card")
    card = cards.make_card(call.tx, user, call.body["type"])
    change_card(call.tx, user.word, card)
    cards.announce_card(call.tx, user, None, card)
    return wire.write_answer(call, _SUCCESS)


def freeze_card(call: Call) -> Reply:
    """`POST /v1/card/freeze`: 200, and the card is FROZEN. Refuses with `card_not_found`, `card_blocked`,
    `card_frozen`."""
    return _turn_card(call, "FROZEN", "card_frozen")


def unfreeze_card(call: Call) -> Reply:
    """`POST /v1/card/unfreeze`: 200, and the card is ACTIVE. Refuses with `card_not_found`, `card_blocked`,
    `card_not_frozen`."""
    return _turn_card(call, "ACTIVE", "card_not_frozen")


def create_details_token(call: Call) -> Reply:
    """`POST /v1/card/details/token`: 200 with the address of an image of the card. Refuses with `validation`,
    `malformed_json`, `card_not_found`, `card_blocked`."""
    return _create_token(call, "details", "create-card-details-token.request")


def create_pin_token(call: Call) -> Reply:
    """`POST /v1/card/pin/token`: 200 with the address of an image of the PIN. Refuses with `validation`,
    `malformed_json`, `card_not_found`, `card_blocked`."""
    return _create_token(call, "pin", "create-card-pin-token.request")


def get_card_image(call: Call) -> Reply:
    """`GET /details-image?token=...`: 200 with the image, once; HEAD does not count. Refuses with `image_not_found`."""
    token = read_query(call.request).get("token", "")
    image = CARD_IMAGES.find(call.tx, token)
    if image is None or call.tx.now_ms >= image.expires_ms:
        lives = format_duration(IMAGE_LIFETIME_S * 1000)
        raise Refusal("image_not_found", f"no such token, or it was used, or is older than {lives}")
    if call.request.method != "HEAD":
        CARD_IMAGES.remove(call.tx, token)
    return Reply(200, images.write_image(image), "image/svg+xml", (NO_STORE,))


def _require_card(call: Call) -> catalogue.Card:
    card = cards.find_card(call.tx, call.caller)
    if card is None:
        raise Refusal("card_not_found", f"the user {call.caller.word} has no card")
    return card


def _require_usable_card(call: Call) -> catalogue.Card:
    card = _require_card(call)
    if card.status == "BLOCKED":
        raise Refusal("card_blocked", f"the card of {call.caller.word} is blocked")
    return card


def _turn_card(call: Call, status: Literal["ACTIVE", "FROZEN"], refusal: str) -> Reply:
    card = _require_usable_card(call)
    if card.status == status:
        raise Refusal(refusal, f"the card of {call.caller.word} is {status}")
    change_card(call.tx, call.caller.word, replace(card, status=status))
    return wire.write_answer(call, _SUCCESS)


def _create_token(call: Call, kind: Literal["details", "pin"], schema: str) -> Reply:
    if call.request.body:
        wire.require_object(call)
        wire.require_valid(call, schema, _word_colours)
    else:
        call.body = {}
    card = _require_usable_card(call)
    token = call.tx.chance.uuid()
    expires_ms = call.tx.now_ms + IMAGE_LIFETIME_S * 1000
    image = images.make_image(call.tx, kind, card, call.body.get("customCss", {}), expires_ms)
    call.tx.put_passing(CARD_IMAGES.table, token, image, KEPT_IMAGES, lambda each: call.tx.now_ms >= each["expires_ms"])
    query = {"token": token}
    if call.tx.sandbox_name != DEFAULT:
        query["client_id"] = catalogue.client_key(call.tx.sandbox_name)  # browsers ask for images without headers
    url = f"{call.base_url}/details-image?{urlencode(query)}"
    return wire.write_answer(call, {"token": token, "imageUrl": url})


def _word_colours(violation: Violation, value: Any) -> str:
    name = ".".join(map(str, violation.path))
    return f"{name} must be an object" if len(violation.path) == 1 else f"{name} must be a hex colour"

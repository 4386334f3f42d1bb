"""The webhooks in a file: recorded ones with the bytes of their bodies, or a file that is itself a body."""

from collections.abc import Mapping
from io import BytesIO
from typing import NamedTuple

from emulator.contract.card import Provider
from emulator.core import json_text
from emulator.core.suggestion import use_one_of
from emulator.files.recorded_traffic import UnreadableRecord, read_recording
from emulator.traffic.bodies import FORM_TYPE, read_body
from emulator.traffic.matching import match
from emulator.traffic.messages import judge_webhook
from emulator.traffic.recorded import Message, Recorded


class Captured(NamedTuple):
    """A webhook to be sent again."""

    provider: str
    body: bytes


def read_captured(providers: Mapping[str, Provider], octets: bytes, provider: str = "") -> list[Captured]:
    """The webhooks in a file with these bytes, each once. `provider`: whose they are, if nothing in the file says so.
    Raises ValueError, which says what is missing."""
    try:
        recorded = [*read_recording(BytesIO(octets))]
    except UnreadableRecord:  # then it is the body itself
        return [Captured(provider or _find_provider(providers, octets), octets)]
    found = [each for each in (_read_webhook(providers, each, provider) for each in recorded) if each is not None]
    if not found:
        raise ValueError("no webhook is recorded here: give its body alone, or a record of it")
    return [*dict.fromkeys(found)]


def _read_webhook(providers: Mapping[str, Provider], recorded: Recorded, provider: str) -> Captured | None:
    found = match(providers, recorded, provider)
    if found is not None and found.is_webhook:
        return Captured(found.provider.name, _sent_bytes(recorded))
    if recorded.is_webhook:
        body = _sent_bytes(recorded)
        return Captured(_find_provider(providers, body), body)
    return None


def _sent_bytes(recorded: Recorded) -> bytes:
    """The body as it was sent; a body that was recorded as JSON is written compactly. Raises ValueError."""
    message = recorded.request
    if message.octets:
        return message.octets
    if message.body.form == "json":
        return json_text.encode(message.body.value)
    raise ValueError(f"{recorded.place}: the body was not recorded")


def _find_provider(providers: Mapping[str, Provider], octets: bytes) -> str:
    """The provider whose webhooks have such a body. Raises ValueError if it is not clear which."""
    fitting = [name for name, card in providers.items() if card.webhooks is not None and _fits(card, octets)]
    if len(fitting) != 1:
        named = use_one_of("", fitting or list(providers))
        raise ValueError(f"its body does not show whose webhook this is: name the provider with --provider ({named})")
    return fitting[0]


def _fits(provider: Provider, octets: bytes) -> bool:
    bodies = (read_body(octets), read_body(octets, FORM_TYPE))
    return any(
        body.form in ("json", "form") and body.value and not judge_webhook(provider, Message(body=body))[1]
        for body in bodies
    )

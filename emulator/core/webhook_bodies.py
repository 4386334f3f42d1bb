"""Bodies of webhooks: compact JSON, or the same JSON in other legal bytes."""

from typing import Any

from emulator.contract.delivery import Delivery
from emulator.contract.webhooks import FORMS
from emulator.core import json_text
from emulator.core.faults import re_encode


def write_body(delivery: Delivery, value: Any, forms: tuple[str, ...] = FORMS) -> bytes:
    """A value as compact JSON, or in other bytes if the fault `re-encode` asks for that."""
    asked = asked_forms(delivery, forms)
    return json_text.encode(value) if not asked else _rewritten(value, asked).encode()


def asked_forms(delivery: Delivery, forms: tuple[str, ...]) -> tuple[str, ...]:
    """The forms in which to write the body of the present attempt, out of `forms`; empty: as usual."""
    if delivery.fault_now != re_encode.FAULT.name:
        return ()
    return (delivery.form,) if delivery.form else forms


def _rewritten(value: Any, forms: tuple[str, ...]) -> str:
    comma, colon = (", ", ": ") if "spaced" in forms else (",", ":")
    if isinstance(value, dict):
        members = [f"{_rewritten(name, forms)}{colon}{_rewritten(member, forms)}" for name, member in value.items()]
        return "{" + comma.join(reversed(members) if "reordered" in forms else members) + "}"
    if isinstance(value, list):
        return "[" + comma.join(_rewritten(item, forms) for item in value) + "]"
    text = json_text.encode(value).decode()
    if not isinstance(value, str):
        return text
    if "ascii" in forms:
        return '"' + "".join(map(_escaped, value)) + '"'
    return text.replace("/", "\\/") if "slashes" in forms else text


def _escaped(character: str) -> str:
    if character.isascii() and (character.isalnum() or character == " "):
        return character
    units = character.encode("utf-16-be")
    return "".join(f"\\u{units[place] << 8 | units[place + 1]:04x}" for place in range(0, len(units), 2))

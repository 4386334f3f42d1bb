"""The fields of a contact: telephone numbers, split names, and what makes two contacts the same person.

Source: https://docs.koywe.com/core-concepts/contacts-and-bank-accounts (seen 2026-11). Observed: that wrong telephone
numbers and repeated contacts are refused. Assumed: how all of it is computed.
"""

import re

_PHONE = re.compile(r"\+[1-9][0-9]{7,14}")
_PHONE_IGNORED = re.compile(r"[ -]")


def normalize_phone(phone: str) -> str:
    """The form in which two numbers are compared: without spaces and hyphens."""
    return _PHONE_IGNORED.sub("", phone)


def is_phone(phone: str) -> bool:
    """Whether the number is international: `+`, no leading zero, 8 to 15 digits."""
    return _PHONE.fullmatch(normalize_phone(phone)) is not None


def normalize_email(email: str) -> str:
    """The form in which two addresses are compared: without difference of case."""
    return email.casefold()


def split_full_name(full_name: str) -> tuple[str, str | None]:
    """First and last name of the older `fullName`, cut at its first space; without one there is no last name."""
    first, _, last = full_name.strip(" ").partition(" ")
    return first, last.strip(" ") or None


def join_full_name(first_name: str, last_name: str | None) -> str:
    """The `fullName` of an answer."""
    return first_name if last_name is None else f"{first_name} {last_name}"


def default_contact_type(business_type: str) -> str:
    """The `type` of a contact that was sent in the older form: `PERSON`, or `BUSINESS` for a `COMPANY`."""
    return "BUSINESS" if business_type == "COMPANY" else "PERSON"

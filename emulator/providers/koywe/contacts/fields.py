"""What a contact's own fields mean: telephone numbers, split names, when two contacts are the same person.

Pure: it has the keys by which contacts are compared, and never searches for them.

Source: https://docs.koywe.com/core-concepts/contacts-and-bank-accounts (seen 2026-11). Assumed: everything that is
computed here; only that bad telephones and repeated contacts are refused was observed.
"""

import re

_PHONE = re.compile(r"\+[1-9][0-9]{7,14}")
_PHONE_IGNORED = re.compile(r"[ -]")


def normalize_phone(phone: str) -> str:
    """The number without spaces and hyphens: the form in which two numbers are compared."""
    return _PHONE_IGNORED.sub("", phone)


def is_phone(phone: str) -> bool:
    """Whether the number is international: `+`, no leading zero, 8 to 15 digits."""
    return _PHONE.fullmatch(normalize_phone(phone)) is not None


def normalize_email(email: str) -> str:
    """The form in which two addresses are compared: letter case does not matter."""
    return email.casefold()


def split_full_name(full_name: str) -> tuple[str, str | None]:
    """First and last name of the older `fullName`: cut at its first space, no last name without one."""
    first, _, last = full_name.strip(" ").partition(" ")
    return first, last.strip(" ") or None


def join_full_name(first_name: str, last_name: str | None) -> str:
    """The `fullName` of an answer."""
    return first_name if last_name is None else f"{first_name} {last_name}"


def default_contact_type(business_type: str) -> str:
    """The `type` of a contact that was sent in the older form: `PERSON`, or `BUSINESS` for a `COMPANY`."""
    return "BUSINESS" if business_type == "COMPANY" else "PERSON"

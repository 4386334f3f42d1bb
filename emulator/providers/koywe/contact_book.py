"""The merchants' contacts: keeping them, and the calls about them.

What the fields of a contact mean is in `contacts` and `documents`.

Source: https://docs.koywe.com/core-concepts/contacts-and-bank-accounts (seen 2026-11). Assumed: paths of the calls on
one contact; that a change is judged as a whole, that is with what stays as it was.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from functools import lru_cache
from typing import Any, Final

from msgspec import Struct, convert

from emulator.core.call import Call
from emulator.core.provider import Reply
from emulator.core.schema import Schema
from emulator.core.transaction import Transaction
from emulator.core.wording import shown
from emulator.providers.koywe import errors
from emulator.providers.koywe.bodies import (
    give,
    give_created,
    give_nothing,
    read_body,
    read_query,
    require_shape,
    without_nulls,
)
from emulator.providers.koywe.catalogue import SeedContact
from emulator.providers.koywe.contacts import (
    default_contact_type,
    join_full_name,
    normalize_email,
    normalize_phone,
    phone_fits,
    split_full_name,
)
from emulator.providers.koywe.documents import CITIZEN_CARD_ALIAS, document_fits
from emulator.providers.koywe.identifiers import ID_RANDOM_BYTES, make_id
from emulator.providers.koywe.moments import print_moment
from emulator.providers.koywe.refusals import refuse
from emulator.providers.koywe.validation import allow_enum_value
from emulator.providers.koywe.webhook_events import raise_event

CONTACTS: Final = "koywe.contacts"

_CREATE: Final = "create-contact.request"
_LONGEST_LIST: Final = 100
_FIELDS: Final = (
    "firstName",
    "countrySymbol",
    "businessType",
    "type",
    "lastName",
    "email",
    "phone",
    "documentType",
    "documentNumber",
    "address",
    "taxIdType",
    "taxIdNumber",
)
_ADDRESS_FIELDS: Final = ("street", "city", "state", "zipCode", "country")


class Contact(Struct, omit_defaults=True):
    """A contact; `fields` are its members as on the wire, without those that have no value."""

    merchant: str
    fields: dict[str, Any]
    created_ms: int
    updated_ms: int


def find_contact(tx: Transaction, contact_id: str, merchant_id: str) -> Contact | None:
    """Give a contact of the merchant."""
    document = tx.get(CONTACTS, contact_id)
    if document is None or document["merchant"] != merchant_id:
        return None
    return convert(document, Contact)


def require_contact(call: Call, contact_id: str) -> Contact:
    """Give a contact of the caller's merchant. Refuses with `CT90001`."""
    contact = find_contact(call.tx, contact_id, call.caller.merchant_id)
    if contact is None:
        raise refuse(errors.CONTACT_NOT_FOUND, f"the merchant has no contact {contact_id!r}")
    return contact


def keep_seed_contact(tx: Transaction, merchant_id: str, seed: SeedContact) -> None:
    """Keep one of the contacts that a sandbox starts with."""
    fields = {
        "firstName": seed.first_name,
        "countrySymbol": seed.country_symbol,
        "businessType": seed.business_type,
        "type": seed.type,
        "lastName": seed.last_name,
        "email": seed.email,
        "phone": seed.phone,
        "documentType": seed.document_type,
        "documentNumber": seed.document_number,
    }
    tx.put(CONTACTS, seed.id, Contact(merchant_id, fields, tx.now_ms, tx.now_ms))


# -- calls


def create_contact(call: Call) -> Reply:
    """`POST M/contacts`: the contact. Refuses with `CT00012`, `DC00010`, `CT00007`."""
    fields = _named(read_body(call, _schema(call, _CREATE)))
    fields.setdefault("type", default_contact_type(fields["businessType"]))
    contact = Contact(call.caller.merchant_id, without_nulls(fields), call.tx.now_ms, call.tx.now_ms)
    _require_good(call, contact, "")
    contact_id = make_id("contact", call.tx.chance.octets(ID_RANDOM_BYTES))
    call.tx.put(CONTACTS, contact_id, contact)
    _tell(call.tx, "contact.created", contact_id, contact)
    return give_created(call, _body(contact_id, contact))


def list_contacts(call: Call) -> Reply:
    """`GET M/contacts`: the newest contacts, 100 at most."""
    size = int(read_query(call).get("pageSize", _LONGEST_LIST))
    found = list(_list_of_merchant(call.tx, call.caller.merchant_id))[::-1][:size]
    return give(call, {"contacts": [_body(contact_id, contact) for contact_id, contact in found]})


def get_contact(call: Call) -> Reply:
    """`GET M/contacts/{contactId}`: the contact. Refuses with `CT90001`."""
    contact_id = call.parameters["contact_id"]
    return give(call, _body(contact_id, require_contact(call, contact_id)))


def update_contact(call: Call) -> Reply:
    """`PUT M/contacts/{contactId}`: the contact with what was sent changed. Refuses with `CT90001`, `CT00012`,
    `DC00010`, `CT00007`."""
    contact_id = call.parameters["contact_id"]
    changed = _named(read_body(call, _schema(call, "update-contact.request")))
    contact = require_contact(call, contact_id)
    contact.fields = without_nulls(contact.fields | changed)
    require_shape(call, _schema(call, _CREATE), contact.fields)
    contact.updated_ms = call.tx.now_ms
    _require_good(call, contact, contact_id)
    call.tx.put(CONTACTS, contact_id, contact)
    _tell(call.tx, "contact.updated", contact_id, contact)
    return give(call, _body(contact_id, contact))


def delete_contact(call: Call) -> Reply:
    """`DELETE M/contacts/{contactId}`: nothing. Refuses with `CT90001`."""
    contact_id = call.parameters["contact_id"]
    contact = require_contact(call, contact_id)
    call.tx.forget(CONTACTS, contact_id)
    _tell(call.tx, "contact.deleted", contact_id, contact)
    return give_nothing()


# -- inside


def _tell(tx: Transaction, event: str, contact_id: str, contact: Contact) -> None:
    fields = contact.fields
    data = {"email": fields.get("email"), "phone": fields.get("phone"), "country_symbol": fields["countrySymbol"]}
    raise_event(tx, event, contact.merchant, ("contact", contact_id), data)


@lru_cache(maxsize=8)
def _with_citizen_card(name: str, schema: Schema) -> Schema:
    return Schema(allow_enum_value(schema.document, "documentType", CITIZEN_CARD_ALIAS))


def _schema(call: Call, name: str) -> Schema:
    schema = call.provider.schemas[name]
    return _with_citizen_card(name, schema) if call.settings["document_type_cc"] == "accept" else schema


def _named(body: Mapping[str, Any]) -> dict[str, Any]:
    """The contact's own members; an older `fullName` as first and last name (or none) where those are not given."""
    fields = {name: body[name] for name in _FIELDS if name in body}
    if "fullName" in body:
        first, last = split_full_name(body["fullName"])
        fields = {"firstName": first, "lastName": last} | fields
    if "address" in fields:
        fields["address"] = {name: fields["address"].get(name) for name in _ADDRESS_FIELDS}
    return fields


def _require_good(call: Call, contact: Contact, contact_id: str) -> None:
    fields = contact.fields
    phone, email = fields.get("phone"), fields.get("email")
    if phone is not None and not phone_fits(phone):
        raise refuse(errors.INVALID_PHONE, f"/phone: not + and 8 to 15 digits, got {shown(phone)}")
    kind, number = fields.get("documentType"), fields.get("documentNumber")
    if kind is not None and number is not None and not document_fits(kind, number):
        raise refuse(
            errors.INVALID_DOCUMENT, f"/documentNumber: {shown(number)} has not the form or check digit of a {kind}"
        )
    for other_id, other in _list_of_merchant(call.tx, contact.merchant):
        if other_id == contact_id:
            continue
        held_email, held_phone = other.fields.get("email"), other.fields.get("phone")
        same_email = email and held_email and normalize_email(email) == normalize_email(held_email)
        same_phone = phone and held_phone and normalize_phone(phone) == normalize_phone(held_phone)
        if same_email or same_phone:
            raise refuse(
                errors.CONTACT_EXISTS,
                f"{other_id} has the same {'e-mail' if same_email else 'phone'}",
            )


def _list_of_merchant(tx: Transaction, merchant_id: str) -> Iterator[tuple[str, Contact]]:
    for contact_id, document in tx.scan(CONTACTS):
        if document["merchant"] == merchant_id:
            yield contact_id, convert(document, Contact)


def _body(contact_id: str, contact: Contact) -> dict[str, Any]:
    fields = contact.fields
    return {
        "id": contact_id,
        "merchantId": contact.merchant,
        **{name: fields.get(name) for name in _FIELDS},
        "fullName": join_full_name(fields["firstName"], fields.get("lastName")),
        "createdAt": print_moment(contact.created_ms),
        "updatedAt": print_moment(contact.updated_ms),
    }

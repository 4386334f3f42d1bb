"""The merchants' contacts.

Source: https://docs.koywe.com/core-concepts/contacts-and-bank-accounts (seen 2026-11). Assumed: the paths of the calls
on one contact, and that a change is checked together with what it leaves as it was.
"""

from collections.abc import Mapping
from functools import lru_cache
from typing import Any

from msgspec import Struct, to_builtins

from emulator.contract import schemas
from emulator.contract.card import Call
from emulator.contract.reply import Refusal, Reply
from emulator.contract.transaction import Transaction
from emulator.core.schema import Schema
from emulator.core.wording import shown
from emulator.providers.koywe.catalogue import SeedContact
from emulator.providers.koywe.collection import OwnedCollection
from emulator.providers.koywe.contacts.documents import CITIZEN_CARD_ALIAS, is_document
from emulator.providers.koywe.contacts.fields import (
    default_contact_type,
    is_phone,
    join_full_name,
    normalize_email,
    normalize_phone,
    split_full_name,
)
from emulator.providers.koywe.formats.dialects import read_setting
from emulator.providers.koywe.formats.moments import write_moment
from emulator.providers.koywe.formats.validation import allow_enum_value
from emulator.providers.koywe.webhook_endpoints.events import raise_event
from emulator.providers.koywe.wire import (
    read_body,
    read_query,
    require_shape,
    without_nulls,
    write_answer,
    write_created,
    write_nothing,
)

_CREATE = "create-contact.request"
_LONGEST_LIST = 100
_FIELDS = (
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
_ADDRESS_FIELDS = ("street", "city", "state", "zipCode", "country")


class Contact(Struct, omit_defaults=True):
    """A contact; `fields`: its members as on the wire, without those that have no value."""

    merchant: str
    fields: dict[str, Any]
    created_ms: int
    updated_ms: int


CONTACTS = OwnedCollection("koywe.contacts", Contact, "contact")


def keep_seed_contact(tx: Transaction, merchant_id: str, seed: SeedContact) -> None:
    """Keeps one of the contacts that a sandbox starts with."""
    fields = {name: value for name, value in to_builtins(seed).items() if name != "id"}
    CONTACTS.put(tx, seed.id, Contact(merchant_id, fields, tx.now_ms, tx.now_ms))


# -- calls


def create_contact(call: Call) -> Reply:
    """`POST M/contacts`: the contact. Refuses with `CT00012`, `DC00010`, `CT00007`."""
    fields = _read_fields(read_body(call, _find_schema(call, _CREATE)))
    fields.setdefault("type", default_contact_type(fields["businessType"]))
    contact = Contact(call.caller.merchant_id, without_nulls(fields), call.tx.now_ms, call.tx.now_ms)
    _require_valid(call, contact, "")
    contact_id = CONTACTS.add(call.tx, contact)
    _tell(call.tx, "contact.created", contact_id, contact)
    return write_created(call, _write_contact(contact_id, contact))


def list_contacts(call: Call) -> Reply:
    """`GET M/contacts`: the newest contacts, 100 at most. Refuses with `COM90003`."""
    size = int(read_query(call).get("pageSize", _LONGEST_LIST))
    found = list(CONTACTS.scan_of(call.tx, call.caller.merchant_id))[::-1][:size]
    return write_answer(call, {"contacts": [_write_contact(contact_id, contact) for contact_id, contact in found]})


def get_contact(call: Call) -> Reply:
    """`GET M/contacts/{contactId}`: the contact. Refuses with `CT90001`."""
    return write_answer(call, _write_contact(*CONTACTS.require_in_path(call)))


def update_contact(call: Call) -> Reply:
    """`PUT M/contacts/{contactId}`: the changed contact. Refuses with `CT90001`, `CT00012`, `DC00010`, `CT00007`."""
    changed = _read_fields(read_body(call, _find_schema(call, "update-contact.request")))
    contact_id, contact = CONTACTS.require_in_path(call)
    contact.fields = without_nulls(contact.fields | changed)
    require_shape(call, _find_schema(call, _CREATE), contact.fields)
    contact.updated_ms = call.tx.now_ms
    _require_valid(call, contact, contact_id)
    CONTACTS.put(call.tx, contact_id, contact)
    _tell(call.tx, "contact.updated", contact_id, contact)
    return write_answer(call, _write_contact(contact_id, contact))


def delete_contact(call: Call) -> Reply:
    """`DELETE M/contacts/{contactId}`: nothing. Refuses with `CT90001`."""
    contact_id, contact = CONTACTS.require_in_path(call)
    CONTACTS.remove(call.tx, contact_id)
    _tell(call.tx, "contact.deleted", contact_id, contact)
    return write_nothing()


# -- inside


def _tell(tx: Transaction, event: str, contact_id: str, contact: Contact) -> None:
    fields = contact.fields
    data = {"email": fields.get("email"), "phone": fields.get("phone"), "country_symbol": fields["countrySymbol"]}
    raise_event(tx, event, contact.merchant, ("contact", contact_id), data)


@lru_cache(maxsize=8)
def _with_citizen_card(name: str, schema: schemas.Schema) -> Schema:
    return Schema(allow_enum_value(schema.document, "documentType", CITIZEN_CARD_ALIAS))


def _find_schema(call: Call, name: str) -> schemas.Schema:
    schema = call.provider.schemas[name]
    return _with_citizen_card(name, schema) if read_setting(call.settings, "document_type_cc") == "accept" else schema


def _read_fields(body: Mapping[str, Any]) -> dict[str, Any]:
    """The contact's members; an older `fullName` gives first and last name where those are missing."""
    fields = {name: body[name] for name in _FIELDS if name in body}
    if "fullName" in body:
        first, last = split_full_name(body["fullName"])
        fields = {"firstName": first, "lastName": last} | fields
    if "address" in fields:
        fields["address"] = {name: fields["address"].get(name) for name in _ADDRESS_FIELDS}
    return fields


def _require_valid(call: Call, contact: Contact, contact_id: str) -> None:
    fields = contact.fields
    phone, email = fields.get("phone"), fields.get("email")
    if phone is not None and not is_phone(phone):
        raise Refusal("invalid-phone", f"/phone: not + and 8 to 15 digits, got {shown(phone)}")
    kind, number = fields.get("documentType"), fields.get("documentNumber")
    if kind is not None and number is not None and not is_document(kind, number):
        raise Refusal(
            "invalid-document", f"/documentNumber: not the form or check digit of a {kind}, got {shown(number)}"
        )
    for other_id, other in CONTACTS.scan_of(call.tx, contact.merchant):
        if other_id == contact_id:
            continue
        held_email, held_phone = other.fields.get("email"), other.fields.get("phone")
        same_email = email and held_email and normalize_email(email) == normalize_email(held_email)
        same_phone = phone and held_phone and normalize_phone(phone) == normalize_phone(held_phone)
        if same_email or same_phone:
            raise Refusal(
                "contact-exists",
                f"/email: {other_id} has {shown(held_email)}"
                if same_email
                else f"/phone: {other_id} has {shown(held_phone)}",
            )


def _write_contact(contact_id: str, contact: Contact) -> dict[str, Any]:
    fields = contact.fields
    return {
        "id": contact_id,
        "merchantId": contact.merchant,
        **{name: fields.get(name) for name in _FIELDS},
        "fullName": join_full_name(fields["firstName"], fields.get("lastName")),
        "createdAt": write_moment(contact.created_ms),
        "updatedAt": write_moment(contact.updated_ms),
    }

"""Registrations of new companies: drafts that are written part by part, submitted, and decided.

Source: https://docs.koywe.com/en/getting-started/onboarding-kyb (seen 2026-11) for the paths; that a draft has the
parts `applicant` and `company` is documented for the command-line tool. Assumed: the bodies, that the parts are not
checked, and that only the control API decides a registration.
"""

from collections.abc import Mapping
from typing import Any

from msgspec import Struct

from emulator.contract.card import Call
from emulator.contract.command import CommandRefused
from emulator.contract.reply import Refusal, Reply
from emulator.contract.transaction import Transaction
from emulator.providers.koywe.collection import Collection
from emulator.providers.koywe.formats.moments import write_moment
from emulator.providers.koywe.wire import read_body, write_answer, write_created

DRAFT = "DRAFT"
SUBMITTED = "SUBMITTED"
APPROVED = "APPROVED"
REJECTED = "REJECTED"

_PARTS = ("applicant", "company")


class Draft(Struct, omit_defaults=True):
    """What is known of a company so far. `registration`: the one that it was submitted as."""

    created_ms: int
    updated_ms: int
    applicant: dict[str, Any] | None = None
    company: dict[str, Any] | None = None
    registration: str | None = None


class Registration(Struct):
    """A draft that was submitted."""

    draft: str
    status: str
    created_ms: int


DRAFTS = Collection("koywe.registration-drafts", Draft, "draft")
REGISTRATIONS = Collection("koywe.registrations", Registration, "registration")


# -- calls


def create_draft(call: Call) -> Reply:
    """`POST /api/v1/pre-onboarding/registration-draft`: the draft."""
    body = read_body(call)
    draft = Draft(call.tx.now_ms, call.tx.now_ms, *(body.get(name) for name in _PARTS))
    return write_created(call, _write_draft(DRAFTS.add(call.tx, draft), draft))


def get_draft(call: Call) -> Reply:
    """`GET .../registration-draft/{draftId}`: the draft. Refuses with `MC90004`."""
    return write_answer(call, _write_draft(*DRAFTS.require_in_path(call)))


def update_draft(call: Call) -> Reply:
    """`PUT .../registration-draft/{draftId}`: the draft, its parts replaced by those that were sent. Refuses with
    `MC90004`, `MC90003`."""
    draft_id, draft = DRAFTS.require_in_path(call)
    body = read_body(call)
    _require_open(draft_id, draft)
    for name in _PARTS:
        setattr(draft, name, body.get(name, getattr(draft, name)))
    draft.updated_ms = call.tx.now_ms
    DRAFTS.put(call.tx, draft_id, draft)
    return write_answer(call, _write_draft(draft_id, draft))


def create_registration(call: Call) -> Reply:
    """`POST .../registration-form/{draftId}`: submits the draft; the registration. Refuses with `MC90004`,
    `MC90003`."""
    draft_id, draft = DRAFTS.require_in_path(call)
    _require_open(draft_id, draft)
    registration = Registration(draft_id, SUBMITTED, call.tx.now_ms)
    draft.registration = registration_id = REGISTRATIONS.add(call.tx, registration)
    draft.updated_ms = call.tx.now_ms
    DRAFTS.put(call.tx, draft_id, draft)
    return write_created(call, _write_registration(registration_id, registration))


def list_registrations(call: Call) -> Reply:
    """`GET .../registrations`: all registrations, newest first."""
    return write_answer(call, [_write_registration(*each) for each in list(REGISTRATIONS.scan(call.tx))[::-1]])


def get_registration_status(call: Call) -> Reply:
    """`GET .../registrations/{registrationId}/status`: how far it is. Refuses with `MC90006`."""
    registration_id, registration = REGISTRATIONS.require_in_path(call)
    return write_answer(call, {"registrationId": registration_id, "status": registration.status})


# -- commands


def decide_registration(tx: Transaction, arguments: Mapping[str, Any]) -> dict[str, Any]:
    """Approves or rejects a registration."""
    registration_id = arguments["registration"]
    registration = REGISTRATIONS.find(tx, registration_id)
    if registration is None:
        hint = REGISTRATIONS.hint(tx, registration_id)
        raise CommandRefused(f"registration: no {registration_id!r}: {hint}")
    if registration.status != SUBMITTED:
        raise CommandRefused(f"{registration_id} is already {registration.status}, which is final")
    registration.status = APPROVED if arguments["approved"] else REJECTED
    REGISTRATIONS.put(tx, registration_id, registration)
    return _write_registration(registration_id, registration)


# -- inside


def _require_open(draft_id: str, draft: Draft) -> None:
    if draft.registration is not None:
        raise Refusal("draft-submitted", f"{draft_id} was submitted as {draft.registration}, and stays as it is")


def _write_draft(draft_id: str, draft: Draft) -> dict[str, Any]:
    return {
        "id": draft_id,
        "status": DRAFT if draft.registration is None else SUBMITTED,
        "applicant": draft.applicant,
        "company": draft.company,
        "registrationId": draft.registration,
        "createdAt": write_moment(draft.created_ms),
        "updatedAt": write_moment(draft.updated_ms),
    }


def _write_registration(registration_id: str, registration: Registration) -> dict[str, Any]:
    return {
        "registrationId": registration_id,
        "draftId": registration.draft,
        "status": registration.status,
        "createdAt": write_moment(registration.created_ms),
    }

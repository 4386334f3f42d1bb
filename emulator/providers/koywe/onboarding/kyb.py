"""Identity checks of merchants (KYB, know your business): starting and following them, and their form.

A check goes by the sandbox's clock: it keeps when its form is ready and when it is decided, and its status follows from
that. Nothing else depends on it, and no webhook reports it.

Source: https://docs.koywe.com/en/getting-started/onboarding-kyb (seen 2026-11) for the paths, `forceRetrigger`, and
that clients poll until there is a link to the form or a final status. Assumed: the bodies, the statuses, their times.
"""

from collections.abc import Mapping
from typing import Any

from msgspec import Struct

from emulator.contract.card import Call
from emulator.contract.command import CommandRefused
from emulator.contract.reply import Refusal, Reply
from emulator.contract.transaction import Transaction
from emulator.core.wording import shown
from emulator.pages.page import make_message, write_page
from emulator.providers.koywe.access import KYB_PATH, KYB_TABLE, MERCHANTS, Caller
from emulator.providers.koywe.collection import OwnedCollection
from emulator.providers.koywe.formats.moments import write_moment
from emulator.providers.koywe.wire import read_body, write_answer, write_created

NOT_STARTED = "NOT_STARTED"
PENDING = "PENDING"
IN_PROGRESS = "IN_PROGRESS"
APPROVED = "APPROVED"
REJECTED = "REJECTED"

_ICONS = {PENDING: "wait", IN_PROGRESS: "busy", APPROVED: "good", REJECTED: "bad"}
"""Status -> the shape and colour in which it is shown."""


class Kyb(Struct, omit_defaults=True):
    """A check of a merchant. `base`: what the form's link begins with; `form_ms`, `decided_ms`: when the form is ready,
    and when the check is decided, None for never; `approved`: how."""

    merchant: str
    base: str
    created_ms: int
    form_ms: int | None = None
    decided_ms: int | None = None
    approved: bool = True

    def steps(self, now_ms: int) -> list[tuple[int, str]]:
        """The statuses that it entered up to now, and when."""
        decided = APPROVED if self.approved else REJECTED
        steps = ((self.created_ms, PENDING), (self.form_ms, IN_PROGRESS), (self.decided_ms, decided))
        return [(at_ms, status) for at_ms, status in steps if at_ms is not None and at_ms <= now_ms]


KYBS = OwnedCollection(KYB_TABLE, Kyb, "kyb")


# -- calls


def create_kyb(call: Call) -> Reply:
    """`POST M/onboarding/kyb`: a new check of the merchant, or its newest one unless a new one is forced."""
    body = read_body(call) if call.request.body.strip() else {}
    merchant_id = call.caller.merchant_id
    newest = _find_newest(call.tx, merchant_id)
    if newest is not None and not body.get("forceRetrigger", False):
        return write_answer(call, _write_kyb(call.tx, *newest))
    now_ms = call.tx.now_ms
    form_ms = _find_due_ms(now_ms, call.settings["timers.kyb_form"])
    decided_ms = _find_due_ms(form_ms, call.settings["timers.kyb_decision"])
    kyb = Kyb(merchant_id, call.base_url, now_ms, form_ms, decided_ms)
    return write_created(call, _write_kyb(call.tx, KYBS.add(call.tx, kyb), kyb))


def list_kybs(call: Call) -> Reply:
    """`GET M/onboarding/kyb`: the merchant's checks, newest first."""
    found = list(KYBS.scan_of(call.tx, call.caller.merchant_id))[::-1]
    return write_answer(call, [_write_kyb(call.tx, kyb_id, kyb) for kyb_id, kyb in found])


def get_kyb(call: Call) -> Reply:
    """`GET M/onboarding/kyb/{kybId}`: the check. Refuses with `MC90002`."""
    return write_answer(call, _write_kyb(call.tx, *KYBS.require_in_path(call)))


def get_onboarding(call: Call) -> Reply:
    """`GET /api/v1/onboarding/me`: how far each merchant is that the credential can see."""
    caller: Caller = call.caller
    only = caller.credential.merchant_id
    seen = [merchant_id for merchant_id, _ in MERCHANTS.scan(call.tx) if only in ("", merchant_id)]
    return write_answer(
        call,
        {
            "apiKey": caller.credential.api_key,
            "organizationId": caller.organization_id,
            "evaluations": [_write_evaluation(call.tx, merchant_id) for merchant_id in seen],
        },
    )


def show_kyb_form(call: Call) -> Reply:
    """`GET /kyb/{kybId}`: the page that the form's link leads to. Refuses with `MC90002`."""
    kyb_id = call.parameters["kyb_id"]
    kyb = KYBS.find(call.tx, kyb_id)
    if kyb is None:
        raise Refusal("kyb-not-found", f"no check {shown(kyb_id)} has a form")
    merchant = MERCHANTS.find(call.tx, kyb.merchant)
    name = merchant.name if merchant is not None else kyb.merchant
    _, status = kyb.steps(call.tx.now_ms)[-1]
    page = make_message(
        "Koywe", "teal", name, f"Status: {status}", kind=_ICONS[status], title=f"Identity check · {name}", shop=name,
        id="kyb",
    )  # fmt: skip
    return write_page(page)


# -- commands


def decide_kyb(tx: Transaction, arguments: Mapping[str, Any]) -> dict[str, Any]:
    """Decides a check now, whatever its times."""
    kyb_id = arguments["kyb"]
    kyb = KYBS.find(tx, kyb_id)
    if kyb is None:
        raise CommandRefused(f"kyb: no check {kyb_id!r}: {KYBS.hint(tx, kyb_id)}")
    _, status = kyb.steps(tx.now_ms)[-1]
    if status in (APPROVED, REJECTED):
        raise CommandRefused(f"{kyb_id} is already {status}, which is final: force a new one with forceRetrigger")
    if kyb.form_ms is not None and kyb.form_ms > tx.now_ms:
        kyb.form_ms = None
    kyb.decided_ms, kyb.approved = tx.now_ms, arguments["approved"]
    KYBS.put(tx, kyb_id, kyb)
    return _write_kyb(tx, kyb_id, kyb)


# -- inside


def _find_due_ms(from_ms: int | None, delay_s: int | None) -> int | None:
    return None if from_ms is None or delay_s is None else from_ms + delay_s * 1000


def _find_newest(tx: Transaction, merchant_id: str) -> tuple[str, Kyb] | None:
    found = list(KYBS.scan_of(tx, merchant_id))
    return found[-1] if found else None


def _write_evaluation(tx: Transaction, merchant_id: str) -> dict[str, Any]:
    newest = _find_newest(tx, merchant_id)
    if newest is None:
        return {"merchantId": merchant_id, "kybId": None, "status": NOT_STARTED}
    kyb_id, kyb = newest
    return {"merchantId": merchant_id, "kybId": kyb_id, "status": kyb.steps(tx.now_ms)[-1][1]}


def _write_kyb(tx: Transaction, kyb_id: str, kyb: Kyb) -> dict[str, Any]:
    steps = kyb.steps(tx.now_ms)
    updated_ms, status = steps[-1]
    has_form = any(each == IN_PROGRESS for _, each in steps)
    return {
        "id": kyb_id,
        "merchantId": kyb.merchant,
        "status": status,
        "formUrl": f"{kyb.base.rstrip('/')}{KYB_PATH}{kyb_id}" if has_form else None,
        "createdAt": write_moment(kyb.created_ms),
        "updatedAt": write_moment(updated_ms),
    }

"""Checking a wallet or refund address.

Source: https://fiat-api.changelly.com/docs/endpoints/validate-address (seen 2026-11). Assumed: which currencies are
refused, and the patterns.
"""

from emulator.contract.card import Call
from emulator.contract.reply import Reply
from emulator.core.json_text import json_reply
from emulator.providers.changelly import wire
from emulator.providers.changelly.catalogue import read_catalogue
from emulator.providers.changelly.rules.fields import find_address_problem
from emulator.providers.changelly.sandbox import faults


def validate_address(call: Call) -> Reply:
    """`POST /v1/validate-address`: 200 with the verdict. Refuses with `validation`."""
    call.body = fields = wire.read_object(call)
    faults.require_no_fault(call)
    if fields.get("walletExtraId") is None and "extraId" in fields:
        call.body = fields = {**fields, "walletExtraId": fields["extraId"]}
        del fields["extraId"]
    wire.require_valid(call.provider.schemas["validate-address.request"], fields)
    crypto = read_catalogue(call.settings).find_crypto(fields["currency"])
    if crypto is None:
        raise wire.bad_fields(("currency",), f"the catalogue has no crypto currency {fields['currency']}")
    extra_id = fields.get("walletExtraId")
    required = call.settings["require_extra_id"]
    problem = find_address_problem(crypto, fields["walletAddress"], extra_id, require_extra_id=required)
    return json_reply(200, {"result": problem is None, "cause": problem})

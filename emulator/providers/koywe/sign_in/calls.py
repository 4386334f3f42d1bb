"""Sign-in: a token for an api key and its secret, and whose token it is.

Source: https://docs.koywe.com/english/payments/payments-api-reference/payments-api/auth/create-token (seen 2026-11).
"""

import hmac

from emulator.contract.card import Call
from emulator.contract.reply import Refusal, Reply
from emulator.providers.koywe.access import Caller, find_credential, list_api_keys
from emulator.providers.koywe.catalogue import read_names
from emulator.providers.koywe.mistakes import diagnose_api_key, diagnose_secret
from emulator.providers.koywe.sign_in.tokens import make_token
from emulator.providers.koywe.wire import read_body, write_answer


def sign_in(call: Call) -> Reply:
    """`POST /api/v1/auth/sign-in`: a token. Refuses with `INVALID_CREDENTIALS`."""
    body = read_body(call)
    credential = find_credential(call.tx, body["apiKey"])
    if credential is None:
        keys = list_api_keys(call.tx)
        raise Refusal("invalid-credentials", diagnose_api_key(call, body["apiKey"], body["secret"], keys))
    if not hmac.compare_digest(body["secret"].encode(), credential.secret.encode()):
        raise Refusal("invalid-credentials", diagnose_secret(call, body["secret"], credential))
    organization = read_names(call.tx.sandbox_name).organization
    token = make_token(credential.api_key, organization.id, call.tx.now_ms, call.settings["token_ttl_s"])
    return write_answer(call, {"token": token}, call.settings["sign_in_status"])


def get_me(call: Call) -> Reply:
    """`GET /api/v1/auth/me`: whose token it is."""
    caller: Caller = call.caller
    return write_answer(
        call,
        {
            "apiKey": caller.credential.api_key,
            "organizationId": caller.organization_id,
            "permission": caller.credential.permission,
        },
    )

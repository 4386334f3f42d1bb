"""Creating credentials and changing their secrets.

Sources: https://docs.koywe.com/payments/payments-api-reference/payments-api/auth/create-api-credentials and
.../auth/create-organization-api-credentials (seen 2026-11) for the paths, bodies, answers and statuses; the path of the
rotation is documented, too. Assumed: what roles allow, when a name is taken, the forms of key and secret, and that
tokens stay valid when their secret is changed.
"""

from typing import Any

from emulator.contract.card import Call
from emulator.contract.reply import Refusal, Reply
from emulator.core.suggestion import use_one_of
from emulator.core.wording import shown
from emulator.providers.koywe.access import CREDENTIALS, NOBODY, Caller
from emulator.providers.koywe.catalogue import SECRET_DIGITS, Credential, Permission, read_names
from emulator.providers.koywe.wire import read_body, write_answer, write_created

ROLES: dict[str, Permission] = {"k3r_operator": "write", "k3r_viewer": "read"}
"""Role -> what it allows; of several, the one that allows most counts."""

_KEY_DIGITS = 8


def create_organization_credential(call: Call) -> Reply:
    """`POST /api/v1/auth/organizations/{organizationId}/credentials`: key and secret of a credential that sees the
    whole organization. Refuses with `AUTH90003`, `AUTH90004`."""
    return _create(call, NOBODY)


def create_merchant_credential(call: Call) -> Reply:
    """`POST /api/v1/auth/organizations/{organizationId}/merchants/{merchantId}/credentials`: the same for a credential
    that sees one merchant alone; without roles it may write. Refuses with `AUTH90003`, `AUTH90004`."""
    return _create(call, call.caller.merchant_id)


def rotate_credential_secret(call: Call) -> Reply:
    """`POST /api/v1/auth/credentials/rotate-secret`: the caller's key and new secret; the old one is void."""
    caller: Caller = call.caller
    made = caller.credential
    secret = call.tx.chance.hexadecimal(SECRET_DIGITS)
    rotated = Credential(made.api_key, secret, made.permission, made.name, made.merchant_id)
    return write_answer(call, _keep(call, rotated))


def _create(call: Call, merchant_id: str) -> Reply:
    body = read_body(call)
    permission = _require_roles(body.get("roles"), optional=merchant_id != NOBODY)
    name = body["name"]
    for api_key, other in CREDENTIALS.scan(call.tx):
        if (other.name, other.merchant_id) == (name, merchant_id):
            owner = merchant_id or call.caller.organization_id
            raise Refusal("credential-exists", f"/name: {api_key} of {owner} is already called {shown(name)}")
    chance = call.tx.chance
    api_key = f"{read_names(call.tx.sandbox_name).credentials[0].api_key}.{chance.hexadecimal(_KEY_DIGITS)}"
    made = Credential(api_key, chance.hexadecimal(SECRET_DIGITS), permission, name, merchant_id)
    return write_created(call, _keep(call, made))


def _require_roles(roles: list[str] | None, *, optional: bool) -> Permission:
    """What the roles allow together. Refuses with `AUTH90003` unknown roles, and no roles unless they are optional."""
    if roles is None and optional:
        return "write"
    if not roles:
        raise Refusal("roles-invalid", f"/roles: {'missing' if roles is None else '0 items'}, at least 1 of {_known()}")
    for place, role in enumerate(roles):
        if role not in ROLES:
            raise Refusal("roles-invalid", f"/roles/{place}: no role {shown(role)}: {use_one_of(role, ROLES)}")
    return "write" if any(ROLES[role] == "write" for role in roles) else "read"


def _known() -> str:
    return ", ".join(ROLES)


def _keep(call: Call, credential: Credential) -> dict[str, Any]:
    CREDENTIALS.put(call.tx, credential.api_key, credential)
    return {"apiKey": credential.api_key, "secret": credential.secret}

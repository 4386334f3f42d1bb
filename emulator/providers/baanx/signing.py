"""How a request is signed here: it gets a good client key, token and region."""

from emulator.contract.order_request import WrittenRequest
from emulator.contract.signing import Literal, Signing
from emulator.contract.transaction import Transaction
from emulator.providers.baanx import catalogue
from emulator.providers.baanx.access import credentials
from emulator.providers.baanx.tables import TOKENS

_REGION = "x-us-env"


def _sign(tx: Transaction, request: WrittenRequest, base_url: str) -> WrittenRequest:
    access = credentials(tx.sandbox_name, tx.settings("baanx"))
    others = {name: value for name, value in request.headers.items() if name != _REGION}
    token = _find_token(tx, request) or access["token"]
    user = next(
        (each for each in catalogue.list_seed_users(tx.sandbox_name) if token == f"{each.word}-{tx.sandbox_name}"), None
    )
    region = {_REGION: "true" if user is not None and user.region == "us" else "false"}
    named = {"x-client-id": access["client_id"], "x-client-key": access["client_id"]}
    headers = {**others, **named, **region, "authorization": f"Bearer {token}"}
    return WrittenRequest(request.method, request.path, headers, request.body)


def _find_token(tx: Transaction, request: WrittenRequest) -> str | None:
    """The token that came, if it is one of the sandbox that is good now."""
    token = request.headers.get("authorization", "").rpartition(" ")[2]
    ready = catalogue.find_ready_token(tx.sandbox_name, token)
    if ready is not None and not ready.expired:
        return token
    issued = TOKENS.find(tx, token)
    return token if issued is not None and issued.expires_ms > tx.now_ms else None


def _show(tx: Transaction, request: WrittenRequest, base_url: str) -> dict[str, Literal]:
    client, region = request.headers["x-client-id"], request.headers[_REGION]
    return {
        "client_id": client,
        "key_header": f"X-Client-ID: {client}",
        "region": region,
        "region_header": f"{_REGION}: {region}",
    }


SIGNING = Signing("token", "BAANX_TOKEN", _sign, _show)

"""The calls about addresses: making new ones for deposits, and checking whether a text is one.

Sources: the pages generate-addr and address-legal of the Chinese documentation, revisions of 2024, seen 2026-11.
Assumed: the limit of an alias, and which of several refusals comes first.
"""

from emulator.contract.card import Call
from emulator.contract.reply import Refusal, Reply
from emulator.core.suggestion import use_one_of
from emulator.core.urls import url_problem
from emulator.providers.basswallet.catalogue import read_catalogue
from emulator.providers.basswallet.chain.blocks import make_address
from emulator.providers.basswallet.chain.legality import is_address
from emulator.providers.basswallet.chain.tokens import Chain
from emulator.providers.basswallet.deposits.addresses import DepositAddress, keep_address
from emulator.providers.basswallet.ordering.rules import find_broken, require_good
from emulator.providers.basswallet.wire import write_answer

_SCHEMA = "create-addresses.request"


def create_addresses(call: Call) -> Reply:
    """`POST /v1/account/address/create`: 200 with new addresses for deposits. Refuses with `PARAM_ERROR`,
    `CALLBACK_URL_ERROR`, `ADDRESS_UNAVAILABLE`."""
    parameters = {name: value for name, value in call.body.items() if value}
    broken = find_broken(call, _SCHEMA, parameters)
    chain = require_chain(call)
    for name in ("addressNum", "alias"):
        require_good(name, broken)
    callback_url = parameters.get("callbackUrl", "")
    problem = broken.get("callbackUrl") or url_problem(callback_url or None)
    if problem:
        raise Refusal("CALLBACK_URL_ERROR", f"callbackUrl: {problem}")
    if chain.name in call.settings["no_addresses"]:
        raise Refusal("ADDRESS_UNAVAILABLE", f"{chain.name} has no addresses left (setting no_addresses)")
    made = [make_address(call.tx, chain.name) for _ in range(int(parameters.get("addressNum", 1)))]
    for address in made:
        alias = parameters.get("alias", "")
        keep_address(call.tx, DepositAddress(address, call.caller.account, chain.name, alias, callback_url))
    return write_answer(call, {"address": made})


def check_address(call: Call) -> Reply:
    """`POST /v1/common/address/legal`: 200 with whether `address` is one of the chain `chainName`. Refuses with
    `PARAM_ERROR`."""
    chain, address = require_chain(call), call.body.get("address")
    if not address:
        raise Refusal("PARAM_ERROR", "address is missing: send one")
    return write_answer(call, {"result": is_address(chain.address_form, address)})


def require_chain(call: Call) -> Chain:
    """The chain that `chainName` names. Refuses with `PARAM_ERROR` one that is not in the catalogue."""
    name, chains = call.body.get("chainName", ""), read_catalogue(call.settings).chains
    if name not in chains:
        raise Refusal("PARAM_ERROR", f"chainName: no chain {name[:40]!r}: {use_one_of(name, list(chains))}")
    return chains[name]

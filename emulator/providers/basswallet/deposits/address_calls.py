"""The calls about addresses: whether a text is one.

Source: the page address-legal of the Chinese documentation, revision of 2024, seen 2026-11.
"""

from emulator.contract.card import Call
from emulator.contract.reply import Refusal, Reply
from emulator.core.suggestion import use_one_of
from emulator.providers.basswallet.catalogue import read_catalogue
from emulator.providers.basswallet.chain.legality import is_address
from emulator.providers.basswallet.chain.tokens import Chain
from emulator.providers.basswallet.wire import write_success


def check_address(call: Call) -> Reply:
    """Tells whether `address` is one of the chain `chainName` (`POST /v1/common/address/legal`).

    Refuses with `PARAM_ERROR`.
    """
    chain, address = require_chain(call), call.body.get("address")
    if not address:
        raise Refusal("PARAM_ERROR", "send an address")
    return write_success(call, {"result": is_address(chain.address_form, address)})


def require_chain(call: Call) -> Chain:
    """The chain that `chainName` names. Refuses with `PARAM_ERROR` one that is not in the catalogue."""
    name, chains = call.body.get("chainName", ""), read_catalogue(call.settings).chains
    if name not in chains:
        raise Refusal("PARAM_ERROR", f"chainName {name[:40]!r} is no chain: {use_one_of(name, list(chains))}")
    return chains[name]

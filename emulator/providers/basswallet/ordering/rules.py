"""The rules of parameters that several calls share: the schema's, pairs, amounts, and names that can be used once.

Sources: https://docs-en.basswallet.com/api-reference/endpoint/receive/create_payment and the page withdraw of the
Chinese documentation, revision of 2024, seen 2026-11. Assumed: what a setting can change.
"""

import re
from collections.abc import Mapping
from decimal import Decimal

from emulator.contract.card import Call
from emulator.contract.reply import Refusal
from emulator.contract.setting import Settings
from emulator.contract.transaction import Transaction
from emulator.core.wording import counted
from emulator.providers.basswallet.catalogue import read_catalogue
from emulator.providers.basswallet.chain.amounts import count_decimals
from emulator.providers.basswallet.chain.tokens import TokenPair
from emulator.providers.basswallet.deposits.addresses import find_address, fold_case
from emulator.providers.basswallet.lifecycle import LIFECYCLE
from emulator.providers.basswallet.settings import BUSINESS_ID_PATTERN, DISPLAY_INFO_MAX


def find_broken(call: Call, schema: str, parameters: Mapping[str, str]) -> Mapping[str, str]:
    """What is wrong with parameters by the schema, by their names; empty if nothing is."""
    checked = call.provider.schemas[schema]
    if checked.accepts(parameters):
        return {}
    broken: dict[str, str] = {}
    for violation in checked.violations(parameters):
        broken.setdefault(str(violation.path[0]), violation.message)
    return broken


def find_broken_names(call: Call, schema: str, parameters: Mapping[str, str]) -> Mapping[str, str]:
    """As `find_broken`, with the rules of `businessId` and `displayInfo` as settings have changed them."""
    pattern, longest = call.settings["business_id_pattern"], call.settings["display_info_max"]
    if pattern == BUSINESS_ID_PATTERN and longest == DISPLAY_INFO_MAX:
        return find_broken(call, schema, parameters)
    rest = {name: value for name, value in parameters.items() if name not in ("businessId", "displayInfo")}
    broken = dict(find_broken(call, schema, rest))
    if "businessId" in parameters and not re.fullmatch(pattern, parameters["businessId"]):
        broken["businessId"] = f"it does not match {pattern} (setting business_id_pattern)"
    if len(parameters.get("displayInfo", "")) > longest:
        broken["displayInfo"] = f"it is longer than {counted(longest, 'character')} (setting display_info_max)"
    return broken


def require_good(name: str, broken: Mapping[str, str]) -> None:
    """Refuses with `PARAM_ERROR` a parameter that is among the broken ones."""
    if name in broken:
        raise Refusal("PARAM_ERROR", f"{name}: {broken[name]}")


def require_pair(settings: Settings, token_name: str, chain_name: str) -> TokenPair:
    """The token on the chain. Refuses with `PARAM_ERROR` an unknown pair."""
    tokens = read_catalogue(settings)
    pair = tokens.find_pair(token_name, chain_name)
    if pair is None:
        known = ", ".join("/".join(names) for names in tokens.pairs)
        raise Refusal("PARAM_ERROR", f"there is no {token_name[:40]!r} on {chain_name[:40]!r}; there are {known}")
    return pair


def require_amount(settings: Settings, text: str, pair: TokenPair, least: str) -> None:
    """Refuses with `PARAM_ERROR` or `AMOUNT_PRECISION_TOO_SMALL` a well-formed amount that the pair does not take."""
    amount = Decimal(text)
    if not amount:
        raise Refusal("PARAM_ERROR", f"amount: {text} is not above 0")
    decimals = pair.display_decimal if settings["amount_precision"] == "display" else pair.decimals
    if count_decimals(text) > decimals:
        raise Refusal("AMOUNT_PRECISION_TOO_SMALL", f"amount: {text} has more than {counted(decimals, 'decimal')}")
    if amount < Decimal(least):
        raise Refusal("PARAM_ERROR", f"amount: {text} is below {least}, the minimum of the pair")


def require_free(call: Call, business_id: str) -> str:
    """The key of a free businessId. Refuses with `BUSINESS_ID_EXISTENCE` one that an order of the account has."""
    key = business_key(call, business_id)
    for order_id in call.tx.order_ids(call.provider.name, key):
        if not call.settings["business_id_reuse_after_final"] or not _is_final(call.tx, order_id):
            raise Refusal("BUSINESS_ID_EXISTENCE", f"order {order_id} has the businessId {business_id}")
    return key


def _is_final(tx: Transaction, order_id: str) -> bool:
    order = tx.order(order_id)
    return order is not None and LIFECYCLE.is_final(order.status)


def business_key(call: Call, business_id: str) -> str:
    """The index key of a merchant's own name for an order."""
    return f"business:{call.caller.account}:{business_id}"


def address_key(address: str) -> str:
    """The index key by which the address of a payment order finds it."""
    return f"address:{fold_case(address)}"


def is_given_out(tx: Transaction, address: str) -> bool:
    """Whether the sandbox has given out an address, for a payment order or for deposits."""
    return bool(tx.order_ids("basswallet", address_key(address))) or find_address(tx, address) is not None

"""What a create call must keep, in the order in which it is checked; the first rule that is broken refuses.

Source: https://docs-en.basswallet.com/api-reference/endpoint/receive/create_payment, seen 2026-11. The form of each
parameter is the schema's; what needs the catalogue or a setting is here. Assumed: the order, and the rule of pairs.
"""

import re
from collections.abc import Mapping
from decimal import Decimal
from typing import Any

from emulator.core.call import Call
from emulator.core.provider import Refusal
from emulator.core.urls import url_problem
from emulator.providers.basswallet import catalogue
from emulator.providers.basswallet.amounts import count_decimals
from emulator.providers.basswallet.catalogue import TokenPair
from emulator.providers.basswallet.settings import BUSINESS_ID_PATTERN, DISPLAY_INFO_MAX

_SCHEMA = "create-order.request"
_AFTER_AMOUNT = ("businessId", "displayInfo", "autoReturn", "returnUrl", "expiryMinutes")


def require_rules(call: Call, parameters: Mapping[str, str]) -> TokenPair:
    """Gives the pair to be paid in. `parameters` are those that are not empty.

    Refuses with `PARAM_ERROR`, `AMOUNT_PRECISION_TOO_SMALL` or `CALLBACK_URL_ERROR`.
    """
    broken = _broken_parameters(call, parameters)
    if broken:
        for name in ("tokenName", "chainName"):
            require_good(name, broken)
    pair = _require_pair(call.settings, parameters["tokenName"], parameters["chainName"])
    if "amount" in parameters:
        require_good("amount", broken)
        _require_amount(call.settings, parameters["amount"], pair)
    if broken:
        for name in _AFTER_AMOUNT:
            require_good(name, broken)
    problem = broken.get("webhookUrl") or url_problem(parameters.get("webhookUrl"))
    if problem:
        raise Refusal("CALLBACK_URL_ERROR", f"webhookUrl: {problem}")
    if broken:
        require_good("displayLanguage", broken)
    return pair


def find_broken(call: Call, schema: str, parameters: Mapping[str, str]) -> Mapping[str, str]:
    """What the schema has against parameters, by their names; empty if nothing."""
    checked = call.provider.schemas[schema]
    if checked.accepts(parameters):
        return {}
    broken: dict[str, str] = {}
    for violation in checked.violations(parameters):
        broken.setdefault(str(violation.path[0]), violation.message)
    return broken


def require_good(name: str, broken: Mapping[str, str]) -> None:
    """PARAM_ERROR if the parameter is among those that are broken."""
    if name in broken:
        raise Refusal("PARAM_ERROR", f"{name}: {broken[name]}")


def _broken_parameters(call: Call, parameters: Mapping[str, str]) -> Mapping[str, str]:
    """What is wrong with each parameter by itself; two rules of the schema can be changed by settings."""
    pattern, longest = call.settings["business_id_pattern"], call.settings["display_info_max"]
    if pattern == BUSINESS_ID_PATTERN and longest == DISPLAY_INFO_MAX:
        return find_broken(call, _SCHEMA, parameters)
    rest = {name: value for name, value in parameters.items() if name not in ("businessId", "displayInfo")}
    broken = dict(find_broken(call, _SCHEMA, rest))
    if "businessId" in parameters and not re.fullmatch(pattern, parameters["businessId"]):
        broken["businessId"] = f"it does not match {pattern} (setting business_id_pattern)"
    if len(parameters.get("displayInfo", "")) > longest:
        broken["displayInfo"] = f"it is longer than {longest} characters (setting display_info_max)"
    return broken


def _require_pair(settings: Mapping[str, Any], token_name: str, chain_name: str) -> TokenPair:
    tokens = catalogue.effective(settings)
    pair = tokens.find_pair(token_name, chain_name)
    if pair is None:
        known = ", ".join("/".join(names) for names in tokens.pairs)
        raise Refusal("PARAM_ERROR", f"there is no {token_name[:40]!r} on {chain_name[:40]!r}; there are {known}")
    if not pair.deposit_enable:
        raise Refusal("PARAM_ERROR", f"deposits of {token_name} on {chain_name} are suspended")
    return pair


def _require_amount(settings: Mapping[str, Any], text: str, pair: TokenPair) -> None:
    """The rules for an amount whose form is good."""
    amount = Decimal(text)
    if not amount:
        raise Refusal("PARAM_ERROR", f"amount: {text} is not above 0")
    decimals = pair.display_decimal if settings["amount_precision"] == "display" else pair.decimals
    if count_decimals(text) > decimals:
        raise Refusal("AMOUNT_PRECISION_TOO_SMALL", f"amount: {text} has more than {decimals} decimals")
    if settings["enforce_min_amount"] and amount < Decimal(pair.min_deposit_amount):
        raise Refusal("PARAM_ERROR", f"amount: {text} is below {pair.min_deposit_amount}, the least of the pair")

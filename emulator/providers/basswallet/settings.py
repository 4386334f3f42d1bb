"""What of this provider is not known for sure, or is worth varying. Assumed, unless a setting's text says otherwise."""

import re
from collections.abc import Mapping
from ipaddress import ip_network
from typing import Any, get_args

from emulator.contract.setting import Setting
from emulator.core.urls import url_problem
from emulator.providers.basswallet.catalogue import (
    CATALOGUE,
    KEY_WORDS,
    CatalogueError,
    Permission,
    read_tokens,
    read_usd_rates,
)
from emulator.providers.basswallet.wire import BODY_LIMIT_BYTES

BUSINESS_ID_PATTERN = "^[A-Za-z0-9]{1,32}$"
DISPLAY_INFO_MAX = 256
IP_LIST_LIMIT = 20

_FLAG: dict[str, Any] = {"type": "boolean"}
_RATE: dict[str, Any] = {"type": ["string", "null"], "pattern": "^[1-9][0-9]{0,6}/[1-9][0-9]{0,6}$"}
_PERCENT: dict[str, Any] = {"type": "string", "pattern": "^[0-9]{1,2}(\\.[0-9]{1,20})?$"}
_CONFIRMATIONS: dict[str, Any] = {"type": "integer", "minimum": 1, "maximum": 1_000_000}
_INTERVAL: dict[str, Any] = {"type": "integer", "minimum": 1, "maximum": 86_400_000}
_KEY: dict[str, Any] = {
    "type": "object",
    "additionalProperties": False,
    "properties": {
        "enabled": _FLAG,
        "permissions": {"type": "array", "uniqueItems": True, "items": {"enum": list(get_args(Permission))}},
        "ip_list": {"type": "array", "maxItems": IP_LIST_LIMIT, "items": {"type": "string"}},
    },
}


def _one_of(*values: Any) -> dict[str, Any]:
    return {"enum": list(values)}


def _closed(members: Mapping[str, Any]) -> dict[str, Any]:
    return {"type": "object", "additionalProperties": False, "properties": dict(members)}


def _catalogue_problem(value: Any) -> str | None:
    try:
        read_tokens(value or [], CATALOGUE.chains)
    except CatalogueError as error:
        return str(error)
    return None


def _rates_problem(value: Any) -> str | None:
    try:
        read_usd_rates(value)
    except CatalogueError as error:
        return str(error)
    return None


def _pattern_problem(value: str) -> str | None:
    try:
        re.compile(value)
    except re.error as error:
        return f"not a pattern: {error}"
    return None


def _keys_problem(value: Mapping[str, Any]) -> str | None:
    for key in value.values():
        for network in key.get("ip_list", ()):
            try:
                ip_network(network, strict=False)
            except ValueError:
                return f"{network!r} is neither an address nor a network, as 10.0.0.0/8"
    return None


SETTINGS = {
    setting.name: setting
    for setting in (
        # how requests are taken
        Setting("accept_json", True, _FLAG, "a POST may have a JSON body; off: PARAM_ERROR"),
        Setting("signature_check", "strict", _one_of("strict", "off"),
                "off: only the access key is looked at, neither Signature nor timestamp; for demos by hand"),
        Setting("signature_text", "any", _one_of("any", "plain", "raw", "encoded"),
                "the text that may be signed: decoded, as received, or form-encoded again"),
        Setting("timestamp_clock", "wall", _one_of("wall", "emulator"),
                "whose clock tells how old a request is: real time, or the sandbox's"),
        Setting("future_tolerance_ms", None, {"type": ["integer", "null"], "minimum": 0},
                "how far in the future a timestamp may lie, in ms; none: as far as it likes"),
        Setting("legacy_key_header", False, _FLAG, "X-BS-APIKEY (used until 2024-10) carries the access key too"),
        Setting("common_requires_key", True, _FLAG, "the token list needs an access key"),
        Setting("rate_limit", None, _RATE, "count/seconds for each access key, in fixed windows; none: no limit"),
        Setting("keys", {}, _closed(dict.fromkeys(KEY_WORDS, _KEY)),
                "changes to access keys, by the word before their hyphen: enabled, permissions, and ip_list, the "
                "addresses and networks that may use the key (empty: any)", check=_keys_problem),
        # how answers look
        Setting("error_http_status", "code", _one_of("code", "always_200"), "HTTP status of errors"),
        Setting("error_msg", "symbol", _one_of("symbol", "text"), "msg of errors"),
        Setting("initial_status", "Pending", _one_of("Pending", "AwaitingPayment"),
                "the word for an unpaid order; both are documented. The control API always says Pending"),
        Setting("confirmation_word", "AwaitingConfirmation", _one_of("AwaitingConfirmation", "WaitingConfirmation"),
                "the word for an order whose payment is being confirmed; both are documented. The control API "
                "always says AwaitingConfirmation"),
        Setting("absent_optional", "omit", _one_of("omit", "empty"),
                "businessId and displayInfo that were not sent: left out of the created order, or empty"),
        Setting("order_not_found", "param_error", _one_of("param_error", "null_data"),
                "a query for an order that does not exist: PARAM_ERROR, or success with data null"),
        Setting("query_redirect_url", "payin", _one_of("payin", "return"),
                "redirectUrl of a query: the hosted page, or the merchant's returnUrl"),
        Setting("token_id_type", "number", _one_of("number", "string"), "type of tokenId; both are documented"),
        # what may be ordered
        Setting("amount_precision", "display", _one_of("display", "token"),
                "how many decimals an amount may have: displayDecimal of the pair, or its decimals"),
        Setting("enforce_min_amount", True, _FLAG, "an amount below minDepositAmount of the pair is refused"),
        Setting("business_id_pattern", BUSINESS_ID_PATTERN, {"type": "string"},
                "what a whole businessId must look like, a regular expression", check=_pattern_problem),
        Setting("business_id_reuse_after_final", False, _FLAG,
                "a businessId is free again once its order has a final status"),
        Setting("display_info_max", DISPLAY_INFO_MAX, {"type": "integer", "minimum": 0, "maximum": BODY_LIMIT_BYTES},
                "the longest displayInfo, in characters"),
        Setting("catalogue", None, {"type": ["array", "null"]},
                "the tokens, in the form of data of the token list; none: the default ones", check=_catalogue_problem),
        Setting("suspend", {}, _closed({"/".join(pair): _FLAG for pair in CATALOGUE.pairs}),
                "whether deposits are suspended, by pair: {\"USDT/Tron\": true}"),
        Setting("no_addresses", [], {"type": "array", "uniqueItems": True, "items": _one_of(*CATALOGUE.chains)},
                "chains that have no addresses left: ADDRESS_UNAVAILABLE"),
        # how payments go
        Setting("first_confirmations", 1, _CONFIRMATIONS, "confirmations that make an order AwaitingConfirmation"),
        Setting("final_confirmations", None, {**_CONFIRMATIONS, "type": ["integer", "null"]},
                "confirmations that make a payment final; none: blockConfirmNum of the pair"),
        Setting("block_interval_ms", {name: chain.block_interval_ms for name, chain in CATALOGUE.chains.items()},
                _closed(dict.fromkeys(CATALOGUE.chains, _INTERVAL)),
                "time from block to block, by chain"),
        Setting("underpaid_policy", "final", _one_of("final", "topup", "sum"),
                "what further payments do before expiryDate: nothing; topup: on an Underpaid order they add up; sum: "
                "all of them add up, however quickly they follow"),
        Setting("payment_tolerance", "0", _PERCENT,
                "percent, as text, that may be missing from the amount of an order that is paid in full all the same"),
        Setting("late_policy", "ignore", _one_of("ignore", "credit"),
                "what a payment on an Expired order does: nothing, or it is taken like a timely one"),
        Setting("magic_display_info", True, _FLAG, "displayInfo as sandbox:pay:5 chooses what happens to the order"),
        # webhooks
        Setting("webhook_url", None, {"type": ["string", "null"]},
                "where webhooks go that have no webhookUrl of their own; none: nowhere", check=url_problem),
        Setting("webhook_encoding", "form", _one_of("form", "json"), "how webhooks are written; both are documented"),
        Setting("webhook_require_empty_body", False, _FLAG, "an answer with a body does not count as received"),
        Setting("webhook_retry_delays", [15, 30, 60, 120, 240, 480],
                {"type": "array", "maxItems": 50, "items": {"type": "integer", "minimum": 0, "maximum": 31_536_000}},
                "seconds of the sandbox's clock from a failed attempt to the next one"),
        Setting("webhook_timeout", 15, {"type": "integer", "minimum": 1, "maximum": 300},
                "seconds of real time that a receiver has for its answer"),
        Setting("webhook_restamp", True, _FLAG, "each attempt has a timestamp and signature of its own"),
        Setting("usd_rates", {}, {"type": "object", "additionalProperties": {"type": ["string", "number"]}},
                "US dollars for one unit, by token, in place of the usual rates", check=_rates_problem),
        # the hosted page
        Setting("pay_base_url", None, {"type": ["string", "null"], "pattern": "^[^?#]*$"},
                "what the address of the hosted page begins with; none: the emulator itself", check=url_problem),
        Setting("payin_button", True, _FLAG, "the hosted page has a form with which the payer pays"),
        Setting("auto_return_on", "success", _one_of("success", "confirmation"),
                "when the page leads back by itself, if autoReturn asks for it"),
    )
}  # fmt: skip

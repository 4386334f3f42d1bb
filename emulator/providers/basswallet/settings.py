"""What of this provider is not known for sure, or is worth varying. Assumed, unless a setting says otherwise."""

import re
from collections.abc import Iterable, Mapping, Sequence
from ipaddress import ip_network
from typing import Any, get_args

from emulator.contract.named import by_name
from emulator.contract.setting import Setting, Settings, check_by_reading
from emulator.core.common_settings import COMMON
from emulator.core.rate_limits import RATE_PATTERN
from emulator.core.schema_parts import FLAG, closed_object, one_of, or_null, whole_number
from emulator.core.suggestion import use_one_of
from emulator.core.urls import url_problem
from emulator.core.wording import pointer
from emulator.providers.basswallet.catalogue import (
    CATALOGUE,
    KEY_WORDS,
    Permission,
    read_catalogue,
    read_usd_rates,
)
from emulator.providers.basswallet.chain.tokens import read_tokens
from emulator.providers.basswallet.rates.currencies import read_currencies
from emulator.providers.basswallet.wire import BODY_LIMIT_BYTES

BUSINESS_ID_PATTERN = "^[A-Za-z0-9]{1,32}$"
DISPLAY_INFO_MAX = 256
IP_LIST_LIMIT = 20
RATED_CALLS = (
    "create-order",
    "get-order",
    "list-orders",
    "create-withdrawal",
    "list-balances",
    "create-addresses",
    "list-tokens",
    "convert-fiat-to-crypto",
    "get-fiat-to-crypto",
    "convert-crypto-to-fiat",
    "get-crypto-to-fiat",
    "convert-fiat-to-fiat",
    "get-fiat-to-fiat",
    "list-currencies",
    "check-address",
)
"""The calls that a key makes, by the names of their endpoints."""

_RATE: dict[str, Any] = {
    "type": ["string", "object", "null"],
    "pattern": RATE_PATTERN,
    "additionalProperties": {"type": "string", "pattern": RATE_PATTERN},
}
_SUM: dict[str, Any] = {"type": "string", "pattern": "^[0-9]+(\\.[0-9]+)?$", "maxLength": 40}
PLATFORM_FEE_RATES = {"USDT": "0.003", "USDC": "0.003", "TUSD": "0.003", "USDD": "0.003", "*": "0.002"}
"""The share of a withdrawal that the platform takes, by token. Documented: 0.3 % of stablecoins, 0.2 % of others."""
_PERCENT: dict[str, Any] = {"type": "string", "pattern": "^[0-9]{1,2}(\\.[0-9]{1,20})?$"}
_CONFIRMATIONS: dict[str, Any] = whole_number(1, 1_000_000)
_INTERVAL: dict[str, Any] = whole_number(1, 86_400_000)
_KEY = closed_object(
    enabled=FLAG,
    permissions={"type": "array", "uniqueItems": True, "items": one_of(*get_args(Permission))},
    ip_list={"type": "array", "maxItems": IP_LIST_LIMIT, "items": {"type": "string"}},
)

_CATALOGUE_EXAMPLE: list[dict[str, Any]] = [
    {
        "tokenName": "USDT",
        "fullName": "Tether USD",
        "chainList": [
            {
                "chainId": 137,
                "chainName": "Polygon",
                "tokenId": 137001,
                "contractId": "0xc2132D05D31c914a87C6611C10748AEb04B58e8F",
                "tokenType": "ERC-20",
                "decimals": 6,
                "displayDecimal": 2,
                "blockConfirmNum": 40,
                "minDepositAmount": "0.5",
                "minWithdrawAmount": "1",
                "fee": "0.2",
                "depositEnable": True,
                "withdrawEnable": True,
                "addressForm": "evm",
                "blockIntervalMs": 2000,
            }
        ],
    }
]
"""A token on a chain that the usual catalogue does not have, with every member that there is."""


def _find_rate_limit_problem(value: Any) -> str | None:
    calls = ("*", *RATED_CALLS)
    return _find_stranger(value, calls) if isinstance(value, Mapping) else None


def _find_pair_problem(value: Any, settings: Settings) -> str | None:
    known = ["/".join(pair) for pair in read_catalogue({**settings, "suspend": {}}).pairs]
    return _find_stranger(value, known)


def _find_chain_problem(value: Any, settings: Settings) -> str | None:
    return _find_stranger(value, list(read_catalogue({**settings, "suspend": {}}).chains))


def _find_stranger(names: Iterable[str], known: Sequence[str]) -> str | None:
    """The first name that is not known, with its place and what may be meant."""
    named = isinstance(names, Mapping)
    return next(
        (
            f"{pointer([name if named else place])}: {use_one_of(name, known)}"
            for place, name in enumerate(names)
            if name not in known
        ),
        None,
    )


def _find_pattern_problem(value: str) -> str | None:
    try:
        re.compile(value)
    except re.error as error:
        return f"not a pattern: {error}"
    return None


def _find_keys_problem(value: Mapping[str, Any]) -> str | None:
    for name, key in value.items():
        for place, network in enumerate(key.get("ip_list", ())):
            try:
                ip_network(network, strict=False)
            except ValueError:
                return f"{pointer([name, 'ip_list', place])}: neither an address nor a network, such as 10.0.0.0/8"
    return None


SETTINGS = by_name(
    *COMMON,
    # how requests are read
    Setting("accept_json", True, FLAG, "a POST may have a JSON body; off: PARAM_ERROR"),
    Setting("signature_check", "strict", one_of("strict", "off"),
            "off: only the access key is checked, not Signature or timestamp; for demos by hand"),
    Setting("signature_text", "any", one_of("any", "plain", "raw", "encoded"),
            "the text that may be signed: decoded, as received, or form-encoded again"),
    Setting("timestamp_clock", "wall", one_of("wall", "emulator"),
            "whose clock says how old a request is: real time, or the sandbox's"),
    Setting("future_tolerance_ms", 10_000, {"type": ["integer", "null"], "minimum": 0},
            "how far in the future a timestamp may be, in ms; null: any distance"),
    Setting("legacy_key_header", False, FLAG, "X-BS-APIKEY (used until 2024-10) may carry the access key as well"),
    Setting("common_requires_key", True, FLAG, "the calls under common need an access key"),
    Setting("common_timestamp", "required", one_of("required", "ignored"),
            "whether unsigned calls that list a timestamp must have one; its age does not matter"),
    Setting("convert_method", "any", one_of("any", "post", "get"),
            "the method of the conversions; the pages have both"),
    Setting("rate_limit", None, _RATE,
            "count/seconds per access key, in fixed windows; an object: a window per key and call, as "
            "{\"create-order\": \"2/30\", \"*\": \"9/30\"}; null: no limit", check=_find_rate_limit_problem),
    Setting("keys", {}, closed_object(**dict.fromkeys(KEY_WORDS, _KEY)),
            "changes to access keys, by the word before their hyphen: enabled, permissions, and ip_list: the "
            "addresses and networks that may use the key (empty: any)", check=_find_keys_problem),
    # how answers look
    Setting("error_http_status", "code", one_of("code", "always_200"), "HTTP status of errors"),
    Setting("error_msg", "symbol", one_of("symbol", "text"), "msg of errors"),
    Setting("initial_status", "Pending", one_of("Pending", "AwaitingPayment"),
            "the word for an unpaid order; both are documented. The control API always says Pending"),
    Setting("confirmation_word", "AwaitingConfirmation", one_of("AwaitingConfirmation", "WaitingConfirmation"),
            "the word for an order whose payment is being confirmed; both are documented. The control API "
            "always says AwaitingConfirmation"),
    Setting("absent_optional", "omit", one_of("omit", "empty"),
            "businessId and displayInfo that were not sent: left out of the create answer, or empty"),
    Setting("order_not_found", "param_error", one_of("param_error", "null_data"),
            "a query for an order that does not exist: PARAM_ERROR, or success with data null"),
    Setting("query_redirect_url", "payin", one_of("payin", "return"),
            "redirectUrl of a query: the hosted page, or the merchant's returnUrl"),
    Setting("token_id_type", "number", one_of("number", "string"), "type of tokenId; both are documented"),
    # what can be ordered
    Setting("amount_precision", "display", one_of("display", "token"),
            "how many decimals an amount may have: displayDecimal of the pair, or its decimals"),
    Setting("enforce_min_amount", True, FLAG, "an amount below minDepositAmount of the pair is refused"),
    Setting("business_id_pattern", BUSINESS_ID_PATTERN, {"type": "string"},
            "the regular expression that a whole businessId must match", check=_find_pattern_problem),
    Setting("business_id_reuse_after_final", False, FLAG,
            "a businessId is free again once its order has a final status"),
    Setting("display_info_max", DISPLAY_INFO_MAX, whole_number(0, BODY_LIMIT_BYTES),
            "the longest displayInfo, in characters"),
    Setting("catalogue", None, {"type": ["array", "null"], "examples": [_CATALOGUE_EXAMPLE]},
            "tokens, in the form of the token list's data, with addressForm (evm, tron, bitcoin) and "
            "blockIntervalMs for other chains; they are merged into the usual ones by pair; null: the usual ones",
            check=check_by_reading(lambda value: read_tokens(value or [], CATALOGUE.chains))),
    Setting("catalogue_mode", "merge", one_of("merge", "replace"),
            "what the setting catalogue does to the usual tokens: it is merged into them, or replaces them"),
    Setting("suspend", {}, {"type": "object", "additionalProperties": FLAG},
            "whether deposits are suspended, by pair: {\"USDT/Tron\": true}", beside=_find_pair_problem),
    Setting("no_addresses", [], {"type": "array", "uniqueItems": True, "items": {"type": "string"}},
            "chains that have no addresses left: ADDRESS_UNAVAILABLE", beside=_find_chain_problem),
    # how payments are confirmed
    Setting("first_confirmations", 1, _CONFIRMATIONS, "confirmations that make an order AwaitingConfirmation"),
    Setting("final_confirmations", None, or_null(_CONFIRMATIONS),
            "confirmations that make a payment final; null: blockConfirmNum of the pair"),
    Setting("block_interval_ms", {}, {"type": "object", "additionalProperties": _INTERVAL},
            "time from block to block in ms, by chain, in place of the usual ones", beside=_find_chain_problem),
    Setting("underpaid_policy", "final", one_of("final", "topup", "sum"),
            "what further payments before expiryDate do; final: nothing; topup: they add up on an Underpaid order; "
            "sum: all of them add up, however quickly they follow"),
    Setting("payment_tolerance", "0", _PERCENT,
            "percent, as text, by which a payment may fall short of the amount and still count as full"),
    Setting("late_policy", "ignore", one_of("ignore", "credit"),
            "what a payment of an Expired order does: nothing, or it counts like a timely one"),
    Setting("magic_display_info", True, FLAG, "a displayInfo such as sandbox:pay:5 chooses the scenario"),
    # balances and withdrawals
    Setting("opening_balances", {"USDT": "1000", "TRX": "1000"}, {"type": "object", "additionalProperties": _SUM},
            "what the first account begins with, by token; whatever has moved is added to it"),
    Setting("withdraw_without_ip", "allowed", one_of("allowed", "refused"),
            "whether a key that is bound to no address may withdraw; refused: NO_AUTH"),
    Setting("withdraw_review", False, FLAG, "new withdrawals wait in AwaitingReview until they are approved"),
    Setting("withdraw_processing_ms", 1000, whole_number(0, 31_536_000_000),
            "how long a withdrawal is Processing, in ms of the sandbox's clock"),
    Setting("withdraw_query_form", "table", one_of("table", "sample"),
            "names and types of a withdrawal's members: those of the table on its page, or of the sample there, "
            "which has txId and a number as blockHigh"),
    Setting("platform_fee_rates", PLATFORM_FEE_RATES, {"type": "object", "additionalProperties": _SUM},
            "the share of a withdrawal that the platform takes, by token, with * for all others; tokens that are "
            "left out keep theirs", mark="documented"),
    # webhooks
    Setting("webhook_url", None, {"type": ["string", "null"]},
            "where webhooks of orders without a webhookUrl of their own go; null: nowhere", check=url_problem),
    Setting("webhook_encoding", "form", one_of("form", "json"), "how webhooks are written; both are documented"),
    Setting("webhook_require_empty_body", False, FLAG, "a webhook answered with a body counts as not received"),
    Setting("webhook_retry_delays", [15, 30, 60, 120, 240, 480],
            {"type": "array", "maxItems": 50, "items": whole_number(0, 31_536_000)},
            "seconds of the sandbox's clock from a failed attempt to the next one"),
    Setting("webhook_timeout", 15, whole_number(1, 300),
            "how long, in seconds of real time, a receiver may take to answer"),
    Setting("webhook_restamp", True, FLAG, "each attempt has its own timestamp and signature"),
    Setting("fiat_rates", {}, {"type": "object"},
            "units of a fiat currency per US dollar, as text or with its names as {\"rate\", \"fullName\", "
            "\"symbol\"}, laid over the usual ones; null removes one", check=check_by_reading(read_currencies)),
    Setting("usd_rates", {}, {"type": "object", "additionalProperties": {"type": "string"}},
            "US dollars per unit as text, by token, in place of the usual rates",
            check=check_by_reading(read_usd_rates)),
    # the hosted page
    Setting("payin_button", True, FLAG, "the hosted page has a form with which the payer pays"),
    Setting("auto_return_on", "success", one_of("success", "confirmation"),
            "when the page leads back by itself, if autoReturn asks for it"),
)  # fmt: skip

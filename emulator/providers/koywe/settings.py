"""What of this provider is not known for sure, or is worth varying. A table; it decides nothing.

All assumed, unless the text of a setting says otherwise.
"""

from collections.abc import Mapping
from typing import Any

from emulator.contract.setting import Setting
from emulator.core.common_settings import COMMON
from emulator.providers.koywe.catalogue import CATALOGUE, list_symbols
from emulator.providers.koywe.formats.dialects import DIALECTS
from emulator.providers.koywe.quotes.rates import DEFAULT_FEE_BPS_CROSS, DEFAULT_FEE_BPS_SAME
from emulator.providers.koywe.sign_in.tokens import DEFAULT_TTL_S

_COUNTRIES = tuple(country.symbol for country in CATALOGUE.countries)
_FLAG: Mapping[str, Any] = {"type": "boolean"}
_SECONDS: Mapping[str, Any] = {"type": "integer", "minimum": 1, "maximum": 31_536_000}
_TIMER: Mapping[str, Any] = {"type": ["integer", "null"], "minimum": 1, "maximum": 31_536_000}
_BASIS_POINTS: Mapping[str, Any] = {"type": "integer", "minimum": 0, "maximum": 9_999}


def _one_of(*values: Any) -> dict[str, Any]:
    return {"enum": list(values)}


SETTINGS: Mapping[str, Setting] = {
    setting.name: setting
    for setting in (
        *COMMON,
        Setting("profile", "production", _one_of("production", "sandbox"),
                "which of the provider's two environments it is: in its sandbox payouts fail and payers choose"),
        Setting("create_status", 201, _one_of(201, 200), "success of calls that create something"),
        Setting("sign_in_status", 200, _one_of(200, 201), "success of sign-in"),
        Setting("validation_status", 422, _one_of(422, 400), "status of a body or query of the wrong shape; both are "
                "documented"),
        Setting("validation_message", "string", _one_of("string", "array"),
                "several failures joined by a comma, or as a list"),
        Setting("unknown_properties", "ignore", _one_of("ignore", "reject"), "members that nobody knows"),
        Setting("amount_precision", "reject", _one_of("reject", "round"),
                "amounts with more decimals than the currency: refused, or rounded half up"),
        Setting("duplicate_external_id", "conflict", _one_of("conflict", "return_first"),
                "a repeated externalId: 409, or 200 with the first order"),
        Setting("quote_exclusivity", "strict", _one_of("strict", "lenient"),
                "symbols and amounts beside quoteId: refused, or ignored"),
        Setting("quote_network_required", False, _FLAG, "crypto quotes must name a network, as the guides say"),
        Setting("crypto_on_orders", "accept", _one_of("accept", "reject"),
                "ONRAMP and OFFRAMP as orders, as the older reference has it, or only as deals"),
        Setting("payin_requires_contact", False, _FLAG, "a PAYIN needs a contact, as one live merchant's did"),
        Setting("document_type_cc", "reject", _one_of("reject", "accept"), "the guides' CC as a contact's document"),
        Setting("inter_merchant_transfer", "on", _one_of("on", "off"),
                "orders of the type INTER_MERCHANT_TRANSFER, which only the newest page has: made, or refused as of no "
                "known type"),
        Setting("balance_transfer_mode", "by_profile", _one_of("by_profile", "instant", "stepwise"),
                "transfers, to other merchants too, complete in the answer, or go through PROCESSING; by profile: "
                "instant in the sandbox"),
        Setting("khipu_sandbox", "auto", _one_of("auto", "interactive"),
                "KHIPU with the profile sandbox: pays by itself, or waits for the payer; the docs say both"),
        Setting("body_dialect", "reference", _one_of(*DIALECTS),
                "guides: bodies as in the older guides, whatever quote_exclusivity and document_type_cc say: symbols "
                "beside quoteId are ignored, CC is a document, and PIX, CARD and Argentina's QRI are payment methods"),
        Setting("currency_decimals", {},
                {"type": "object", "propertyNames": {"enum": list_symbols()},
                 "additionalProperties": {"type": "integer", "minimum": 0, "maximum": 8},
                 "examples": [{"COP": 0, "USDC": 2}]},
                "decimals of single currencies in place of the usual ones"),
        Setting("policy_hold_reply", "order", _one_of("order", "error"),
                "a create call that needs approval: the held order, or 403 although the order exists"),
        Setting("qr_form", "png_base64", _one_of("png_base64", "url", "drawn"),
                "providedAction of a QR method: a picture of one pixel, the pay page's URL, or a QR code of that URL; "
                "that it is a picture was observed, the reference shows a URL"),
        Setting("sign_in_error", "envelope", _one_of("envelope", "bare"),
                "body of a failed sign-in; both are documented"),
        Setting("pay_page_language", "auto", _one_of("auto", "es", "pt", "en"),
                "language of the pay page, unless its query names one; auto: Portuguese for BRL, English for USD, else "
                "Spanish"),
        Setting("paid_method", "hidden", _one_of("hidden", "shown"),
                "paymentMethods of a payment link that is paid: as they were sent, or the one by which it was paid"),
        Setting("order_aliases", "off", _one_of("off", "on"), "orders also carry orderId and paymentUrl"),
        Setting("extension_paths", "on", _one_of("on", "off"), "paths that no page documents: cancel and refund"),
        Setting("null_fields", "null", _one_of("null", "omit"), "members without a value"),
        Setting("settlement_every_s", None, _TIMER,
                "seconds, counted from the sandbox's start, after which all that is available goes to the merchants' "
                "default bank accounts, again and again; null: never"),
        Setting("refund_settled_payin", "external", _one_of("external", "balance", "refuse"),
                "refund of a pay-in that was paid out to a real bank account: from elsewhere, from the balance of the "
                "virtual account, or refused"),
        Setting("refund_window_s", None, _TIMER,
                "seconds from COMPLETED in which a client can ask for a refund; null: always"),
        Setting("deposit_accounts", "shared", _one_of("shared", "by_country", "list"),
                "where to deposit: the provider's own account, the same for everybody (observed), the number of the "
                "merchant's country, or all numbers that the merchant has"),
        Setting("virtual_account_countries", ["MX", "AR"],
                {"type": "array", "uniqueItems": True, "items": _one_of(*_COUNTRIES)},
                "countries of which a new merchant has a transferable number; a change holds for those made later"),
        Setting("report_amounts", "number", _one_of("number", "string"),
                "amounts of the reports: numbers, or texts with all decimals of the currency"),
        Setting("ledger_order", "asc", _one_of("asc", "desc"), "the ledger statement: oldest or newest first"),
        Setting("deposit_category", "OTHER", _one_of("OTHER", "PAYIN"), "what the ledger calls a deposit by bank"),
        Setting("event_names", "older", _one_of("older", "newer"),
                "names of webhook events: newer has no order.pending, and order.canceled"),
        Setting("webhook_payload", "full", _one_of("full", "minimal"), "all members, or only those that were observed"),
        Setting("webhook_success", "2xx", _one_of("2xx", "200"), "answers that count as received; both are documented"),
        Setting("webhook_retry_on", "any_failure", _one_of("any_failure", "5xx_429_network"),
                "failures after which it is tried again"),
        Setting("webhook_retry_delays_s", [60, 300, 900, 3600, 21600, 86400],
                {"type": "array", "maxItems": 50, "items": {"type": "integer", "minimum": 0, "maximum": 31_536_000}},
                "seconds of the sandbox's clock from a failure to the next attempt", "documented"),
        Setting("webhook_timeout_s", 5, {"type": "integer", "minimum": 1, "maximum": 300},
                "seconds of real time that a receiver has", "documented"),
        Setting("webhook_extra_headers", {},
                {"type": "object", "propertyNames": {"pattern": "^[A-Za-z0-9-]{1,64}$"},
                 "additionalProperties": {"type": "string", "pattern": "^[ -~]{0,512}$"},
                 "examples": [{"X-Webhook-Version": "2", "X-Tenant": "blue"}]},
                "headers that every webhook carries besides the usual ones"),
        Setting("token_ttl_s", DEFAULT_TTL_S, _SECONDS, "life of a token; documented", "documented"),
        Setting("quote_ttl_s", 15, _SECONDS, "life of a quote; documented as 10 to 15 seconds", "documented"),
        Setting("fee_bps_cross", DEFAULT_FEE_BPS_CROSS, _BASIS_POINTS,
                "fee between different currencies, basis points of amountIn"),
        Setting("fee_bps_same", DEFAULT_FEE_BPS_SAME, _BASIS_POINTS, "fee within one currency, basis points"),
        Setting("timers.payin_expire", 86_400, _TIMER, "seconds until a PAYIN that nobody pays expires; null: never"),
        Setting("timers.onramp_expire", 86_400, _TIMER,
                "seconds until an ONRAMP that waits for a payer expires; null: never"),
        Setting("timers.offramp_expire", 3_600, _TIMER,
                "seconds until an OFFRAMP whose deposit does not come expires; null: never"),
        Setting("timers.kyb_form", 1, _TIMER, "seconds until an identity check has its form; null: never"),
        Setting("timers.kyb_decision", 60, _TIMER,
                "seconds from the form to the approval of an identity check; null: it waits for decide_kyb"),
    )
}  # fmt: skip

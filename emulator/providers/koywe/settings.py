"""What of this provider is not known for sure, or is worth varying. Assumed, unless a setting says otherwise."""

from collections.abc import Mapping
from typing import Any

from emulator.contract.named import by_name
from emulator.contract.setting import Setting
from emulator.core.common_settings import COMMON
from emulator.core.schema_parts import FLAG, one_of, or_null, whole_number
from emulator.providers.koywe.catalogue import CATALOGUE, list_symbols
from emulator.providers.koywe.formats.dialects import DIALECTS
from emulator.providers.koywe.quotes.rates import DEFAULT_FEE_BPS_CROSS, DEFAULT_FEE_BPS_SAME
from emulator.providers.koywe.sign_in.tokens import DEFAULT_TTL_S

_COUNTRIES = tuple(country.symbol for country in CATALOGUE.countries)
_SECONDS: Mapping[str, Any] = whole_number(1, 31_536_000)
_TIMER: Mapping[str, Any] = or_null(whole_number(1, 31_536_000))
_BASIS_POINTS: Mapping[str, Any] = whole_number(0, 9_999)


SETTINGS = by_name(
    *COMMON,
    Setting("profile", "production", one_of("production", "sandbox"),
            "which of the provider's two environments this is; sandbox: payouts fail, and payers choose"),
    Setting("create_status", 201, one_of(201, 200), "the HTTP status of calls that create something"),
    Setting("sign_in_status", 200, one_of(200, 201), "the HTTP status of a sign-in"),
    Setting("validation_status", 422, one_of(422, 400),
            "the HTTP status for a body or query of the wrong shape; both are documented"),
    Setting("validation_message", "string", one_of("string", "array"),
            "how several failures are written; string: joined by commas; array: as a list"),
    Setting("unknown_properties", "ignore", one_of("ignore", "reject"), "what becomes of unknown members"),
    Setting("amount_precision", "reject", one_of("reject", "round"),
            "amounts with more decimals than the currency has; reject: refused; round: rounded half up"),
    Setting("duplicate_external_id", "conflict", one_of("conflict", "return_first"),
            "a repeated externalId; conflict: 409; return_first: 200 with the first order"),
    Setting("quote_exclusivity", "strict", one_of("strict", "lenient"),
            "symbols and amounts beside quoteId; strict: refused; lenient: ignored"),
    Setting("quote_network_required", False, FLAG, "crypto quotes must name a network, as the guides say"),
    Setting("crypto_on_orders", "accept", one_of("accept", "reject"),
            "orders of the types ONRAMP and OFFRAMP; accept: as in the older reference; reject: only as deals"),
    Setting("payin_requires_contact", False, FLAG, "a PAYIN needs a contact, as with one live merchant"),
    Setting("document_type_cc", "reject", one_of("reject", "accept"),
            "whether a contact's document may be of the type CC, which the guides use"),
    Setting("inter_merchant_transfer", "on", one_of("on", "off"),
            "orders of the type INTER_MERCHANT_TRANSFER, which only the newest page has; off: refused as an "
            "unknown type"),
    Setting("balance_transfer_mode", "by_profile", one_of("by_profile", "instant", "stepwise"),
            "transfers, also to other merchants; instant: complete in the answer; stepwise: go through PROCESSING; "
            "by_profile: instant with the profile sandbox"),
    Setting("khipu_sandbox", "auto", one_of("auto", "interactive"),
            "KHIPU with the profile sandbox; auto: pays by itself; interactive: waits for the payer; both are "
            "documented"),
    Setting("body_dialect", "reference", one_of(*DIALECTS),
            "guides: bodies as in the older guides, whatever quote_exclusivity and document_type_cc say: symbols "
            "beside quoteId are ignored, CC is a document, and PIX, CARD and Argentina's QRI are payment methods"),
    Setting("currency_decimals", {},
            {"type": "object", "propertyNames": {"enum": list_symbols()},
             "additionalProperties": whole_number(0, 8),
             "examples": [{"COP": 0, "USDC": 2}]},
            "decimals of single currencies, in place of the usual ones"),
    Setting("policy_hold_reply", "order", one_of("order", "error"),
            "the answer of a create call that needs approval; order: the held order; error: 403, although the "
            "order exists"),
    Setting("qr_form", "png_base64", one_of("png_base64", "url", "drawn"),
            "providedAction of a QR method; png_base64: a picture of one pixel; url: the pay page's URL; drawn: a "
            "QR code of that URL; a picture was observed, the reference shows a URL"),
    Setting("sign_in_error", "envelope", one_of("envelope", "bare"),
            "the body of a failed sign-in; both are documented"),
    Setting("pay_page_language", "auto", one_of("auto", "es", "pt", "en"),
            "the language of the pay page, unless its query names one; auto: Portuguese for BRL, English for USD, "
            "else Spanish"),
    Setting("paid_method", "hidden", one_of("hidden", "shown"),
            "paymentMethods of a paid payment link; hidden: as sent; shown: the one by which it was paid"),
    Setting("order_aliases", "off", one_of("off", "on"), "orders also have orderId and paymentUrl"),
    Setting("extension_paths", "on", one_of("on", "off"), "paths that no page documents: cancel and refund"),
    Setting("null_fields", "null", one_of("null", "omit"), "how members without a value are shown"),
    Setting("settlement_every_s", None, _TIMER,
            "how often, in seconds from the sandbox's start, all that is available goes to the merchants' default "
            "bank accounts; null: never"),
    Setting("refund_settled_payin", "external", one_of("external", "balance", "refuse"),
            "the refund of a pay-in that was paid to a real bank account; external: the money comes from "
            "elsewhere; balance: from the virtual account; refuse: it is refused"),
    Setting("refund_window_s", None, _TIMER,
            "seconds from COMPLETED in which a client can ask for a refund; null: always"),
    Setting("deposit_accounts", "shared", one_of("shared", "by_country", "list"),
            "where to deposit; shared: the provider's own account, the same for everybody (observed); by_country: "
            "the number of the merchant's country; list: all numbers that the merchant has"),
    Setting("virtual_account_countries", ["MX", "AR"],
            {"type": "array", "uniqueItems": True, "items": one_of(*_COUNTRIES)},
            "countries in which a new merchant has a transferable number; a change is for later merchants"),
    Setting("report_amounts", "number", one_of("number", "string"),
            "amounts in reports; number: as numbers; string: as texts with all decimals of the currency"),
    Setting("ledger_order", "asc", one_of("asc", "desc"),
            "the order of the ledger statement; asc: oldest first; desc: newest first"),
    Setting("deposit_category", "OTHER", one_of("OTHER", "PAYIN"), "the ledger's category of a deposit by bank"),
    Setting("event_names", "older", one_of("older", "newer"),
            "names of webhook events; newer: order.canceled in place of order.cancelled, and no order.pending"),
    Setting("webhook_payload", "full", one_of("full", "minimal"),
            "members of a webhook; full: all; minimal: only those that were observed"),
    Setting("webhook_success", "2xx", one_of("2xx", "200"),
            "the answers that count as received; both are documented"),
    Setting("webhook_retry_on", "any_failure", one_of("any_failure", "5xx_429_network"),
            "the failures after which a webhook is sent again"),
    Setting("webhook_retry_delays_s", [60, 300, 900, 3600, 21600, 86400],
            {"type": "array", "maxItems": 50, "items": whole_number(0, 31_536_000)},
            "seconds by the sandbox's clock from a failure to the next attempt", "documented"),
    Setting("webhook_timeout_s", 5, whole_number(1, 300),
            "how long, in seconds of real time, a receiver may take to answer", "documented"),
    Setting("webhook_extra_headers", {},
            {"type": "object", "propertyNames": {"pattern": "^[A-Za-z0-9-]{1,64}$"},
             "additionalProperties": {"type": "string", "pattern": "^[ -~]{0,512}$"},
             "examples": [{"X-Webhook-Version": "2", "X-Tenant": "blue"}]},
            "headers that every webhook has besides the usual ones"),
    Setting("token_ttl_s", DEFAULT_TTL_S, _SECONDS, "how many seconds a token is valid", "documented"),
    Setting("quote_ttl_s", 15, _SECONDS, "how many seconds a quote is valid; documented: 10 to 15", "documented"),
    Setting("fee_bps_cross", DEFAULT_FEE_BPS_CROSS, _BASIS_POINTS,
            "the fee between different currencies, in basis points of amountIn"),
    Setting("fee_bps_same", DEFAULT_FEE_BPS_SAME, _BASIS_POINTS,
            "the fee within one currency, in basis points of amountIn"),
    Setting("timers.payin_expire", 86_400, _TIMER,
            "seconds until a PAYIN that nobody pays expires; null: never"),
    Setting("timers.onramp_expire", 86_400, _TIMER,
            "seconds until an ONRAMP that waits for a payer expires; null: never"),
    Setting("timers.offramp_expire", 3_600, _TIMER,
            "seconds until an OFFRAMP without a deposit expires; null: never"),
    Setting("timers.kyb_form", 1, _TIMER, "seconds until an identity check has its form; null: never"),
    Setting("timers.kyb_decision", 60, _TIMER,
            "seconds from the form of an identity check to its approval; null: it waits for decide_kyb"),
)  # fmt: skip

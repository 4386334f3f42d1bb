"""What of this provider is not known for sure, or is worth varying. Assumed, unless a setting says otherwise."""

from typing import Any, get_args

from emulator.contract.named import by_name
from emulator.contract.setting import Setting
from emulator.core.common_settings import COMMON
from emulator.core.rate_limits import RATE_PATTERN
from emulator.core.schema_parts import FLAG, closed_object, one_of, or_null, whole_number
from emulator.providers.baanx.catalogue import USER_WORDS, CardType, VerificationState
from emulator.providers.baanx.errors import ERRORS
from emulator.providers.baanx.offer import products

_RATE: dict[str, Any] = {"type": ["string", "null"], "pattern": RATE_PATTERN}
_TEXT: dict[str, Any] = {"type": "string", "minLength": 1, "maxLength": 200}
_TEXT_OR_NULL: dict[str, Any] = _TEXT | {"type": ["string", "null"]}
_COUNTRY: dict[str, Any] = {"type": "string", "pattern": "^[A-Z]{2}$"}
_INSTANT: dict[str, Any] = {
    "type": "string",
    "pattern": "^[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9]{2}:[0-9]{2}:[0-9]{2}\\.[0-9]{3}Z$",
}


_PROFILE: dict[str, Any] = {
    "id": {"type": "string", "pattern": "^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$"},
    "firstName": _TEXT,
    "lastName": _TEXT,
    "dateOfBirth": {"type": "string", "pattern": "^[0-9]{4}-[0-9]{2}-[0-9]{2}$"},
    "email": {"type": "string", "pattern": "^[^@\\s]+@[^@\\s]+\\.[^@\\s]+$"},
    "verificationState": one_of(*get_args(VerificationState)),
    "phoneNumber": {"type": "string", "pattern": "^[0-9]{1,15}$"},
    "phoneCountryCode": {"type": "string", "pattern": "^\\+[1-9][0-9]{0,3}$"},
    "addressLine1": _TEXT,
    "addressLine2": _TEXT_OR_NULL,
    "city": _TEXT,
    "zip": _TEXT,
    "countryOfResidence": _COUNTRY,
    "countryOfNationality": _COUNTRY,
    "usState": _TEXT_OR_NULL,
    "ssn": _TEXT_OR_NULL,
    "createdAt": _INSTANT,
}
_CARD: dict[str, Any] = {
    "id": {"type": "string", "pattern": "^[0-9]{18}$"},
    "holderName": {"type": "string", "pattern": "^[^a-z]+$"},
    "expiryDate": {"type": "string", "pattern": "^[0-9]{4}/(0[1-9]|1[0-2])$"},
    "panLast4": {"type": "string", "pattern": "^[0-9]{4}$"},
    "status": one_of("ACTIVE", "FROZEN", "BLOCKED"),
    "type": one_of(*get_args(CardType)),
    "orderedAt": _INSTANT,
}
_USER: dict[str, Any] = _PROFILE | {
    "password": _TEXT,
    "region": one_of("international", "us"),
    "secondFactor": one_of("none", "code", "totp"),
    "otpCode": {"type": "string", "pattern": "^[0-9]{6}$"},
    # Whole groups of eight, so that every text that fits can be decoded.
    "totpSecret": {"type": ["string", "null"], "pattern": "^([A-Z2-7]{8}){2,16}$"},
    "phase": one_of(None, "ACCOUNT", "PHONE_NUMBER", "PERSONAL_INFORMATION", "PHYSICAL_ADDRESS", "MAILING_ADDRESS"),
    "canOrder": FLAG,
    "canReadCard": FLAG,
    "disabled": FLAG,
    "externalId": _TEXT_OR_NULL,
    "card": or_null(closed_object(**_CARD)),
    "eligible": {"type": "object", "propertyNames": products.PRODUCT_ID, "additionalProperties": FLAG},
}

SETTINGS = by_name(
    *COMMON,
    Setting("client_header", "either", one_of("either", "client_id", "client_key"),
            "which header carries the client key: X-Client-ID, x-client-key, or either"),
    Setting("enforce_region", False, FLAG, "users of another region than the request's get 401"),
    Setting("omit_request_id", False, FLAG, "leave requestId out of orders"),
    Setting("destination_address", None, {"type": ["string", "null"], "pattern": "^0x[0-9a-fA-F]{40}$"},
            "one payment address for all orders; null: a new one for each"),
    Setting("one_open_order", False, FLAG, "a user with an open order cannot start another: 400"),
    Setting("paid_at_format", "postgres", one_of("postgres", "iso"), "how paidAt is written"),
    Setting("empty_metadata", "omit", one_of("omit", "object", "null"), "metadata where there is none"),
    Setting("pending_metadata", "present", one_of("present", "omit"),
            "metadata of a PENDING order; omit: as empty_metadata says"),
    products.SETTING,
    Setting("use_pending", False, FLAG, "a payment that was seen makes the order PENDING"),
    Setting("refund_style", "failed", one_of("failed", "refunded"), "refunds end in FAILED, or in REFUNDED"),
    Setting("underpaid", "fail", one_of("fail", "keep_open"),
            "paying too little fails the order, or leaves it open for the rest"),
    Setting("late_payment", "ignore", one_of("ignore", "complete"), "what paying an expired order does"),
    Setting("order_expiry_seconds", 3600, whole_number(1, 31_536_000),
            "how long a new order can be paid"),
    Setting("unknown_product_status", 422, one_of(422, 404, 400), "status of an unknown productId"),
    Setting("ineligible_status", 403, one_of(403, 400, 409, 422), "status of a product that is not for the user"),
    Setting("foreign_order_status", 404, one_of(404, 403), "status of another user's order"),
    Setting("malformed_json_status", 422, one_of(422, 400), "status of a body that is not JSON"),
    Setting("login_failure_status", 401, one_of(401, 400),
            "status of a wrong e-mail or password; the pages say 400, real clients expect 401"),
    Setting("otp_required_style", "body200", one_of("body200", "error400"),
            "a login that needs a code is answered with isOtpRequired, or refused; both are documented"),
    Setting("totp_clock", "either", one_of("either", "real", "sandbox"),
            "whose time a time-based code is for: the real one of an authenticator, the sandbox's, or either"),
    Setting("login_rate_limit", None, _RATE,
            "count/seconds per client key over login and one-time codes; null: no limit"),
    Setting("order_rate_limit", None, _RATE, "count/seconds per client key over the order routes; null: no limit"),
    Setting("retry_after", True, FLAG, "429 carries Retry-After"),
    Setting("metal_changes_card", False, FLAG, "buying a product with a cardType gives the user such a card"),
    Setting("card_is_freezable", False, FLAG, "cards have isFreezable, which one wallet reads", mark="observed"),
    Setting("webhook_retry_seconds", [1, 2, 4, 8, 16],
            {"type": "array", "items": whole_number(0, 604_800), "maxItems": 20},
            "waits between the attempts of a webhook, each from the end of the attempt before; only the first is "
            "documented"),
    Setting("webhook_https_only", False, FLAG, "http is refused for webhook endpoints even on this machine"),
    Setting("webhook_timestamp", "sandbox", one_of("sandbox", "real"), "whose time X-Timestamp is"),
    Setting("webhook_token", "any", one_of("any", "partner"),
            "who may manage webhooks: any good bearer, or partner-<sandbox> only"),
    Setting("redirect_uris", ["loopback", "https://app.example.test/callback"],
            {"type": ["array", "null"], "items": _TEXT | {"maxLength": 2000}, "maxItems": 100},
            "the redirect_uri values that OAuth accepts, compared byte by byte; loopback: http to any port of this "
            "machine; null: any address"),
    Setting("initiate_style", "redirect", one_of("redirect", "json"),
            "how the start of an authorization without mode=api is answered; both are documented"),
    Setting("oauth_auto_consent", None, {"enum": [*USER_WORDS, None]},
            "the user who consents at once where the hosted page would ask, for tests without a browser; null: the "
            "page asks"),
    Setting("oauth2_refresh_expires_in", False, FLAG,
            "answers of the newer OAuth calls have refresh_token_expires_in"),
    Setting("app_ids", {"international": "APP", "us": "APP_US"},
            closed_object("international", "us", international=_TEXT, us=_TEXT),
            "app_id of the newer OAuth calls, by the user's region", mark="observed"),
    Setting("logout_scope", "token", one_of("token", "user"),
            "a logout ends its own bearer token, or all tokens of the user; the page says both"),
    Setting("login_lock", None, _RATE,
            "count/seconds: so many failed logins in a row lock a user for so long; null: never", mark="observed"),
    Setting("cors", False, FLAG,
            "answers have CORS headers and preflight requests are answered; a browser's preflight has no client "
            "key, so it follows the sandbox `default`"),
    Setting("messages", {}, {"type": "object", "propertyNames": {"enum": list(ERRORS)},
                             "additionalProperties": _TEXT},
            "texts of errors by their names, in place of the usual ones"),
    Setting("users", {},
            {"type": "object", "propertyNames": {"enum": list(USER_WORDS)},
             "additionalProperties": closed_object(**_USER)},
            "changes to users, by the word before the @ of their first e-mail: any member of GET /v1/user, "
            "permissions, second factor, card (null: no card), and eligible by product"),
)  # fmt: skip

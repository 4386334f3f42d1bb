"""What of this provider is not known for sure, or is worth varying. All assumed, unless its text says otherwise."""

from typing import Any

from emulator.core.provider import Setting

_FLAG: dict[str, Any] = {"type": "boolean"}
_RATE: dict[str, Any] = {"type": ["string", "null"], "pattern": "^[1-9][0-9]{0,6}/[1-9][0-9]{0,6}$"}


def _one_of(*values: Any) -> dict[str, Any]:
    return {"enum": list(values)}


SETTINGS = {
    setting.name: setting
    for setting in (
        Setting("client_header", "either", _one_of("either", "client_id", "client_key"),
                "which header carries the client key: X-Client-ID, x-client-key, or either"),
        Setting("enforce_region", False, _FLAG, "users of another region than the request's get 401"),
        Setting("omit_request_id", False, _FLAG, "leave requestId out of orders"),
        Setting("destination_address", None, {"type": ["string", "null"], "pattern": "^0x[0-9a-fA-F]{40}$"},
                "one payment address for all orders; none: a new one for each"),
        Setting("one_open_order", False, _FLAG, "a user with an open order can not start another: 400"),
        Setting("paid_at_format", "postgres", _one_of("postgres", "iso"), "how paidAt is written"),
        Setting("empty_metadata", "omit", _one_of("omit", "object", "null"), "metadata where there is none"),
        Setting("use_pending", False, _FLAG, "a payment that was seen makes the order PENDING"),
        Setting("refund_style", "failed", _one_of("failed", "refunded"), "refunds end in FAILED, or in REFUNDED"),
        Setting("underpaid", "fail", _one_of("fail", "keep_open"), "what paying too little does"),
        Setting("late_payment", "ignore", _one_of("ignore", "complete"), "what paying an expired order does"),
        Setting("order_expiry_seconds", 3600, {"type": "integer", "minimum": 1, "maximum": 31_536_000},
                "how long an order can be paid"),
        Setting("unknown_product_status", 422, _one_of(422, 404, 400), "status of an unknown productId"),
        Setting("ineligible_status", 403, _one_of(403, 400, 409, 422), "status of a product that is not for the user"),
        Setting("foreign_order_status", 404, _one_of(404, 403), "status of another user's order"),
        Setting("malformed_json_status", 422, _one_of(422, 400), "status of a body that is not JSON"),
        Setting("order_rate_limit", None, _RATE, "count/seconds per client key over the order routes; none: no limit"),
        Setting("retry_after", True, _FLAG, "429 carries Retry-After"),
        Setting("messages", {}, {"type": "object", "additionalProperties": {"type": "string"}},
                "texts of errors by their names, instead of the usual ones"),
        Setting("users", {},
                {"type": "object", "additionalProperties": {
                    "type": "object", "additionalProperties": False, "properties": {
                        "canOrder": _FLAG, "canReadCard": _FLAG, "disabled": _FLAG, "tokensExpired": _FLAG,
                        "verificationState": _one_of("UNVERIFIED", "PENDING", "VERIFIED", "REJECTED"),
                        "eligible": {"type": "object", "additionalProperties": _FLAG}}}},
                "changes to users, by the word before the @ of their e-mail: permissions, verification, eligibility by "
                "product; tokensExpired makes all their tokens invalid"),
    )
}  # fmt: skip

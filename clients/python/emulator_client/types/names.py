# Made by scripts/generate_docs.py from emulator/testing/types/names.py: edit that, and run it again.
"""The names that providers use.

Made by scripts/generate_docs.py from the tables of the emulator: run it again after a change to them.
"""

from __future__ import annotations
# fmt: off

from typing import Literal

Provider = Literal["baanx", "basswallet", "changelly", "koywe"]

BaanxStatus = Literal["STARTED", "PENDING", "COMPLETED", "FAILED", "EXPIRED", "REFUNDED"]

BaanxEvent = Literal["payment_started", "pay", "fail", "refund", "expire"]

BaanxCommand = Literal["expire_tokens", "unlock_user", "change_verification", "send_event", "test_webhook"]

BaanxScenario = Literal[
    "completed-on-third-poll", "expires", "happy", "manual", "payment-fails", "payment-late", "payment-pending",
    "payment-pending-fails", "payment-seen", "payment-stuck", "payment-too-large", "payment-too-small",
    "priced-in-usdc", "refunded", "refunded-after-completion", "refunded-before-completion", "refused-client-invalid",
    "refused-client-missing", "refused-forbidden", "refused-ineligible", "refused-internal", "refused-malformed-json",
    "refused-open-order", "refused-rate-limited", "refused-unauthenticated", "refused-unknown-product",
    "refused-validation", "sandbox-complete", "sandbox-expire", "sandbox-fail", "sandbox-pending"
]

BassWalletStatus = Literal[
    "AwaitingReview", "ReviewDeclined", "ReviewApproved", "Processing", "AwaitingPackaging", "Pending",
    "AwaitingConfirmation", "Success", "Failed", "Underpaid", "Expired", "Cancelled"
]

BassWalletEvent = Literal["pay", "confirm", "fail", "expire", "cancel", "approve", "decline", "process"]

BassWalletCommand = Literal["deposit", "set_balance", "test_webhook"]

BassWalletScenario = Literal[
    "cancelled", "confirming", "expired", "failed", "happy", "manual", "overpaid", "paid-late",
    "refused-address-unavailable", "refused-amount-precision-too-small", "refused-business-id-existence",
    "refused-callback-url-error", "refused-frequency-limited", "refused-inside-address",
    "refused-ip-not-in-whitelist", "refused-no-auth", "refused-non-withdrawal", "refused-not-sufficient-funds",
    "refused-param-error", "refused-sign-error", "refused-system-error", "refused-time-out", "refused-trade-error",
    "refused-unauthorized-access", "sandbox-fail", "sandbox-late", "sandbox-overpay", "sandbox-pay",
    "sandbox-underpay", "underpaid", "withdrawal-approved", "withdrawal-declined", "withdrawal-in-review"
]

ChangellyStatus = Literal["created", "pending", "hold", "refunded", "expired", "failed", "complete"]

ChangellyEvent = Literal["start", "hold", "resume", "refund", "complete", "fail", "expire", "update"]

ChangellyCommand = Literal["test_webhook"]

ChangellyScenario = Literal[
    "completed-on-third-poll", "expires", "happy", "hash-later", "kyc-hold", "manual", "payment-fails",
    "payment-pending", "payment-returned", "pays-too-late", "refused-conflict", "refused-country", "refused-currency",
    "refused-forbidden", "refused-initialize", "refused-internal-server-error", "refused-invalid-offer",
    "refused-limits", "refused-not-found", "refused-offer-expired", "refused-payment-method", "refused-state",
    "refused-timeout", "refused-too-many-requests", "refused-tx-type", "refused-unauthorized", "refused-unavailable",
    "refused-unprocessable-entity", "refused-unsupported-commission-rate", "refused-unsupported-exchange-pair",
    "refused-validation", "sandbox-flow-complete", "sandbox-flow-expired", "sandbox-flow-failed", "sandbox-flow-hold",
    "sandbox-flow-hold-failed", "sandbox-flow-refunded", "sandbox-flow-refunded-complete"
]

KoyweStatus = Literal[
    "DRAFT", "PENDING", "PROCESSING", "PAID", "COMPLETED", "FAILED", "CANCELLED", "EXPIRED", "ON_HOLD",
    "REFUND_REQUESTED", "REFUNDED"
]

KoyweEvent = Literal[
    "submit", "start", "confirm", "settle", "fail", "cancel", "expire", "hold", "release", "approve", "reject",
    "request_refund", "refund", "reject_refund"
]

KoyweCommand = Literal[
    "deposit", "set_balance", "make_merchant", "settle_account", "book", "decide_kyb", "decide_registration",
    "test_webhook"
]

KoyweScenario = Literal[
    "cancel", "draft", "expire", "fail", "happy", "hold", "interactive", "manual", "paid", "payout-fails",
    "processing", "refund", "refund-rejected", "refund-requested", "refuse", "refused-account-currency-mismatch",
    "refused-account-kind", "refused-account-not-found", "refused-account-required", "refused-amount-above-maximum",
    "refused-amount-below-minimum", "refused-amount-missing", "refused-amounts-both", "refused-contact-not-found",
    "refused-contact-required", "refused-contact-required-for-payin", "refused-currencies-differ",
    "refused-currency-kind", "refused-currency-unsupported", "refused-deal-needed",
    "refused-destination-merchant-required", "refused-destination-merchant-same", "refused-due-date-past",
    "refused-external-id-taken", "refused-forbidden", "refused-insufficient-balance", "refused-internal",
    "refused-invalid-document", "refused-invalid-token", "refused-malformed-json", "refused-merchant-not-found",
    "refused-method-unsupported", "refused-onramp-method-count", "refused-payin-failed", "refused-payin-method-count",
    "refused-policy-missing", "refused-quote-exclusive", "refused-quote-expired", "refused-quote-not-executable",
    "refused-quote-not-found", "refused-quote-type", "refused-quote-used", "refused-request-timeout",
    "refused-same-currency", "refused-token-expired", "refused-too-many-requests", "refused-unauthorized",
    "refused-unavailable", "refused-validation-failed", "refused-wrong-organization"
]

Status = Literal[BaanxStatus, BassWalletStatus, ChangellyStatus, KoyweStatus]

Event = Literal[BaanxEvent, BassWalletEvent, ChangellyEvent, KoyweEvent]

Command = Literal[BaanxCommand, BassWalletCommand, ChangellyCommand, KoyweCommand]

Fault = Literal[
    "latency", "status", "rate-limit", "gateway", "malformed", "truncate", "reset", "timeout", "drop", "duplicate",
    "late", "hold", "reorder", "bad-signature", "old-secret", "stale-timestamp", "unknown-status", "re-encode"
]

PUBLIC_HOSTS = (
    "api.baanx.com", "dev.api.baanx.com", "api.basswallet.com", "api-beta.basswallet.io", "pay.baaswallet.io",
    "fiat-api.changelly.com", "api.koywe.com", "api-sandbox.koywe.com"
)
"""The providers' public host names."""

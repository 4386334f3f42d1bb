"""The part of the error table that is about the policy and its approvals."""

from __future__ import annotations

from typing import Final

from emulator.providers.koywe.error_answers import ErrorKind

POLICY_MISSING: Final = ErrorKind(
    "policy-missing",
    "POL00002",
    403,
    "No active policy or matching rule for this operation",
    "A balance transfer without a rule that lets it pass; status and text are assumed.",
    "documented",
)
APPROVAL_REQUIRED: Final = ErrorKind(
    "approval-required",
    "POL00007",
    403,
    "Approval is required for this operation",
    "The order exists and waits, and the setting policy_hold_reply is error; status and text are assumed.",
    "documented",
    details=("orderId", "approvalId"),
    examples={
        "orderId": "ord_00000000-0000-4000-8000-000000000801",
        "approvalId": "apr_00000000-0000-4000-8000-000000000611",
    },
)
APPROVAL_NOT_FOUND: Final = ErrorKind(
    "approval-not-found", "POL90001", 404, "Approval not found", "No such approval of the organization."
)
RULE_NOT_FOUND: Final = ErrorKind("rule-not-found", "POL90003", 404, "Rule not found", "No such rule of the policy.")
APPROVAL_DECIDED: Final = ErrorKind(
    "approval-decided",
    "POL90002",
    409,
    "Approval already {decision}",
    "The approval was `approved` or `rejected` before.",
    examples={"decision": "approved"},
)

POLICY_ERRORS: Final[tuple[ErrorKind, ...]] = (
    POLICY_MISSING,
    APPROVAL_REQUIRED,
    APPROVAL_NOT_FOUND,
    RULE_NOT_FOUND,
    APPROVAL_DECIDED,
)

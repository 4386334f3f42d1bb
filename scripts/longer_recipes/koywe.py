"""Registrations, deals, the ledger, approvals and the events of webhooks."""

from scripts.longer_recipes import Recipe, call

_ORGANIZATION = "/api/v1/organizations/org_{sandbox}"
_MERCHANT = f"{_ORGANIZATION}/merchants/mrc_{{sandbox}}"
_ACCOUNT = f"{_MERCHANT}/accounts/acc_00000000-0000-4000-8000-000000000101"
_WALLET = "acc_00000000-0000-4000-8000-000000000251"
_WANTED = {
    "orderType": "ONRAMP", "originCurrencySymbol": "COP", "destinationCurrencySymbol": "USDC", "amountIn": 400000,
}  # fmt: skip
_QUOTE = call("POST", f"{_MERCHANT}/quotes", json=_WANTED, keep=["id"])
_DEAL = call("POST", f"{_MERCHANT}/deals", json={"quoteId": "{made}", "destinationAccountId": _WALLET})
_APPROVAL: Recipe = [
    call("POST", f"{_ORGANIZATION}/policy", json={"active": True}),
    call("POST", f"{_ORGANIZATION}/policy/rules", json={"operation": "PAYOUT", "action": "REQUIRE_APPROVAL"}),
    {"do": "order", "kind": "PAYOUT"},
    call("GET", f"{_ORGANIZATION}/policy/approvals", keep=[0, "id"]),
]
_EVENT: Recipe = [
    {"do": "order", "kind": "PAYIN"},
    call("GET", f"{_ORGANIZATION}/webhook-events", keep=["events", 0, "id"]),
]

RECIPES: list[Recipe] = [
    [call("GET", "/api/v1/countries/CL/economic-activities")],
    [
        call("POST", "/api/v1/pre-onboarding/registration-draft", json={}, keep=["id"]),
        call("POST", "/api/v1/pre-onboarding/registration-form/{made}", keep=["registrationId"]),
        call("GET", "/api/v1/pre-onboarding/registrations/{made}/status"),
    ],
    [
        {"do": "order", "kind": "PAYIN", "body": {"externalId": "inv-77"}},
        call("GET", f"{_MERCHANT}/orders/external/inv-77"),
    ],
    [_QUOTE, _DEAL],
    [_QUOTE, _DEAL | {"keep": ["id"]}, call("GET", f"{_MERCHANT}/deals/{{made}}")],
    [{"do": "order", "kind": "PAYOUT"}, {"do": "advance"}, call("GET", f"{_ACCOUNT}/reports/ledger-entry/1")],
    [*_APPROVAL, call("GET", f"{_ORGANIZATION}/policy/approvals/{{made}}")],
    [*_APPROVAL, call("POST", f"{_ORGANIZATION}/policy/approvals/{{made}}/approve")],
    [*_APPROVAL, call("POST", f"{_ORGANIZATION}/policy/approvals/{{made}}/reject")],
    [*_EVENT, call("GET", f"{_ORGANIZATION}/webhook-events/{{made}}")],
    [*_EVENT, call("GET", f"{_ORGANIZATION}/webhook-events/{{made}}/deliveries")],
    [*_EVENT, call("POST", f"{_ORGANIZATION}/webhook-events/{{made}}/replay")],
]

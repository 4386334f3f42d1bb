"""The index card of Koywe: its calls, and where everything else about it is."""

from typing import Any

from msgspec.structs import asdict

from emulator.contract.card import Check, Endpoint, Handler, Provider, inject_faults, where_nothing_is
from emulator.providers.koywe import (
    access,
    commands,
    errors,
    lifecycle,
    order_list,
    orders,
    pages,
    tables,
    webhooks,
    wire,
)
from emulator.providers.koywe.access import (
    OF_MERCHANT,
    OF_MERCHANT_EXTENSION,
    OF_MERCHANT_STRICTLY,
    OF_ORGANIZATION,
    SIGNED_IN,
    require_token,
)
from emulator.providers.koywe.accounts import accounts, balance_calls, deposit_calls
from emulator.providers.koywe.contacts import contacts
from emulator.providers.koywe.directory import merchants, reference_data
from emulator.providers.koywe.onboarding import kyb, registrations
from emulator.providers.koywe.order_request import ORDER_REQUEST
from emulator.providers.koywe.order_views import ORDER_VIEWS
from emulator.providers.koywe.outline import outline
from emulator.providers.koywe.policy import approvals, rules
from emulator.providers.koywe.quotes import deals, quotes
from emulator.providers.koywe.reports import ledger
from emulator.providers.koywe.reports.orders import get_orders_report
from emulator.providers.koywe.sign_in import calls as sign_in
from emulator.providers.koywe.sign_in import credentials
from emulator.providers.koywe.signing import SIGNING
from emulator.providers.koywe.webhook_endpoints import endpoints, events

_API = "/api/v1"
_ORGANIZATION = _API + "/organizations/{organization_id}"
_MERCHANT = _ORGANIZATION + "/merchants/{merchant_id}"

_DOCS = "https://docs.koywe.com"
_REFERENCE = f"{_DOCS}/payments/payments-api-reference/payments-api"
_SIGN_IN = f"{_DOCS}/english/payments/payments-api-reference/payments-api/auth/create-token"
_CONTACTS = f"{_DOCS}/core-concepts/contacts-and-bank-accounts"
_ACCOUNTS = f"{_REFERENCE}/merchant/create-account"
_BALANCES = f"{_REFERENCE}/merchant/get-bank-account-balances"
_REPORTS = f"{_DOCS}/en/reports"
_SETUP = f"{_DOCS}/en/getting-started/organization-setup"
_DEALS = f"{_DOCS}/payments/guides/crypto-operations/onramp"
_POLICY = f"{_DOCS}/en/advanced/transactional-policy"
_APPROVALS = f"{_DOCS}/en/advanced/passkeys-and-approvals"
_WEBHOOKS = f"{_DOCS}/payments/advanced/webhooks"
_ONBOARDING = f"{_DOCS}/en/getting-started/onboarding-kyb"
_METHODS = f"{_DOCS}/en/accepting-payments/payment-methods"
_TESTING = f"{_DOCS}/en/getting-started/testing"

_SECRET = ("secret",)

_MAKE_ORDERS = frozenset({"create-order", "create-deal"})


def _call(
    name: str, method: str, path: str, handle: Handler, checks: tuple[Check, ...], about: str, source: str, **more: Any
) -> Endpoint:
    """A call with a token; a POST creates something unless its name says otherwise."""
    success = 204 if method == "DELETE" else 201 if name.startswith("create-") else 200
    matched = (f"{name}.request",) if name in _MAKE_ORDERS else ()
    return Endpoint(name, method, path, handle, about, source, checks, success=success, matched=matched, **more)


_ORDER_CALLS = (
    _call("create-order", "POST", f"{_MERCHANT}/orders", orders.create_order, OF_MERCHANT,
          "Creates an order of any type.", f"{_REFERENCE}/orders/create-order"),
    _call("list-orders", "GET", f"{_MERCHANT}/orders", order_list.list_orders, OF_MERCHANT,
          "Lists orders, page by page.", f"{_REFERENCE}/orders/get-orders"),
    _call("get-order-by-external-id", "GET", f"{_MERCHANT}/orders/external/{{external_id}}",
          orders.get_order_by_external_id, OF_MERCHANT, "Shows an order by the client's own id.",
          f"{_REFERENCE}/orders/get-order-by-external-id"),
    _call("get-order", "GET", f"{_MERCHANT}/orders/{{order_id}}", orders.get_order, OF_MERCHANT,
          "Shows an order.", f"{_REFERENCE}/orders/get-orders"),
    _call("cancel-order", "POST", f"{_MERCHANT}/orders/{{order_id}}/cancel", orders.cancel_order,
          OF_MERCHANT_EXTENSION, "Cancels an order; the path is assumed.", f"{_DOCS}/payments/core-concepts/orders"),
    _call("refund-order", "POST", f"{_MERCHANT}/orders/{{order_id}}/refund", orders.refund_order,
          OF_MERCHANT_EXTENSION, "Asks for a refund; the path is assumed.", f"{_DOCS}/payments/core-concepts/orders"),
    _call("create-quote", "POST", f"{_MERCHANT}/quotes", quotes.create_quote, OF_MERCHANT,
          "Fixes a price for a few seconds.", f"{_REFERENCE}/quotes/create-quote"),
    _call("get-quote", "GET", f"{_MERCHANT}/quotes/{{quote_id}}", quotes.get_quote, OF_MERCHANT,
          "Shows a quote.", f"{_REFERENCE}/quotes/create-quote"),
    _call("create-deal", "POST", f"{_MERCHANT}/deals", deals.create_deal, OF_MERCHANT,
          "Executes a crypto quote, in parts or at once.", _DEALS),
    _call("list-deals", "GET", f"{_MERCHANT}/deals", deals.list_deals, OF_MERCHANT, "Lists deals.", _DEALS),
    _call("get-deal", "GET", f"{_MERCHANT}/deals/{{deal_id}}", deals.get_deal, OF_MERCHANT, "Shows a deal.", _DEALS),
)  # fmt: skip

_CONTACT_CALLS = (
    _call("create-contact", "POST", f"{_MERCHANT}/contacts", contacts.create_contact, OF_MERCHANT,
          "Creates a contact.", _CONTACTS),
    _call("list-contacts", "GET", f"{_MERCHANT}/contacts", contacts.list_contacts, OF_MERCHANT,
          "Lists the newest contacts.", _CONTACTS),
    _call("get-contact", "GET", f"{_MERCHANT}/contacts/{{contact_id}}", contacts.get_contact, OF_MERCHANT,
          "Shows a contact.", _CONTACTS),
    _call("update-contact", "PUT", f"{_MERCHANT}/contacts/{{contact_id}}", contacts.update_contact, OF_MERCHANT,
          "Changes a contact.", _CONTACTS),
    _call("delete-contact", "DELETE", f"{_MERCHANT}/contacts/{{contact_id}}", contacts.delete_contact,
          OF_MERCHANT, "Deletes a contact.", _CONTACTS),
    _call("create-contact-account", "POST", f"{_MERCHANT}/contacts/{{contact_id}}/accounts",
          accounts.create_contact_account, OF_MERCHANT, "Creates an account of a contact.", _CONTACTS),
    _call("list-contact-accounts", "GET", f"{_MERCHANT}/contacts/{{contact_id}}/accounts",
          accounts.list_contact_accounts, OF_MERCHANT, "Lists a contact's accounts.", _CONTACTS),
)  # fmt: skip


def _account_calls(folder: str, note: str) -> tuple[Endpoint, ...]:
    """The calls on accounts, which exist under two paths."""
    path = f"{_MERCHANT}/{folder}"
    return (
        _call("create-account", "POST", path, accounts.create_account, OF_MERCHANT,
              f"Creates a bank account or wallet{note}.", _ACCOUNTS),
        _call("list-accounts", "GET", path, accounts.list_accounts, OF_MERCHANT, f"Lists accounts{note}.", _ACCOUNTS),
        _call("get-account", "GET", f"{path}/{{account_id}}", accounts.get_account, OF_MERCHANT,
              f"Shows an account{note}.", _ACCOUNTS),
        _call("delete-account", "DELETE", f"{path}/{{account_id}}", accounts.delete_account, OF_MERCHANT,
              f"Deletes an account{note}.", _ACCOUNTS),
        _call("get-account-balance", "GET", f"{path}/{{account_id}}/balance", balance_calls.get_account_balance,
              OF_MERCHANT, f"Shows the balance of an account{note}.", _BALANCES),
        _call("get-ledger-statement", "GET", f"{path}/{{account_id}}/reports/ledger-statement",
              ledger.get_ledger_statement, OF_MERCHANT, f"Lists the changes of a balance{note}.",
              f"{_REPORTS}/ledger-statement"),
        _call("get-ledger-entry", "GET", f"{path}/{{account_id}}/reports/ledger-entry/{{ledger_entry_id}}",
              ledger.get_ledger_entry, OF_MERCHANT, f"Shows one change of a balance{note}.",
              f"{_REPORTS}/ledger-entry-details"),
        _call("get-orders-report", "GET", f"{path}/{{account_id}}/reports/orders", get_orders_report,
              OF_MERCHANT, f"Lists and counts an account's orders{note}.", f"{_DOCS}/reports/orders-report"),
    )  # fmt: skip


_BALANCE_CALLS = (
    _call("list-account-balances", "GET", f"{_MERCHANT}/accounts/balances", balance_calls.list_account_balances,
          OF_MERCHANT, "Shows the balances of virtual accounts, now or on a date.", _BALANCES),
    _call("list-bank-account-balances", "GET", f"{_MERCHANT}/bank-accounts/balances",
          balance_calls.list_bank_account_balances, OF_MERCHANT, "Shows three balances of each currency.", _BALANCES),
    _call("list-organization-balances", "GET", f"{_ORGANIZATION}/balances", balance_calls.list_organization_balances,
          OF_ORGANIZATION, "Shows the balances of all merchants together.", _BALANCES),
    _call("list-virtual-accounts", "GET", f"{_MERCHANT}/virtual-accounts", deposit_calls.list_virtual_accounts,
          OF_MERCHANT, "Lists the numbers to which a bank can send money.", f"{_DOCS}/core-concepts/virtual-accounts"),
    _call("create-virtual-account", "POST", f"{_MERCHANT}/virtual-accounts", deposit_calls.create_virtual_account,
          OF_MERCHANT, "Creates a number to which a bank can send money.", f"{_DOCS}/core-concepts/virtual-accounts"),
    _call("list-bank-income-accounts", "GET", f"{_MERCHANT}/bankIncome/accounts",
          deposit_calls.list_bank_income_accounts, OF_MERCHANT, "Says where to send money to.",
          f"{_DOCS}/en/balance-management/deposit-accounts"),
)  # fmt: skip

_ORGANIZATION_CALLS = (
    _call("list-organizations", "GET", f"{_API}/organizations", merchants.list_organizations, SIGNED_IN,
          "Lists the credential's organization.", _SETUP),
    _call("create-merchant", "POST", f"{_ORGANIZATION}/merchants", merchants.create_merchant, OF_ORGANIZATION,
          "Creates a merchant with its virtual accounts.", _SETUP),
    _call("list-merchants", "GET", f"{_ORGANIZATION}/merchants", merchants.list_merchants, OF_ORGANIZATION,
          "Lists merchants.", _SETUP),
    _call("get-merchant", "GET", _MERCHANT, merchants.get_merchant, OF_MERCHANT, "Shows a merchant.", _SETUP),
    _call("update-merchant", "PUT", _MERCHANT, merchants.update_merchant, OF_MERCHANT, "Changes a merchant.", _SETUP),
    _call("delete-merchant", "DELETE", _MERCHANT, merchants.delete_merchant, OF_MERCHANT, "Deletes a merchant.",
          _SETUP),
    _call("create-policy", "POST", f"{_ORGANIZATION}/policy", rules.create_policy, OF_ORGANIZATION,
          "Creates a policy without rules.", _POLICY),
    _call("get-policy", "GET", f"{_ORGANIZATION}/policy", rules.get_policy, OF_ORGANIZATION, "Shows the policy.",
          _POLICY),
    _call("create-policy-rule", "POST", f"{_ORGANIZATION}/policy/rules", rules.create_rule, OF_ORGANIZATION,
          "Adds a rule at the end.", _POLICY),
    _call("update-policy-rule", "PUT", f"{_ORGANIZATION}/policy/rules/{{rule_id}}", rules.update_rule,
          OF_ORGANIZATION, "Changes a rule.", _POLICY),
    _call("list-approvals", "GET", f"{_ORGANIZATION}/policy/approvals", approvals.list_approvals, OF_ORGANIZATION,
          "Lists approvals, also those already decided.", _APPROVALS),
    _call("get-approval", "GET", f"{_ORGANIZATION}/policy/approvals/{{approval_id}}", approvals.get_approval,
          OF_ORGANIZATION, "Shows an approval.", _APPROVALS),
    _call("approve-approval", "POST", f"{_ORGANIZATION}/policy/approvals/{{approval_id}}/approve", approvals.approve,
          OF_ORGANIZATION, "Approves an order, which then goes on.", _APPROVALS),
    _call("reject-approval", "POST", f"{_ORGANIZATION}/policy/approvals/{{approval_id}}/reject", approvals.reject,
          OF_ORGANIZATION, "Rejects an order, which is then cancelled.", _APPROVALS),
)  # fmt: skip

_WEBHOOK = f"{_ORGANIZATION}/webhooks/{{webhook_id}}"
_EVENT = f"{_ORGANIZATION}/webhook-events/{{event_id}}"

_WEBHOOK_CALLS = (
    _call("create-webhook", "POST", f"{_ORGANIZATION}/webhooks", endpoints.create_endpoint, OF_ORGANIZATION,
          "Creates an endpoint that gets every event.", _WEBHOOKS, secrets=_SECRET),
    _call("list-webhooks", "GET", f"{_ORGANIZATION}/webhooks", endpoints.list_endpoints, OF_ORGANIZATION,
          "Lists endpoints.", _WEBHOOKS),
    _call("get-webhook", "GET", _WEBHOOK, endpoints.get_endpoint, OF_ORGANIZATION, "Shows an endpoint.",
          _WEBHOOKS),
    _call("delete-webhook", "DELETE", _WEBHOOK, endpoints.delete_endpoint, OF_ORGANIZATION,
          "Deletes an endpoint.", _WEBHOOKS),
    _call("rotate-webhook-secret", "POST", f"{_WEBHOOK}/rotate-secret", endpoints.rotate_secret, OF_ORGANIZATION,
          "Gives an endpoint a new secret, which counts at once.", _WEBHOOKS, secrets=_SECRET),
    _call("pause-webhook", "POST", f"{_WEBHOOK}/pause", endpoints.pause_endpoint, OF_ORGANIZATION,
          "Pauses an endpoint: it gets no new events.", _WEBHOOKS),
    _call("resume-webhook", "POST", f"{_WEBHOOK}/resume", endpoints.resume_endpoint, OF_ORGANIZATION,
          "Resumes an endpoint: it gets new events again.", _WEBHOOKS),
    _call("ping-webhook", "POST", f"{_WEBHOOK}/ping", endpoints.ping_endpoint, OF_ORGANIZATION,
          "Sends a test event.", _WEBHOOKS),
    _call("list-webhook-events", "GET", f"{_ORGANIZATION}/webhook-events", events.list_events,
          OF_ORGANIZATION, "Lists events, page by page.", _WEBHOOKS),
    _call("get-webhook-event", "GET", _EVENT, events.get_event, OF_ORGANIZATION, "Shows an event.", _WEBHOOKS),
    _call("list-webhook-deliveries", "GET", f"{_EVENT}/deliveries", events.list_deliveries, OF_ORGANIZATION,
          "Lists where an event was sent.", _WEBHOOKS),
    _call("replay-webhook-event", "POST", f"{_EVENT}/replay", events.replay_event, OF_ORGANIZATION,
          "Sends an event again.", _WEBHOOKS),
)  # fmt: skip

_CREDENTIAL_CALLS = (
    _call("create-organization-credential", "POST", f"{_API}/auth/organizations/{{organization_id}}/credentials",
          credentials.create_organization_credential, OF_ORGANIZATION,
          "Creates a credential that sees the whole organization.",
          f"{_REFERENCE}/auth/create-organization-api-credentials", secrets=_SECRET),
    _call("create-merchant-credential", "POST",
          f"{_API}/auth/organizations/{{organization_id}}/merchants/{{merchant_id}}/credentials",
          credentials.create_merchant_credential, OF_MERCHANT_STRICTLY, "Creates a credential that sees one merchant.",
          f"{_REFERENCE}/auth/create-api-credentials", secrets=_SECRET),
    _call("rotate-credential-secret", "POST", f"{_API}/auth/credentials/rotate-secret",
          credentials.rotate_credential_secret, (require_token,), "Gives the calling credential a new secret.",
          f"{_REFERENCE}/auth/create-api-credentials", secrets=_SECRET),
)  # fmt: skip

_COMMON_CALLS = (
    _call("get-me", "GET", f"{_API}/auth/me", sign_in.get_me, SIGNED_IN, "Says whose token it is.",
          _SIGN_IN),
    _call("list-payment-methods", "GET", f"{_API}/payment-method", reference_data.list_payment_methods, SIGNED_IN,
          "Lists the ways to pay in a country.", _METHODS),
    _call("list-banks", "GET", f"{_API}/banks", reference_data.list_banks, SIGNED_IN, "Lists banks.", _ACCOUNTS),
    _call("list-countries", "GET", f"{_API}/countries", reference_data.list_countries, SIGNED_IN, "Lists countries.",
          _ACCOUNTS),
    _call("list-economic-activities", "GET", f"{_API}/countries/{{country_symbol}}/economic-activities",
          reference_data.list_economic_activities, SIGNED_IN, "Lists the activities of companies.", _ONBOARDING),
    _call("list-company-roles", "GET", f"{_API}/applicant-company-roles", reference_data.list_company_roles,
          SIGNED_IN, "Lists the roles that people have in companies.", _ONBOARDING),
)  # fmt: skip

_KYBS = f"{_MERCHANT}/onboarding/kyb"
_DRAFTS = f"{_API}/pre-onboarding/registration-draft"
_REGISTRATIONS = f"{_API}/pre-onboarding/registrations"

_ONBOARDING_CALLS = (
    _call("create-kyb", "POST", _KYBS, kyb.create_kyb, OF_MERCHANT, "Starts an identity check of the merchant.",
          _ONBOARDING),
    _call("list-kybs", "GET", _KYBS, kyb.list_kybs, OF_MERCHANT, "Lists the merchant's identity checks.", _ONBOARDING),
    _call("get-kyb", "GET", f"{_KYBS}/{{kyb_id}}", kyb.get_kyb, OF_MERCHANT, "Shows an identity check.", _ONBOARDING),
    _call("get-onboarding", "GET", f"{_API}/onboarding/me", kyb.get_onboarding, SIGNED_IN,
          "Says how far the onboarding of each merchant is.", _ONBOARDING),
    _call("create-registration-draft", "POST", _DRAFTS, registrations.create_draft, SIGNED_IN,
          "Creates a draft of a company's registration.", _ONBOARDING),
    _call("get-registration-draft", "GET", f"{_DRAFTS}/{{draft_id}}", registrations.get_draft, SIGNED_IN,
          "Shows a draft.", _ONBOARDING),
    _call("update-registration-draft", "PUT", f"{_DRAFTS}/{{draft_id}}", registrations.update_draft, SIGNED_IN,
          "Replaces parts of a draft.", _ONBOARDING),
    _call("create-registration", "POST", f"{_API}/pre-onboarding/registration-form/{{draft_id}}",
          registrations.create_registration, SIGNED_IN, "Submits a draft.", _ONBOARDING),
    _call("list-registrations", "GET", _REGISTRATIONS, registrations.list_registrations, SIGNED_IN,
          "Lists registrations.", _ONBOARDING),
    _call("get-registration-status", "GET", f"{_REGISTRATIONS}/{{registration_id}}/status",
          registrations.get_registration_status, SIGNED_IN, "Says how far a registration is.", _ONBOARDING),
)  # fmt: skip

_SIGN_IN_CALL = _call(
    "sign-in", "POST", access.SIGN_IN_PATH, sign_in.sign_in, (),
    "Exchanges an api key and its secret for a token of one hour.", _SIGN_IN,
    secrets=("secret", "token"), error_schema="sign-in-error", security=(),
)  # fmt: skip

_PAGES = (
    _call("get-kyb-form", "GET", access.KYB_PATH + "{kyb_id}", kyb.show_kyb_form, (),
          "Shows the form of an identity check.", _ONBOARDING, page=True),
    _call("get-pay-page", "GET", access.PAY_PATH + "{order_id}", pages.show_pay_page, (),
          "Shows the page on which a payer pays.", _TESTING, page=True),
    _call("pay-order", "POST", access.PAY_PATH + "{order_id}", pages.pay_order, (),
          "Pays, fails or leaves the order, as the tester chooses.", _TESTING, page=True),
)  # fmt: skip

provider = Provider(
    **asdict(outline),
    endpoints=(
        _SIGN_IN_CALL,
        *_CREDENTIAL_CALLS,
        *_COMMON_CALLS,
        *_ONBOARDING_CALLS,
        *_ORDER_CALLS,
        *_CONTACT_CALLS,
        *_account_calls("accounts", ""),
        *_account_calls("bank-accounts", ", by the older path"),
        *_BALANCE_CALLS,
        *_ORGANIZATION_CALLS,
        *_WEBHOOK_CALLS,
        *_PAGES,
    ),
    lifecycle=lifecycle.LIFECYCLE,
    errors=errors.ERRORS,
    checks=(inject_faults, where_nothing_is(access.require_route)),
    render=pages.render,
    find_sandbox=access.find_sandbox,
    body_limit=wire.BODY_LIMIT_BYTES,
    security=access.SECURITY,
    webhooks=webhooks.WEBHOOKS,
    announce=webhooks.announce,
    commands=commands.COMMANDS,
    named_ids=("org_", "mrc_", "api-", "readonly-"),
    tables=tables.TABLES,
    orders=tables.ORDERS,
    deliveries=tables.DeliveryFields,
    usual_scenario=orders.usual_scenario,
    order_request=ORDER_REQUEST,
    signing=SIGNING,
    page=pages.find_page,
    order_views=ORDER_VIEWS,
    error_member="errorCode",
    amount=pages.find_amount,
)

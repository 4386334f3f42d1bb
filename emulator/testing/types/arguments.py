"""The arguments of calls.

Made by scripts/generate_docs.py from the tables of the emulator: run it again after a change to them.
"""
# fmt: off

from collections.abc import Mapping, Sequence
from decimal import Decimal
from typing import Any, Literal, Protocol, TypedDict, TypeVar, Unpack, overload

from emulator.testing.types import names

R_co = TypeVar("R_co", covariant=True)

class BaanxSettings(TypedDict, total=False):
    """Settings of Baanx."""

    person_takes_over: Literal["unchosen", "always", "never"]
    page_waits: Any
    handEndsTimeline: Any
    pay_page_takes_over: Any
    payer_wait_s: int
    public_base: str | None
    publicBase: str | None
    pay_base_url: Any
    tester_strip: bool
    client_header: Literal["either", "client_id", "client_key"]
    enforce_region: bool
    omit_request_id: bool
    destination_address: str | None
    one_open_order: bool
    paid_at_format: Literal["postgres", "iso"]
    empty_metadata: Literal["omit", "object", "null"]
    pending_metadata: Literal["present", "omit"]
    products: Sequence[Mapping[str, Any]] | None
    use_pending: bool
    refund_style: Literal["failed", "refunded"]
    underpaid: Literal["fail", "keep_open"]
    late_payment: Literal["ignore", "complete"]
    order_expiry_seconds: int
    unknown_product_status: Literal[422, 404, 400]
    ineligible_status: Literal[403, 400, 409, 422]
    foreign_order_status: Literal[404, 403]
    malformed_json_status: Literal[422, 400]
    login_failure_status: Literal[401, 400]
    otp_required_style: Literal["body200", "error400"]
    totp_clock: Literal["either", "real", "sandbox"]
    login_rate_limit: str | None
    order_rate_limit: str | None
    retry_after: bool
    metal_changes_card: bool
    card_is_freezable: bool
    webhook_retry_seconds: Sequence[int]
    webhook_https_only: bool
    webhook_timestamp: Literal["sandbox", "real"]
    webhook_token: Literal["any", "partner"]
    redirect_uris: Sequence[str] | None
    initiate_style: Literal["redirect", "json"]
    oauth_auto_consent: Literal["user", "us", "otp", "totp", "onboarding", "unverified", "noorder", "disabled", None]
    oauth2_refresh_expires_in: bool
    app_ids: Mapping[str, Any]
    logout_scope: Literal["token", "user"]
    login_lock: str | None
    cors: bool
    messages: Mapping[str, str]
    users: Mapping[str, Mapping[str, Any]]

class BassWalletSettings(TypedDict, total=False):
    """Settings of BassWallet."""

    person_takes_over: Literal["unchosen", "always", "never"]
    page_waits: Any
    handEndsTimeline: Any
    pay_page_takes_over: Any
    payer_wait_s: int
    public_base: str | None
    publicBase: str | None
    pay_base_url: Any
    tester_strip: bool
    accept_json: bool
    signature_check: Literal["strict", "off"]
    signature_text: Literal["any", "plain", "raw", "encoded"]
    timestamp_clock: Literal["wall", "emulator"]
    future_tolerance_ms: int | None
    legacy_key_header: bool
    common_requires_key: bool
    common_timestamp: Literal["required", "ignored"]
    convert_method: Literal["any", "post", "get"]
    rate_limit: str | Mapping[str, str] | None
    keys: Mapping[str, Any]
    error_http_status: Literal["code", "always_200"]
    error_msg: Literal["symbol", "text"]
    initial_status: Literal["Pending", "AwaitingPayment"]
    confirmation_word: Literal["AwaitingConfirmation", "WaitingConfirmation"]
    absent_optional: Literal["omit", "empty"]
    order_not_found: Literal["param_error", "null_data"]
    query_redirect_url: Literal["payin", "return"]
    token_id_type: Literal["number", "string"]
    amount_precision: Literal["display", "token"]
    enforce_min_amount: bool
    business_id_pattern: str
    business_id_reuse_after_final: bool
    display_info_max: int
    catalogue: Sequence[Any] | None
    catalogue_mode: Literal["merge", "replace"]
    suspend: Mapping[str, bool]
    no_addresses: Sequence[str]
    first_confirmations: int
    final_confirmations: int | None
    block_interval_ms: Mapping[str, int]
    underpaid_policy: Literal["final", "topup", "sum"]
    payment_tolerance: str
    late_policy: Literal["ignore", "credit"]
    magic_display_info: bool
    opening_balances: Mapping[str, str]
    withdraw_without_ip: Literal["allowed", "refused"]
    withdraw_review: bool
    withdraw_processing_ms: int
    withdraw_query_form: Literal["table", "sample"]
    platform_fee_rates: Mapping[str, str]
    webhook_url: str | None
    webhook_encoding: Literal["form", "json"]
    webhook_require_empty_body: bool
    webhook_retry_delays: Sequence[int]
    webhook_timeout: int
    webhook_restamp: bool
    fiat_rates: Mapping[str, Any]
    usd_rates: Mapping[str, str]
    payin_button: bool
    auto_return_on: Literal["success", "confirmation"]

class ChangellySettings(TypedDict, total=False):
    """Settings of Changelly Fiat."""

    person_takes_over: Literal["unchosen", "always", "never"]
    page_waits: Any
    handEndsTimeline: Any
    pay_page_takes_over: Any
    payer_wait_s: int
    public_base: str | None
    publicBase: str | None
    pay_base_url: Any
    tester_strip: bool
    edition: Literal["A", "C", "D"]
    api_key: str | None
    apiKey: str | None
    mode: Literal["test", "production"]
    suspended: bool
    public_key: str
    publicKey: str
    callback_url: str | None
    callbackUrl: str | None
    callback_private_key: str
    callbackPrivateKey: str
    callback_public_key_form: Literal["spki", "pkcs1"]
    callbackPublicKeyForm: Literal["spki", "pkcs1"]
    other_partner: Mapping[str, Any]
    otherPartner: Mapping[str, Any]
    accepted_bases: Sequence[str]
    acceptedBases: Sequence[str]
    trust_proxy: bool
    trustProxy: bool
    accept_decoded_query: bool
    acceptDecodedQuery: bool
    signature_check: Literal["tolerant", "off"]
    signatureCheck: Literal["tolerant", "off"]
    rate_limit_per_minute: int
    rateLimitPerMinute: int
    initialize_status: Literal[400, 500]
    initializeStatus: Literal[400, 500]
    unique_external_order_id: bool
    uniqueExternalOrderId: bool
    strict_precision: bool
    strictPrecision: bool
    validate_wallets: bool
    validateWallets: bool
    require_extra_id: bool
    requireExtraId: bool
    require_refund_address: bool
    requireRefundAddress: bool
    created_at_zone: Literal["edition", "always", "never"]
    createdAtZone: Literal["edition", "always", "never"]
    full_list: bool
    fullList: bool
    offer_ttl_ms: int
    offerTtlMs: int
    emit_aliases: bool
    emitAliases: bool
    transition_check: Literal["final", "graph", "off"]
    transitionCheck: Literal["final", "graph", "off"]
    complete_hash: Literal["sha256", "none"]
    completeHash: Literal["sha256", "none"]
    default_flow: Literal[
        "happy", "none", "complete", "hold", "hold-failed", "failed", "expired", "refunded", "refunded-complete"
    ]
    defaultFlow: Literal[
        "happy", "none", "complete", "hold", "hold-failed", "failed", "expired", "refunded", "refunded-complete"
    ]
    flow_step_ms: int
    flowStepMs: int
    magic_values: bool
    magicValues: bool
    fault_delay_ms: int
    faultDelayMs: int
    checkout_page: bool
    checkoutPage: bool
    redirect_base: str
    redirectBase: str
    catalogue: Mapping[str, Any] | None
    accept_callback_url: bool
    acceptCallbackUrl: bool
    callback_extras: bool
    callbackExtras: bool
    callback_timeout_ms: int
    callbackTimeoutMs: int
    callback_max_retries: int
    callbackMaxRetries: int
    callback_retry_ms: int
    callbackRetryMs: int

_OtherKoyweSettings = TypedDict("_OtherKoyweSettings", {
    "timers.payin_expire": 'int | None',
    "timers.onramp_expire": 'int | None',
    "timers.offramp_expire": 'int | None',
    "timers.kyb_form": 'int | None',
    "timers.kyb_decision": 'int | None',
}, total=False)

class KoyweSettings(_OtherKoyweSettings, total=False):
    """Settings of Koywe."""

    person_takes_over: Literal["unchosen", "always", "never"]
    page_waits: Any
    handEndsTimeline: Any
    pay_page_takes_over: Any
    payer_wait_s: int
    public_base: str | None
    publicBase: str | None
    pay_base_url: Any
    tester_strip: bool
    profile: Literal["production", "sandbox"]
    create_status: Literal[201, 200]
    sign_in_status: Literal[200, 201]
    validation_status: Literal[422, 400]
    validation_message: Literal["string", "array"]
    unknown_properties: Literal["ignore", "reject"]
    amount_precision: Literal["reject", "round"]
    duplicate_external_id: Literal["conflict", "return_first"]
    quote_exclusivity: Literal["strict", "lenient"]
    quote_network_required: bool
    crypto_on_orders: Literal["accept", "reject"]
    payin_requires_contact: bool
    document_type_cc: Literal["reject", "accept"]
    inter_merchant_transfer: Literal["on", "off"]
    balance_transfer_mode: Literal["by_profile", "instant", "stepwise"]
    khipu_sandbox: Literal["auto", "interactive"]
    body_dialect: Literal["reference", "guides"]
    currency_decimals: Mapping[str, int]
    policy_hold_reply: Literal["order", "error"]
    qr_form: Literal["png_base64", "url", "drawn"]
    sign_in_error: Literal["envelope", "bare"]
    pay_page_language: Literal["auto", "es", "pt", "en"]
    paid_method: Literal["hidden", "shown"]
    order_aliases: Literal["off", "on"]
    extension_paths: Literal["on", "off"]
    null_fields: Literal["null", "omit"]
    settlement_every_s: int | None
    refund_settled_payin: Literal["external", "balance", "refuse"]
    refund_window_s: int | None
    deposit_accounts: Literal["shared", "by_country", "list"]
    virtual_account_countries: Sequence[Literal["CO", "CL", "MX", "BR", "AR", "PE", "BO", "US"]]
    report_amounts: Literal["number", "string"]
    ledger_order: Literal["asc", "desc"]
    deposit_category: Literal["OTHER", "PAYIN"]
    event_names: Literal["older", "newer"]
    webhook_payload: Literal["full", "minimal"]
    webhook_success: Literal["2xx", "200"]
    webhook_retry_on: Literal["any_failure", "5xx_429_network"]
    webhook_retry_delays_s: Sequence[int]
    webhook_timeout_s: int
    webhook_extra_headers: Mapping[str, str]
    token_ttl_s: int
    quote_ttl_s: int
    fee_bps_cross: int
    fee_bps_same: int

class Settings(TypedDict, total=False):
    """Settings by provider."""

    baanx: BaanxSettings
    basswallet: BassWalletSettings
    changelly: ChangellySettings
    koywe: KoyweSettings

class Choice(TypedDict, total=False):
    """The default scenario of each provider; None clears it."""

    baanx: names.BaanxScenario | str | None
    basswallet: names.BassWalletScenario | str | None
    changelly: names.ChangellyScenario | str | None
    koywe: names.KoyweScenario | str | None

_OtherRule = TypedDict("_OtherRule", {
    "with": Mapping[str, Any],
}, total=False)

class Rule(_OtherRule, total=False):
    """The members of a fault rule besides its fault."""

    when: Literal["before", "after"]
    provider: names.Provider
    endpoint: str
    event: str
    order: str
    match: Mapping[str, Any]
    skip: int
    times: int
    chance: float | Decimal
    fixed: str | float | Decimal
    uniform: Sequence[str | float | Decimal]
    lognormal: Mapping[str, Any]
    error: str
    status: int
    retry_after: str | float | Decimal
    content_type: str
    body: str
    by: str | float | Decimal
    form: Literal["ascii", "spaced", "reordered", "slashes"]

class Clock(TypedDict, total=False):
    """The clock of a new sandbox."""

    mode: Literal["real", "rate", "manual"]
    now: str | int
    rate: float | Decimal

class NewSandbox(TypedDict, total=False):
    """What a new sandbox begins with; everything is optional."""

    name: str
    seed: str | int
    clock: Clock
    settings: Settings
    webhook_url: str | None

class ChangeSettings(Protocol[R_co]):
    """Changes settings of a provider."""

    @overload
    def __call__(self, provider: Literal["baanx"], **settings: Unpack[BaanxSettings]) -> R_co: ...
    @overload
    def __call__(self, provider: Literal["basswallet"], **settings: Unpack[BassWalletSettings]) -> R_co: ...
    @overload
    def __call__(self, provider: Literal["changelly"], **settings: Unpack[ChangellySettings]) -> R_co: ...
    @overload
    def __call__(self, provider: Literal["koywe"], **settings: Unpack[KoyweSettings]) -> R_co: ...

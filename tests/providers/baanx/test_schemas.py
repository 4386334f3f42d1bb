"""The schemas of Baanx: valid, matching every body on the provider's pages, and no others."""

import json
from pathlib import Path
from typing import Any

import jsonschema_rs
import pytest
from jsonschema import Draft202012Validator
from referencing import Registry
from referencing.jsonschema import DRAFT202012

from emulator.providers.baanx import catalogue, wire
from emulator.providers.baanx.accounts import one_time_codes, tokens
from emulator.providers.baanx.oauth import grants, redirects, sessions

FOLDER = Path(__file__).resolve().parents[3] / "schemas" / "baanx"
SCHEMAS: dict[str, Any] = {path.name: json.loads(path.read_text("utf-8")) for path in sorted(FOLDER.glob("*.json"))}
REGISTRY: Registry[Any] = Registry().with_resources(
    [(name, DRAFT202012.create_resource(schema)) for name, schema in SCHEMAS.items()]
)
FAST_REGISTRY = jsonschema_rs.Registry([(f"json-schema:///{name}", schema) for name, schema in SCHEMAS.items()])

REQUEST_ID = "8RBsoeyoRwajj86MZfZE6gMDJQVYGYcdSfx1zxqxNHbr"
ORDER_ID = "ord_7f3a91c2d05e4b68a1c39f07"
TRANSACTION = "0x5be1c7d0a94f3e2286bb1f0c7a53d9e84416af0d2c9b7735e8a1046fd2c3b590"
UUID = "3d0f6c1e-9b7a-4f12-8c55-b7a1e2d94c01"
PAYMENT_CONFIG = {
    "paymentAmount": 199,
    "paymentCurrency": "USD",
    "destinationAddress": "0x3a11a86cf218c448be519728cd3ac5c741fb3424",
    "destinationChainId": "59144",
    "destinationTokenSymbol": "USDC",
    "destinationTokenAddress": "0x176211869cA2b568f2A7D4EE941E073a821EE1ff",
}
STARTED = {"requestId": REQUEST_ID, "orderId": ORDER_ID, "status": "STARTED"}
METADATA = {"paymentId": REQUEST_ID, "txHash": TRANSACTION}
COMPLETED = {**STARTED, "status": "COMPLETED", "paidAt": "2026-02-03 10:22:41.118+00", "metadata": METADATA}
REFUNDED_NOTE = {"paymentId": REQUEST_ID, "note": "payment_refunded"}
SIGNED_IN = {
    "accessToken": f"US_{UUID}",
    "userId": "3d0f6c1e-9b7a-4f12-8c55-b7a1e2d94c02",
    "isOtpRequired": False,
    "phoneNumber": None,
    "phase": None,
    "verificationState": "VERIFIED",
    "isLinked": False,
}
MASKED = one_time_codes.write_masked_phone("+44", "500000225")
LOGIN = {"email": "user@default.test", "password": "sandbox"}
CODE_GRANT = {
    "grant_type": "authorization_code",
    "code": "c",
    "redirect_uri": "https://a.test",
    "code_verifier": "v",
}
TOKENS = {
    "access_token": tokens.write_access_token(UUID),
    "expires_in": tokens.ACCESS_TOKEN_LIFETIME_S,
    "refresh_token": tokens.write_refresh_token(UUID),
    "refresh_token_expires_in": tokens.REFRESH_TOKEN_LIFETIME_S,
    "token_type": "Bearer",
}
INITIATE = {
    "response_type": "code",
    "client_id": "client-default",
    "redirect_uri": "https://a.test",
    "state": "s",
    "code_challenge": "E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM",
    "code_challenge_method": "S256",
}
PRODUCT = {"id": "PREMIUM_SUBSCRIPTION", "description": "Premium subscription", "isEligible": True}
ORDER_REQUEST = {"productId": "PREMIUM_SUBSCRIPTION", "paymentMethod": "CRYPTO_EXTERNAL_DAIMO"}

ACCEPTED: list[tuple[str, Any]] = [
    ("create-order.request.json", ORDER_REQUEST),
    ("create-order.request.json", {**ORDER_REQUEST, "unknown": 1}),
    (
        "create-order.response.json",
        {"requestId": "payment_1234", "orderId": "abcd_1234", "paymentConfig": PAYMENT_CONFIG},
    ),
    ("create-order.response.json", {"orderId": ORDER_ID, "paymentConfig": {**PAYMENT_CONFIG, "paymentAmount": 9.99}}),
    ("order.json", STARTED),
    ("order.json", COMPLETED),
    ("order.json", {**COMPLETED, "paidAt": "2023-03-27 17:07:12.662+03"}),
    ("order.json", {**COMPLETED, "paidAt": "2026-02-03T10:22:41.118Z"}),
    ("order.json", {**COMPLETED, "metadata": {**METADATA, "note": "payment_refunded"}}),
    ("order.json", {**STARTED, "status": "FAILED", "metadata": REFUNDED_NOTE}),
    ("order.json", {**STARTED, "metadata": None}),
    ("order.json", {**STARTED, "metadata": {}}),
    ("order.json", {**STARTED, "status": "EXPIRED"}),
    ("order.json", {**STARTED, "status": "PENDING", "metadata": METADATA}),
    ("order.json", {**STARTED, "status": "REFUNDED", "metadata": REFUNDED_NOTE}),
    ("order.json", {**COMPLETED, "status": "REFUNDED", "metadata": REFUNDED_NOTE}),
    ("list-products.response.json", []),
    ("list-products.response.json", [PRODUCT, {**PRODUCT, "id": "METAL_CARD", "isEligible": False}]),
    ("sign-in.request.json", LOGIN),
    ("sign-in.request.json", {**LOGIN, "otpCode": "123456"}),
    ("sign-in.response.json", SIGNED_IN),
    ("sign-in.response.json", {**SIGNED_IN, "accessToken": tokens.write_login_token(UUID, "international")}),
    ("sign-in.response.json", {**SIGNED_IN, "accessToken": None, "isOtpRequired": True, "phoneNumber": MASKED}),
    ("sign-in.response.json", {**SIGNED_IN, "accessToken": None, "phase": "PERSONAL_INFORMATION"}),
    ("send-one-time-code.request.json", {"userId": "not a user"}),
    ("send-one-time-code.response.json", {"success": True}),
    ("initiate-oauth.query.json", INITIATE),
    ("initiate-oauth.query.json", {**INITIATE, "mode": "api", "client_secret": "x", "region": "us"}),
    ("create-oauth-token.request.json", CODE_GRANT),
    ("create-oauth-token.request.json", {**CODE_GRANT, "refresh_token": None}),
    ("create-oauth-token.request.json", {"grant_type": "refresh_token", "refresh_token": "r"}),
    ("create-oauth-token.response.json", TOKENS),
    (
        "oauth-error.json",
        {"error": "invalid_request", "error_description": "Missing required parameter: code_challenge"},
    ),
    ("oauth-error.json", {"error": "invalid_grant", "error_description": "Invalid or expired grant"}),
    ("every-call.query.json", {"region": "anything"}),
    ("every-call.header.json", {"x-us-env": "anything"}),
]
ACCEPTED += [
    ("error.json", {"message": text})
    for text in (
        "Not authenticated",
        "Not authorized",
        "Product not available for this user",
        "Order not found",
        "Card not found",
        "productId is required",
        "Unknown productId",
        "Invalid client key",
        "Missing client key",
        "Internal server error",
        "Too many requests",
    )
]

REFUSED: list[tuple[str, Any]] = [
    *(
        ("create-order.request.json", {**ORDER_REQUEST, member: bad})
        for member in ORDER_REQUEST
        for bad in (None, "", 1)
    ),
    *(("create-order.request.json", {member: ORDER_REQUEST[member]}) for member in ORDER_REQUEST),
    ("create-order.request.json", {**ORDER_REQUEST, "paymentMethod": "crypto_external_daimo"}),
    ("create-order.request.json", []),
    *(("payment-config.json", {k: v for k, v in PAYMENT_CONFIG.items() if k != gone}) for gone in PAYMENT_CONFIG),
    ("payment-config.json", {**PAYMENT_CONFIG, "paymentAmount": "199"}),
    ("payment-config.json", {**PAYMENT_CONFIG, "destinationChainId": 59144}),
    ("payment-config.json", {**PAYMENT_CONFIG, "extra": 1}),
    ("create-order.response.json", {"requestId": REQUEST_ID, "orderId": ORDER_ID}),
    ("create-order.response.json", {"orderId": "with/slash", "paymentConfig": PAYMENT_CONFIG}),
    ("order.json", {**STARTED, "status": "started"}),
    ("order.json", {**STARTED, "paidAt": "2026-02-03 10:22:41.118+00"}),
    ("order.json", {**STARTED, "metadata": METADATA}),
    ("order.json", {**STARTED, "status": "EXPIRED", "metadata": METADATA}),
    ("order.json", {**STARTED, "status": "COMPLETED", "metadata": METADATA}),
    ("order.json", {**COMPLETED, "metadata": {}}),
    ("order.json", {**COMPLETED, "metadata": None}),
    ("order.json", {**COMPLETED, "metadata": {**METADATA, "txHash": "0x12"}}),
    ("order.json", {**COMPLETED, "status": "FAILED"}),
    ("order.json", {**STARTED, "status": "FAILED", "metadata": METADATA}),
    ("order.json", {**STARTED, "status": "REFUNDED", "metadata": METADATA}),
    ("order.json", {**STARTED, "status": "PENDING", "metadata": REFUNDED_NOTE}),
    ("order.json", {**STARTED, "extra": 1}),
    ("get-order.response.json", {**STARTED, "extra": 1}),
    ("list-products.response.json", {"products": []}),
    ("list-products.response.json", [{**PRODUCT, "amount": 199}]),
    ("error.json", {"message": "x", "code": 1}),
    ("error.json", {"error": "x"}),
    ("oauth-error.json", {"message": "x"}),
    *(("sign-in.request.json", {**LOGIN, member: bad}) for member in LOGIN for bad in (None, "", 1)),
    *(
        ("sign-in.request.json", {**LOGIN, "email": bad})
        for bad in ("user", "user@", "@a.test", "a b@c.test", "a@b.c\n")
    ),
    *(("sign-in.request.json", {**LOGIN, "otpCode": bad}) for bad in ("", "12345", "1234567", "12345a", "123456\n", 1)),
    ("sign-in.response.json", {**SIGNED_IN, "accessToken": None}),
    ("sign-in.response.json", {**SIGNED_IN, "isOtpRequired": True, "phoneNumber": MASKED}),
    ("sign-in.response.json", {**SIGNED_IN, "phase": "ACCOUNT"}),
    ("sign-in.response.json", {**SIGNED_IN, "phoneNumber": MASKED}),
    ("send-one-time-code.request.json", {}),
    ("send-one-time-code.response.json", {"success": False}),
    *(("initiate-oauth.query.json", {**INITIATE, member: ""}) for member in INITIATE),
    ("initiate-oauth.query.json", {**INITIATE, "code_challenge_method": "plain"}),
    *(("create-oauth-token.request.json", {k: v for k, v in CODE_GRANT.items() if k != gone}) for gone in CODE_GRANT),
    *(("create-oauth-token.request.json", {**CODE_GRANT, member: bad}) for member in CODE_GRANT for bad in (None, "")),
    ("create-oauth-token.request.json", {"grant_type": "refresh_token"}),
    ("create-oauth-token.request.json", {"grant_type": "password"}),
    ("create-oauth-token.response.json", {**TOKENS, "expires_in": "21600"}),
]

ENDPOINTS = {
    "create-order": {"request", "response"},
    "get-order": {"response"},
    "list-products": {"response"},
    "sign-in": {"request", "response"},
    "send-one-time-code": {"request", "response"},
    "initiate-oauth": {"query", "response"},
    "authorize-oauth": {"request", "response"},
    "create-oauth-token": {"request", "response"},
    "sign-out": {"response"},
    "revoke-oauth": {"response"},
    "get-user": {"response"},
    "authorize-oauth2": {"query"},
    "create-oauth2-token": {"request", "response"},
    "revoke-oauth2-token": {"request", "response"},
    "show-consent-page": {"query"},
    "give-consent": {"request"},
    "get-card-status": {"response"},
    "order-card": {"request", "response"},
    "freeze-card": {"response"},
    "unfreeze-card": {"response"},
    "create-card-details-token": {"request", "response"},
    "create-card-pin-token": {"request", "response"},
    "get-card-image": {"query"},
    "create-webhook": {"request", "response"},
    "list-webhooks": {"response"},
    "get-webhook": {"response"},
    "update-webhook": {"request", "response"},
    "delete-webhook": {"response"},
    "rotate-webhook-key": {"response"},
    "list-webhook-logs": {"query", "response"},
    "list-webhook-events": {"query", "response"},
    "get-webhook-event-status": {"response"},
    "list-webhook-event-logs": {"response"},
    "retry-webhook-event": {"request", "response"},
}


def is_accepted(name: str, instance: Any) -> bool:
    """Asks both validators, which must agree."""
    reference = Draft202012Validator({"$ref": name}, registry=REGISTRY).is_valid(instance)
    fast = jsonschema_rs.Draft202012Validator(SCHEMAS[name], registry=FAST_REGISTRY).is_valid(instance)
    assert reference == fast, f"the two validators disagree about {instance!r}"
    return reference


def properties_of(schema: dict[str, Any]) -> list[tuple[str, dict[str, Any]]]:
    """Every property that a schema describes, those of nested objects included; conditions are left out."""
    own = list(schema.get("properties", {}).items())
    return own + [inner for _, child in own for inner in properties_of(child)]


@pytest.mark.parametrize("name", SCHEMAS)
def test_a_schema_is_a_schema(name: str) -> None:
    Draft202012Validator.check_schema(SCHEMAS[name])
    assert {"$schema", "title", "description", "x-page", "examples"} <= SCHEMAS[name].keys()
    assert SCHEMAS[name]["x-page"].startswith("https://docs.baanx.com/")


@pytest.mark.parametrize("name", SCHEMAS)
def test_the_examples_of_a_schema_pass(name: str) -> None:
    assert SCHEMAS[name]["examples"]
    for example in SCHEMAS[name]["examples"]:
        assert is_accepted(name, example)


@pytest.mark.parametrize("name", SCHEMAS)
def test_each_property_is_described_with_passing_examples_and_a_source(name: str) -> None:
    for member, schema in properties_of(SCHEMAS[name]):
        assert schema["description"], member
        assert schema["x-source"] in {"documented", "observed", "assumed"}, member
        assert schema["examples"], member
        for example in schema["examples"]:
            assert Draft202012Validator(schema, registry=REGISTRY).is_valid(example), (member, example)


@pytest.mark.parametrize("name", SCHEMAS)
def test_requests_allow_unknown_members_and_everything_else_does_not(name: str) -> None:
    schema = SCHEMAS[name]
    if schema.get("type") != "object":
        return
    is_request = name.endswith((".request.json", ".query.json", ".header.json"))
    assert schema.get("additionalProperties", True) is is_request


@pytest.mark.parametrize("endpoint", ENDPOINTS)
def test_every_endpoint_has_its_schemas(endpoint: str) -> None:
    kinds = {name.split(".")[1] for name in SCHEMAS if name.startswith(f"{endpoint}.")}
    assert kinds == ENDPOINTS[endpoint]


@pytest.mark.parametrize(("name", "instance"), ACCEPTED)
def test_a_genuine_body_is_accepted(name: str, instance: Any) -> None:
    assert is_accepted(name, instance)


@pytest.mark.parametrize(("name", "instance"), REFUSED)
def test_a_wrong_body_is_refused(name: str, instance: Any) -> None:
    assert not is_accepted(name, instance)


def test_required_parameters_stand_in_the_order_in_which_a_missing_one_is_named() -> None:
    assert tuple(SCHEMAS["initiate-oauth.query.json"]["required"]) == grants.INITIATE_PARAMETERS
    for rule in SCHEMAS["create-oauth-token.request.json"]["allOf"]:
        grant = rule["if"]["properties"]["grant_type"]["const"]
        assert tuple(rule["then"]["required"]) == grants.GRANT_PARAMETERS[grant]


@pytest.mark.parametrize("user", catalogue.list_seed_users("default"), ids=lambda user: user.word)
def test_every_seed_user_answers_in_the_documented_form(user: catalogue.SeedUser) -> None:
    assert is_accepted("get-user.response.json", wire.write_profile(user.profile))
    assert user.card is None or is_accepted("get-card-status.response.json", wire.write_card(user.card))


def test_a_signed_session_fits_the_answer_that_carries_it() -> None:
    session = sessions.AuthorizationSession("1", "client-default", "https://a.test", "s", INITIATE["code_challenge"])
    token = sessions.sign_session(session, b"key", 0)
    url = sessions.write_hosted_url("http://127.0.0.1:8901", token)
    assert is_accepted("initiate-oauth.response.json", {"token": token, "url": url})
    back = redirects.write_redirect_url("https://a.test", {"state": "s", "code": UUID})
    assert is_accepted("authorize-oauth.response.json", {"url": back, "code": UUID, "state": "s"})

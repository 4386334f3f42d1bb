"""Consent, cards and the events of webhooks."""

from scripts.longer_recipes import Recipe, call

_BACK = "http://localhost:3000/callback"
_ASKED = {
    "response_type": "code", "client_id": "client-{sandbox}", "redirect_uri": _BACK, "state": "f4c1",
    "code_challenge": "E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM", "code_challenge_method": "S256",
}  # fmt: skip
_TRADE = {
    "grant_type": "authorization_code", "code": "{made}",
    "code_verifier": "dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk",
}  # fmt: skip
_NOBODY = {"Authorization": ""}
"""In place of the user's token."""
_SIGN_IN = {"token": "{made}", "email": "user@{sandbox}.test", "password": "sandbox", "action": "allow"}
_BEGIN = call("GET", "/v1/auth/oauth/authorize/initiate", params=_ASKED | {"mode": "api"}, keep=["token"])
_CONSENT = call("POST", "/v1/auth/oauth/authorize", json={"token": "{made}"})
_SUBSCRIPTION = {"name": "All", "url": "http://127.0.0.1:9000/hook", "event_types": ["*"]}
_EVENT: Recipe = [
    call("POST", "/v1/webhooks", json=_SUBSCRIPTION),
    {"do": "command", "name": "send_event", "arguments": {"event_type": "card.activated"}},
    call("GET", "/v1/webhooks/events", keep=["events", 0, "eventId"]),
]

RECIPES: list[Recipe] = [
    [_BEGIN, _CONSENT],
    [
        _BEGIN,
        _CONSENT | {"keep": ["code"]},
        call("POST", "/v1/auth/oauth/token", json=_TRADE | {"redirect_uri": _BACK}, headers=_NOBODY),
    ],
    [
        call("GET", "/v1/auth/oauth2/authorize", params=_ASKED, hidden="token"),
        call("POST", "/oauth/ui", data=_SIGN_IN, leads="code"),
        call("POST", "/v1/auth/oauth2/token", json=_TRADE),
    ],
    [call("POST", "/v1/card/freeze"), call("POST", "/v1/card/unfreeze")],
    [
        {"do": "set", "settings": {"users": {"user": {"card": None}}}},
        call("POST", "/v1/card/order", json={"type": "VIRTUAL"}),
    ],
    [
        call("POST", "/v1/card/details/token", keep=["token"]),
        call("GET", "/details-image", params={"token": "{made}"}),
    ],
    [*_EVENT, call("GET", "/v1/webhooks/events/{made}/status")],
    [*_EVENT, call("GET", "/v1/webhooks/events/{made}/logs")],
    [*_EVENT, call("POST", "/v1/webhooks/events/{made}/retry")],
]

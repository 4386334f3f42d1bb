"""What a browser does on the hosted page, as far as the tests of Baanx need one: it knows forms and no scripts."""

from html.parser import HTMLParser
from typing import Any
from urllib.parse import parse_qs, urljoin, urlsplit

import httpx

from emulator.testing import Emulator

VERIFIER = "dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk"
CHALLENGE = "E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM"
BACK = "http://localhost:3000/callback?x=1"
NEWER = "/v1/auth/oauth2/authorize"
OLDER = "/v1/auth/oauth/authorize/initiate"


class Form(HTMLParser):
    """The form of a page: where it goes, its fields with their values, and its buttons."""

    def __init__(self, page: httpx.Response) -> None:
        super().__init__()
        self.action = ""
        self.method = ""
        self.fields: dict[str, str] = {}
        self.buttons: list[str] = []
        self.forms = 0
        self.loaded: list[str] = []
        """Whatever a browser would load from anywhere, or run on an event."""
        self.feed(page.text)
        self.url = urljoin(str(page.url), self.action)

    def handle_starttag(self, tag: str, attributes: list[tuple[str, str | None]]) -> None:
        """Collects."""
        named = {name: value or "" for name, value in attributes}
        linked = [value for name, value in named.items() if name in ("src", "href") or name.startswith("on")]
        self.loaded += [value for value in linked if not value.startswith("data:")]
        if tag == "form":
            self.forms += 1
            self.action, self.method = named["action"], named["method"]
        if tag == "input":
            self.fields[named["name"]] = named.get("value", "")
        if tag == "button":
            self.buttons.append(named["value"])


def open_page(emulator: Emulator, path: str = NEWER, **changes: Any) -> httpx.Response:
    """Asks for the page of an authorization, without any header, and follows redirects within the emulator."""
    parameters: dict[str, str | None] = {
        "client_id": emulator.baanx.credentials["client_id"],
        "response_type": "code",
        "redirect_uri": BACK,
        "state": "f4 c1&é",
        "code_challenge": CHALLENGE,
        "code_challenge_method": "S256",
    }
    parameters |= changes
    present = {name: value for name, value in parameters.items() if value is not None}
    response = httpx.get(emulator.baanx.url + path, params=present, verify=False)
    if response.is_redirect and response.headers["location"].startswith(emulator.baanx.url):
        return httpx.get(response.headers["location"], verify=False)
    return response


def submit(page: httpx.Response, action: str = "allow", **fields: str) -> httpx.Response:
    """Fills in the form of a page and presses a button."""
    form = Form(page)
    return httpx.post(form.url, data={**form.fields, **fields, "action": action}, verify=False)


def allow(emulator: Emulator, page: httpx.Response, word: str = "user", **fields: str) -> httpx.Response:
    """Signs a user in on a page, and consents."""
    return submit(page, email=f"{word}@{emulator.name}.test", password="sandbox", **fields)


def returned(response: httpx.Response) -> dict[str, str]:
    """The query of the address that a browser is sent back to, in its order."""
    assert response.status_code == 302, response.text
    url = urlsplit(response.headers["location"])
    assert f"{url.scheme}://{url.netloc}{url.path}" == "http://localhost:3000/callback"
    return {name: values[0] for name, values in parse_qs(url.query, keep_blank_values=True).items()}


def new_code(emulator: Emulator, word: str = "user", **changes: Any) -> str:
    """A code of the newer calls, by way of the page."""
    return returned(allow(emulator, open_page(emulator, **changes), word))["code"]


def trade(emulator: Emulator, *, as_json: bool = False, headers: Any = None, **members: Any) -> httpx.Response:
    """The token call of the newer family, with a code unless told otherwise."""
    body: dict[str, Any] = {"grant_type": "authorization_code", "code_verifier": VERIFIER} | members
    present = {name: value for name, value in body.items() if value is not None}
    sent = {"x-client-key": emulator.baanx.credentials["client_id"]} if headers is None else headers
    url = f"{emulator.baanx.url}/v1/auth/oauth2/token"
    if as_json:
        return httpx.post(url, json=present, headers=sent, verify=False)
    return httpx.post(url, data=present, headers=sent, verify=False)

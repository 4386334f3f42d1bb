"""Where an authorization may send a browser back to."""

import httpx
import pytest

from emulator.testing import ControlRefused, Emulator
from tests.providers.baanx.browsers import NEWER, OLDER, open_page

LOOPBACK = [
    "http://localhost",
    "http://localhost/",
    "http://localhost:3000/callback?x=1",
    "http://LOCALHOST:1/a",
    "http://127.0.0.1:8080/cb",
    "http://[::1]:8080/cb",
    "http://127.0.0.1?x",
]
ELSEWHERE = [
    "https://localhost/cb",
    "http://127.0.0.1.example.test/cb",
    "http://localhost.example.test/cb",
    "http://user@localhost/cb",
    "http://localhost@example.test/cb",
    "http://localhost\\@example.test/cb",
    "http://127.0.0.2/cb",
    "http://example.test/cb",
    "metamask://card",
]
NEVER = [
    "//example.test/cb",
    "/cb",
    "callback",
    "https://app.example.test/ callback",
    "https://app.example.test/\tcallback",
    "https://app.example.test/\u0000",
    "http://localhost/cb#part",
    "javascript:alert(1)",
    "JavaScript:alert(1)",
    "data:text/html,x",
    "vbscript:x",
    "file:///etc/passwd",
    "BLOB:http://localhost/1",
    "about:blank",
]


def is_taken(emulator: Emulator, path: str, redirect_uri: str) -> bool:
    """Whether an authorization with this address begins; if not, nobody is sent anywhere."""
    mode = {"mode": "api"} if path == OLDER else {}
    headers = {"x-client-key": emulator.baanx.credentials["client_id"]}
    page = open_page(emulator, NEWER, redirect_uri=redirect_uri) if path == NEWER else None
    response = page or httpx.get(
        emulator.baanx.url + path,
        params={
            "client_id": emulator.baanx.credentials["client_id"],
            "response_type": "code",
            "redirect_uri": redirect_uri,
            "state": "s",
            "code_challenge": "E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM",
            "code_challenge_method": "S256",
            **mode,
        },
        headers=headers,
        verify=False,
    )
    assert "location" not in response.headers
    if response.status_code == 200:
        return True
    assert response.status_code == 400
    assert "Invalid parameter: redirect_uri" in response.text
    return False


@pytest.mark.parametrize("path", [OLDER, NEWER])
@pytest.mark.parametrize("redirect_uri", LOOPBACK)
def test_26_this_machine_is_allowed_on_any_port(emulator: Emulator, path: str, redirect_uri: str) -> None:
    assert is_taken(emulator, path, redirect_uri)
    emulator.set("baanx", redirect_uris=["https://app.example.test/callback"])
    assert not is_taken(emulator, path, redirect_uri)


@pytest.mark.parametrize("path", [OLDER, NEWER])
@pytest.mark.parametrize("redirect_uri", ELSEWHERE)
def test_26_other_hosts_and_schemes_are_not_allowed(emulator: Emulator, path: str, redirect_uri: str) -> None:
    assert not is_taken(emulator, path, redirect_uri)
    if "\\" not in redirect_uri:
        emulator.set("baanx", redirect_uris=None)
        assert is_taken(emulator, path, redirect_uri)


@pytest.mark.parametrize("path", [OLDER, NEWER])
def test_26_an_entry_of_the_whitelist_must_match_exactly(emulator: Emulator, path: str) -> None:
    assert is_taken(emulator, path, "https://app.example.test/callback")
    for near in ("/", "?x=1", "2"):
        assert not is_taken(emulator, path, f"https://app.example.test/callback{near}")
    assert not is_taken(emulator, path, "https://APP.example.test/callback")
    emulator.set("baanx", redirect_uris=["metamask://card"])
    assert is_taken(emulator, path, "metamask://card")
    emulator.set("baanx", redirect_uris=[])
    assert not is_taken(emulator, path, "metamask://card")


@pytest.mark.parametrize("path", [OLDER, NEWER])
@pytest.mark.parametrize("redirect_uri", NEVER)
def test_26_some_addresses_are_never_allowed(emulator: Emulator, path: str, redirect_uri: str) -> None:
    for allowed in (None, [redirect_uri]):
        emulator.set("baanx", redirect_uris=allowed)
        assert not is_taken(emulator, path, redirect_uri)


def test_26_a_whitelist_is_a_list_of_texts(emulator: Emulator) -> None:
    with pytest.raises(ControlRefused, match="/1: "):
        emulator.set("baanx", redirect_uris=["loopback", 5])  # type: ignore[call-overload]

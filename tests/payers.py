"""What happens at a URL of a provider: a client makes a signed order there, and its payer follows the link."""

import re
from collections.abc import Mapping
from html import unescape
from importlib import import_module
from typing import Any

import httpx

from emulator.contract.client_side import ProviderAccess
from emulator.providers import NAMES, load
from emulator.testing import Emulator

CLIENTS: Mapping[str, Any] = {name: import_module(f"tests.clients.{name}").Client for name in NAMES}
WITH_PAGES = [name for name in NAMES if any(endpoint.page for endpoint in load(name).endpoints)]
"""Providers whose payers are sent to a page of the emulator."""
LINK = re.compile(r'\s[\w-]+="(/[^"]*)"')
"""What an element leads to, loads or asks for at its own host, by whatever attribute."""
_FORM = re.compile(r'<form[^>]* action="([^"]*)".*?<button name="(event|status)" value="([^"]*)"', re.DOTALL)


def pay_at(emulator: Emulator, provider: str, url: str) -> None:
    """Creates a signed order at a provider's base URL, and goes to the payer's page, if there is one: all must be below
    that URL.
    """
    emulator._access[provider] = ProviderAccess(url, emulator[provider].credentials)
    with CLIENTS[provider](emulator) as client:
        created = client.create()
    assert created.is_success, created.text
    [order] = emulator.orders()
    if provider not in WITH_PAGES:
        return
    page = str(order["page"])
    assert page.startswith(f"{url}/")
    found = created.json().get("data", created.json())
    assert {found.get("redirectUrl"), found.get("paymentUrl")} <= {None, page}
    shown = httpx.get(page, verify=False, trust_env=False)
    assert (shown.status_code, shown.headers["content-type"]) == (200, "text/html; charset=utf-8")
    below = httpx.URL(url).path.rstrip("/")
    assert [link for link in LINK.findall(shown.text) if not link.startswith(f"{below}/")] == []
    press_button(page, shown.text)


def press_button(page: str, text: str) -> None:
    """Presses the first button of a page's strip for testers, which leads back to the page."""
    found = _FORM.search(text)
    assert found is not None
    action, name, value = found.groups()
    pressed = httpx.post(
        httpx.URL(page).join(unescape(action)), data={name: value}, verify=False, trust_env=False, follow_redirects=True
    )
    assert (pressed.status_code, str(pressed.url)) == (200, page)

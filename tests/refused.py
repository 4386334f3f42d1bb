"""Requests refused for how they were signed, and what is reported about them."""

import hmac
from collections.abc import Mapping
from importlib import import_module
from typing import Any

import httpx

from emulator.testing import Emulator
from tests.clients import basswallet, changelly

ASK = {"X-Emulator-Explain": "1"}


def told(emulator: Emulator, answer: httpx.Response) -> Any:
    """The diagnosis of a request that was refused, which the header and the journal tell as well."""
    assert answer.status_code >= 400, answer.text
    [entry] = emulator.journal(kind="request", order="desc", limit=1)
    found = emulator.call("GET", f"journal/{entry['number']}/diagnosis")
    in_header = str(entry["reason"]).encode("unicode_escape").decode().replace("\\\\", "\\")[:4000]
    assert found["request"] == entry
    assert str(entry["reason"]).startswith(found["sentence"])
    assert (answer.headers["x-emulator-reason"], entry["reason"]) == (in_header, found["reason"])
    return found


PAIRS = [("tokenName", "USDT"), ("chainName", "Tron"), ("amount", "25.50"), ("displayInfo", "Gold plan ñ"), ("x", "")]


def plain(pairs: list[tuple[str, str]]) -> str:
    return "&".join(f"{name}={value}" for name, value in pairs)


def code(text: str, key: str, algorithm: str = "sha256") -> str:
    return hmac.digest(key.encode(), text.encode(), algorithm).hex()


def filled(emulator: Emulator, provider: str, headers: Mapping[str, str | None]) -> dict[str, str | None]:
    """Headers with the sandbox's credentials in their places."""
    access = {name: str(value) for name, value in emulator[provider].credentials.items()}
    capitals = {name.upper(): value.upper() for name, value in access.items()}
    done: dict[str, str | None] = {}
    for name, value in headers.items():
        for place, text in ({**access, **capitals}).items():
            value = value.replace(f"{{{place}}}", text) if value is not None and f"${{{place}}}" not in value else value
        done[name] = value
    return done


def ask_in(emulator: Emulator, provider: str, headers: Mapping[str, str | None]) -> httpx.Response:
    """A request that belongs to the default sandbox, as its credential names no other, or to this one."""
    modules: dict[str, Any] = {"basswallet": basswallet, "changelly": changelly}
    with modules[provider].Client(emulator) as client:
        answer: httpx.Response = client.create(headers={**ASK, **filled(emulator, provider, headers)})
        return answer


def ask_baanx(emulator: Emulator, headers: Mapping[str, str | None]) -> httpx.Response:
    access = emulator.baanx.credentials
    usual = {"X-Client-ID": str(access["client_id"]), "Authorization": f"Bearer {access['token']}", **ASK}
    sent = usual | filled(emulator, "baanx", headers)
    present = {name: value for name, value in sent.items() if value is not None}
    return httpx.get(f"{emulator.baanx.url}/v1/order/products/available", headers=present)


def refuse(emulator: Emulator, provider: str) -> None:
    """Sends a good order with a wrong signature, with the header `X-Note: kept`."""
    import_module(f"tests.clients.{provider}").refuse(emulator)
    told = "its own sandbox has no journal entry of it: find_sandbox must find the sandbox however a request is signed"
    assert any(entry["error"] for entry in emulator.journal(kind="request", provider=provider)), told

"""Whose a recorded call is."""

from collections.abc import Iterator, Mapping
from typing import Any

from msgspec import Struct

from emulator.contract.card import Endpoint, Provider
from emulator.traffic.recorded import Body, Recorded

_ENOUGH_MEMBERS = 2


class Match(Struct, frozen=True):
    """What a call belongs to."""

    provider: Provider
    path: str
    """Below the provider's base URL."""
    is_webhook: bool = False
    endpoint: Endpoint | None = None
    """None: the provider has none there, or not with this method."""
    path_is_known: bool = False


def match(providers: Mapping[str, Provider], recorded: Recorded, provider: str = "", host: str = "") -> Match | None:
    """What a call belongs to; None: no provider. `provider`: the owner of calls whose host names no provider; `host`:
    of such calls, only those to this host."""
    if recorded.is_webhook:
        owner = providers.get(recorded.provider) or providers.get(provider) or _find_signer(providers, recorded)
        return Match(owner, recorded.path, is_webhook=True) if owner else None
    owner = _find_owner(providers, recorded)
    signer = None if owner else _find_signer(providers, recorded)
    if owner is None and provider and host in ("", recorded.host):
        owner = providers[provider]
        if signer is owner and not _lead_somewhere(owner, recorded):
            return Match(owner, recorded.path, is_webhook=True)
    if owner is None:
        return Match(signer, recorded.path, is_webhook=True) if signer else None
    path = _below(owner, recorded.path)
    methods, _ = owner.routes.find(path)
    method = "GET" if recorded.method == "HEAD" and owner.answers_head else recorded.method
    return Match(owner, path, endpoint=methods.get(method), path_is_known=bool(methods))


def _find_owner(providers: Mapping[str, Provider], recorded: Recorded) -> Provider | None:
    """By what the record says, by host name, or by the mount below an emulator's front door."""
    mount = recorded.path.removeprefix("/").partition("/")[0]
    of_host = (each for each in providers.values() if recorded.host in each.public_hosts)
    return providers.get(recorded.provider) or next(of_host, None) or providers.get(mount)


def _find_signer(providers: Mapping[str, Provider], recorded: Recorded) -> Provider | None:
    """The provider whose webhooks have such a signature header and such members; the name of the header alone is too
    common."""
    if recorded.method != "POST":
        return None
    for each in providers.values():
        signed = each.webhooks is not None and each.webhooks.signature_header.lower() in recorded.request.headers
        if signed and _resembles(each, recorded.request.body):
            return each
    return None


def _resembles(provider: Provider, body: Body) -> bool:
    """Whether a body has some of the members of one of the provider's webhooks, or cannot be read."""
    if body.form == "unknown":
        return True
    events = provider.webhooks.events if provider.webhooks is not None else ()
    known = {name for event in events for name in _members(provider.schemas.documents, event.schema)}
    return isinstance(body.value, dict) and len(known.intersection(body.value)) >= _ENOUGH_MEMBERS


def _members(documents: Mapping[str, Mapping[str, Any]], name: str) -> Iterator[str]:
    """The names of a schema's top-level members, including those of its alternatives."""
    document = documents[name]
    yield from document.get("properties", ())
    for form in (*document.get("oneOf", ()), *document.get("anyOf", ())):
        if "$ref" in form:
            yield from _members(documents, form["$ref"].removesuffix(".json"))


def _lead_somewhere(provider: Provider, recorded: Recorded) -> bool:
    return bool(provider.routes.find(_below(provider, recorded.path))[0])


def _below(provider: Provider, path: str) -> str:
    """The path without the mount under which an emulator's front door has the provider."""
    mount = f"/{provider.name}"
    return path.removeprefix(mount) if path.startswith(f"{mount}/") else path

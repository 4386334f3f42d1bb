"""Lists of the catalogue: providers, currencies, countries. A filter chooses rows and leaves them whole.

Sources: https://fiat-api.changelly.com/docs/endpoints/currencies-list and
https://fiat-api.changelly.com/docs/endpoints/countries-list (seen 2026-11), for providers the official Node SDK.
Assumed: icon addresses, and that filters choose rows only.
"""

from typing import Any, Literal

from emulator.contract.card import Call
from emulator.contract.reply import Reply
from emulator.core.json_text import json_reply
from emulator.core.suggestion import use_one_of
from emulator.core.wording import shown
from emulator.providers.changelly import wire
from emulator.providers.changelly.catalogue import Catalogue, Country, Crypto, Fiat, Flow, Provider, read_catalogue
from emulator.providers.changelly.sandbox import faults
from emulator.providers.changelly.wire import read_query, write_amount


def list_providers(call: Call) -> Reply:
    """`GET /v1/providers`: 200 with an array, in catalogue order; parameters are ignored."""
    faults.require_no_fault(call)
    return json_reply(200, write_providers(read_catalogue(call.settings)))


def list_currencies(call: Call) -> Reply:
    """`GET /v1/currencies`: 200 with an array, fiat first. Refuses with `validation`."""
    catalogue = read_catalogue(call.settings)
    filters = _read_filters(call, catalogue, "list-currencies.query")
    rows = write_currencies(
        catalogue,
        kind=filters.get("type"),
        provider_code=filters.get("providerCode"),
        flow=filters.get("supportedFlow"),
    )
    return json_reply(200, rows)


def list_countries(call: Call) -> Reply:
    """`GET /v1/available-countries`: 200 with an array, in catalogue order. Refuses with `validation`."""
    catalogue = read_catalogue(call.settings)
    filters = _read_filters(call, catalogue, "list-countries.query")
    rows = write_countries(
        catalogue,
        provider_code=filters.get("providerCode"),
        flow=filters.get("supportedFlow"),
        emit_aliases=call.settings["emit_aliases"],
    )
    return json_reply(200, rows)


def _read_filters(call: Call, catalogue: Catalogue, schema: str) -> dict[str, Any]:
    faults.require_no_fault(call)
    filters: dict[str, Any] = dict(read_query(call.request.query))
    code = filters.get("providerCode")
    bad = {}
    if isinstance(code, str) and code not in catalogue.provider_by_code:
        bad["providerCode"] = f"no provider {shown(code)}: {use_one_of(code, catalogue.provider_by_code)}"
    wire.require_valid(call.provider.schemas[schema], filters, bad)
    return filters


ASSETS = "https://assets.sandbox.invalid"

Row = dict[str, Any]


def write_providers(catalogue: Catalogue) -> list[Row]:
    """Every provider, keys in wire order."""
    return [
        {
            "code": provider.code,
            "name": provider.name,
            "trustPilotRating": provider.trust_pilot_rating,
            "iconUrl": f"{ASSETS}/providers/{provider.code}.svg",
        }
        for provider in catalogue.providers
    ]


def write_currencies(
    catalogue: Catalogue,
    *,
    kind: Literal["fiat", "crypto"] | None = None,
    provider_code: str | None = None,
    flow: Flow | None = None,
) -> list[Row]:
    """The currencies that fit every filter, fiat first; a row fits a flow if a provider (the named one, if any) has
    it."""
    rows: list[Row] = []
    if kind != "crypto":
        rows += [_write_fiat(catalogue, fiat) for fiat in catalogue.fiats]
    if kind != "fiat":
        rows += [_write_crypto(catalogue, crypto) for crypto in catalogue.cryptos]
    return [row for row in rows if _fits(row, provider_code, flow)]


def write_countries(
    catalogue: Catalogue, *, provider_code: str | None = None, flow: Flow | None = None, emit_aliases: bool = True
) -> list[Row]:
    """The countries that fit every filter. `emit_aliases`: flows have both spellings of the documentation."""
    rows = [_write_country(catalogue, country, emit_aliases=emit_aliases) for country in catalogue.countries]
    return [row for row in rows if _fits(row, provider_code, flow)]


def _fits(row: Row, provider_code: str | None, flow: Flow | None) -> bool:
    return any(
        provider_code in (None, provider["providerCode"]) and (flow is None or flow in provider["supportedFlow"])
        for provider in row["providers"]
    )


def _write_fiat(catalogue: Catalogue, fiat: Fiat) -> Row:
    return {
        "ticker": fiat.ticker,
        "name": fiat.name,
        "type": "fiat",
        "extraIdName": None,
        **_write_icons(fiat.ticker),
        "precision": str(fiat.precision),
        "network": "",
        "protocol": "",
        "providers": _write_takers(catalogue, fiat.ticker, "buy"),
    }


def _write_crypto(catalogue: Catalogue, crypto: Crypto) -> Row:
    return {
        "ticker": crypto.ticker,
        "name": crypto.name,
        "type": "crypto",
        "extraIdName": crypto.extra_id_name,
        **_write_icons(crypto.ticker),
        "precision": str(crypto.precision),
        "network": crypto.network,
        "protocol": "",
        "providers": _write_takers(catalogue, crypto.ticker, "sell"),
    }


def _write_icons(ticker: str) -> Row:
    address = f"{ASSETS}/currencies/{ticker.lower()}"
    return {"iconUrl": f"{address}.svg", "iconColoredUrl": f"{address}-colored.svg"}


def _write_takers(catalogue: Catalogue, ticker: str, pay_in_flow: Flow) -> list[Row]:
    """The providers that take a currency; with limits only where it is paid in."""
    rows: list[Row] = []
    for provider in catalogue.providers:
        flows = catalogue.list_flows(provider.code, ticker)
        limits = catalogue.find_pay_in_limits(provider.code, pay_in_flow, ticker)
        if not flows:
            continue
        row: Row = {"providerCode": provider.code, "supportedFlow": list(flows)}
        if limits is not None:
            row["limits"] = {"send": {"min": write_amount(limits.min), "max": write_amount(limits.max)}}
        rows.append(row)
    return rows


def _write_country(catalogue: Catalogue, country: Country, *, emit_aliases: bool) -> Row:
    row: Row = {"code": country.code, "name": country.name}
    if country.states:
        row["states"] = [{"code": state.code, "name": state.name} for state in country.states]
    served = [provider for provider in catalogue.providers if country.code in provider.countries]
    row["providers"] = [_write_server(provider, emit_aliases=emit_aliases) for provider in served]
    return row


def _write_server(provider: Provider, *, emit_aliases: bool) -> Row:
    row: Row = {"providerCode": provider.code, "supportedFlow": list(provider.flows)}
    if emit_aliases:
        row["supportedFlows"] = list(provider.flows)
    return row

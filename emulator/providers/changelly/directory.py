"""The lists that show the catalogue: providers, currencies, countries. Reads filters, shows what `listings` gives.

Sources: https://fiat-api.changelly.com/docs/endpoints/currencies-list and
https://fiat-api.changelly.com/docs/endpoints/countries-list (seen 2026-11), for providers the official Node SDK.
"""

from typing import Any

from emulator.contract.card import Call
from emulator.contract.reply import Reply
from emulator.core.json_text import json_reply
from emulator.providers.changelly import faults, listings, requests
from emulator.providers.changelly.catalogue import Catalogue, catalogue_of
from emulator.providers.changelly.formats import read_query


def list_providers(call: Call) -> Reply:
    """`GET /v1/providers`: 200 with an array in catalogue order; parameters are ignored."""
    faults.refuse_as_asked(call)
    return json_reply(200, listings.list_providers(catalogue_of(call.settings)))


def list_currencies(call: Call) -> Reply:
    """`GET /v1/currencies`: 200 with an array, fiat first. Refuses with `validation`."""
    catalogue = catalogue_of(call.settings)
    filters = _read_filters(call, catalogue, "list-currencies.query")
    rows = listings.list_currencies(
        catalogue,
        kind=filters.get("type"),
        provider_code=filters.get("providerCode"),
        flow=filters.get("supportedFlow"),
    )
    return json_reply(200, rows)


def list_countries(call: Call) -> Reply:
    """`GET /v1/available-countries`: 200 with an array in catalogue order. Refuses with `validation`."""
    catalogue = catalogue_of(call.settings)
    filters = _read_filters(call, catalogue, "list-countries.query")
    rows = listings.list_countries(
        catalogue,
        provider_code=filters.get("providerCode"),
        flow=filters.get("supportedFlow"),
        emit_aliases=call.settings["emitAliases"],
    )
    return json_reply(200, rows)


def _read_filters(call: Call, catalogue: Catalogue, schema: str) -> dict[str, Any]:
    faults.refuse_as_asked(call)
    filters: dict[str, Any] = dict(read_query(call.request.query))
    code = filters.get("providerCode")
    unknown = isinstance(code, str) and code not in catalogue.provider_by_code
    requests.require_valid(call.provider.schemas[schema], filters, ("providerCode",) if unknown else ())
    return filters

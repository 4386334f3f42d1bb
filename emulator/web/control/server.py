"""Calls about the server itself: what it is, and what it can do."""

from typing import Any

from starlette.requests import Request

from emulator import __version__
from emulator.views.describe import describe
from emulator.views.marks import own_facts
from emulator.views.openapi import openapi
from emulator.web.control.context import Context
from emulator.web.control.description import describe_calls
from emulator.web.control.docs_page import docs_page
from emulator.web.control.reading import require_provider
from emulator.web.control.refusals import ControlError


async def get_version(context: Context, request: Request) -> Any:
    """Name and version."""
    return {"name": "payment-provider-emulator", "version": __version__}


async def get_ca(context: Context, request: Request) -> Any:
    """The certificate of the authority that has signed what is served over HTTPS, as PEM."""
    if context.authority is None:
        raise ControlError("not-found", "nothing is served over HTTPS: start it with --tls")
    return context.authority.pem


async def get_metrics(context: Context, request: Request) -> Any:
    """What is counted and held, in the text format of Prometheus."""
    from emulator.web.control.metrics import metrics

    return metrics(context.engine)


async def get_providers(context: Context, request: Request) -> Any:
    """What each provider has: base URL, endpoints, statuses, transitions, events, errors, settings, scenarios."""
    library, urls = context.engine.library, context.urls(request)
    return {
        "providers": {
            name: describe(provider, library.shipped[name], urls.get(name))
            for name, provider in library.providers.items()
        }
    }


async def get_own_openapi(context: Context, request: Request) -> Any:
    """The OpenAPI 3.1 document of this control API."""
    return describe_calls(context.calls, context.control_url(request), guarded=context.token is not None)


async def get_docs(context: Context, request: Request) -> Any:
    """These calls as a page."""
    calls = [(call.method, call.path, call.handler.__doc__ or "") for call in context.calls]
    cards = context.providers
    facts = [(name, *fact) for name, card in cards.items() for fact in own_facts(card)]
    return docs_page(calls, list(cards), facts)


async def get_openapi(context: Context, request: Request) -> Any:
    """The OpenAPI 3.1 document of a provider, `<provider>.json`."""
    name = require_provider(context, request.path_params["document"].removesuffix(".json"))
    return openapi(context.providers[name], context.urls(request).get(name))

"""The first page of a sandbox, where nothing is chosen yet, and where clients find it."""

import json

from emulator.views.credentials import credentials_of
from emulator.web.console.commands import Taken, write_advance
from emulator.web.console.life import count
from emulator.web.console.visit import Shown, Visit

TITLE = "Payment provider emulator"


async def show_home(visit: Visit) -> Shown:
    """What there is, or how to begin if there is nothing."""
    makers = [name for name, provider in visit.providers.items() if provider.order_request is not None]
    first = json.dumps({"provider": makers[0]}) if makers else "{}"
    curl = f"curl -X POST {visit.control}/orders -H 'Content-Type: application/json' -d '{first}'"
    values = {
        "counts": count(visit.sandbox, visit.journal),
        "makers": [(name, visit.providers[name].title) for name in makers],
        "new_path": visit.path("new"),
        "first_taken": Taken("curl", curl),
        **_addresses(visit),
    }
    clock = write_advance(visit.control)
    return Shown(
        "home.html", TITLE, values, follows=True, leads_back=False, taken=clock, take="The clock as curl, in a test"
    )


async def show_access(visit: Visit) -> Shown:
    """Base URLs of the providers, and this sandbox's keys."""
    credentials = credentials_of(visit.sandbox, visit.library)
    keys = [
        (visit.providers[name].title, [(key, value) for key, value in of.items() if isinstance(value, str)])
        for name, of in credentials.items() if name in visit.providers
    ]  # fmt: skip
    return Shown("access.html", "Addresses and keys", {"keys": keys, **_addresses(visit)}, leads_back=False)


def _addresses(visit: Visit) -> dict[str, object]:
    return {
        "urls": list(visit.context.urls(visit.request).items()),
        "control": visit.context.control_url(visit.request),
    }

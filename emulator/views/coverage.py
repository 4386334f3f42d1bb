"""How much of a provider's behaviour was met: what its own tables offer, and what of that is covered."""

from collections.abc import Callable, Collection, Iterable, Iterator, Mapping
from typing import Any

from msgspec import Struct

from emulator.contract.card import Provider
from emulator.core import json_text
from emulator.core.call import UNFORESEEN
from emulator.core.coverage import ACKNOWLEDGED, OK, REFUSED, Coverage, fault_name
from emulator.core.faults.registry import ON_ANSWERS, ON_DELIVERIES

VERSION = 2
"""The version of the document."""
PARTS = {
    "calls": "calls that were answered successfully",
    "errors": "errors that a call was refused with",
    "statuses": "statuses that the client read in an answer, or in a webhook that it acknowledged",
    "transitions": "transitions of orders",
    "deadlines": "deadlines that have passed",
    "webhooks": "webhooks that the client acknowledged, and some that it refused",
    "faults": "faults after which the client went on",
}
"""What is counted, and what each is."""

Hint = Callable[[str, str, str], dict[str, Any] | None]
"""Provider, part and item -> the shortest way to cover it, or None."""


class BadDocument(ValueError):
    """This is not a coverage document of this version; the text says what to do."""


class Item(Struct, frozen=True):
    """Something that can be covered."""

    name: str
    """Unique within its part."""
    about: str


def list_items(provider: Provider) -> dict[str, list[Item]]:
    """All that there is, by part."""
    found = {
        "calls": [Item(each.name, each.about) for each in provider.endpoints if not each.page],
        "errors": list(_list_errors(provider)),
        "statuses": [
            Item(name, each.about)
            for name, each in provider.lifecycle.statuses.items()
            if name not in provider.lifecycle.passing  # which no client ever sees
        ],
        "transitions": [
            Item(write_transition(row.source, row.event, row.target), provider.lifecycle.events[row.event].about)
            for row in provider.lifecycle.transitions
        ],
        "deadlines": [
            Item(name, each.about)
            for name, each in provider.lifecycle.events.items()
            if name in provider.lifecycle.automatic
        ],
        "webhooks": list(_list_webhooks(provider)),
        "faults": list(_list_faults(provider)),
    }
    return {part: list({item.name: item for item in reversed(items)}.values())[::-1] for part, items in found.items()}


def _list_errors(provider: Provider) -> Iterator[Item]:
    """Those that a scenario can ask for, of each call that makes orders; all others of any call."""
    makers = [endpoint.name for endpoint in provider.endpoints if endpoint.matched]
    for error in provider.errors.values():
        for maker in makers if error.scripted else ():
            yield Item(f"{maker} {error.name}", error.about)
        if not error.scripted:
            yield Item(error.name, error.about)


def _list_webhooks(provider: Provider) -> Iterator[Item]:
    for event in provider.webhooks.events if provider.webhooks is not None else ():
        for told in (ACKNOWLEDGED, REFUSED):
            yield Item(f"{event.name} {told}", event.about)


def _list_faults(provider: Provider) -> Iterator[Item]:
    for fault in ON_ANSWERS.values():
        if not fault.possible({"fault": fault.name, "error": UNFORESEEN}, provider):
            continue  # the fault `status` takes an error, and every provider has this one
        for name in dict.fromkeys(fault_name(fault, when) for when in ("before", "after")):
            yield Item(name, fault.about)
    for each in ON_DELIVERIES.values():
        if each.possible({"fault": each.name}, provider):
            yield Item(each.name, each.about)


def write_transition(source: str, event: str, target: str) -> str:
    """The name of a row of the life cycle."""
    return f"{source} {event} {target}"


def list_covered(provider: Provider, coverage: Coverage) -> dict[str, set[str]]:
    """Names of the items that were met, by part; and a few that no table has, such as a forced transition."""
    name = provider.name
    calls = [(endpoint, outcome) for each, endpoint, outcome in coverage.calls if each == name]
    refused = [each for each in calls if each[1] != OK]
    return {
        "calls": {endpoint for endpoint, outcome in calls if outcome == OK},
        "errors": {f"{endpoint} {error}" for endpoint, error in refused} | {error for _, error in refused},
        "statuses": {status for each, status in coverage.statuses if each == name},
        "transitions": {write_transition(*row) for each, *row in coverage.transitions if each == name},
        "deadlines": {event for each, event in coverage.deadlines if each == name},
        "webhooks": {f"{event} {told}" for each, event, told in coverage.webhooks if each == name},
        "faults": {fault for each, fault in coverage.faults if each == name},
    }


def measure(
    providers: Iterable[Provider], coverage: Coverage, hint: Hint, named: Collection[str] = ()
) -> dict[str, Any]:
    """The document about all `providers`; of those that nobody has touched, only the `named` ones count."""
    found = []
    for provider in providers:
        covered = list_covered(provider, coverage)
        parts = [
            {
                "name": part,
                "about": PARTS[part],
                "items": [
                    {
                        "name": item.name,
                        "about": item.about,
                        "covered": item.name in covered[part],
                        "hint": None if item.name in covered[part] else hint(provider.name, part, item.name),
                    }
                    for item in items
                ],
            }
            for part, items in list_items(provider).items()
        ]
        found.append({"name": provider.name, "title": provider.title, "parts": parts})
    return count(
        {"version": VERSION, "complete": not coverage.why_not, "why_not": coverage.why_not or None, "providers": found},
        named,
    )


def count(document: Mapping[str, Any], named: Collection[str] = ()) -> dict[str, Any]:
    """The document with its figures: each part's, each provider's, and those of all providers that count."""
    providers = []
    for provider in document["providers"]:
        parts = [_counted(part, part["items"]) for part in provider["parts"]]
        items = [item for part in parts for item in part["items"]]
        touched = any(item["covered"] for item in items)
        providers.append(
            _counted({**provider, "parts": parts}, items) | {"counts": touched or provider["name"] in named}
        )
    items = [item for each in providers if each["counts"] for part in each["parts"] for item in part["items"]]
    return _counted({**document, "providers": providers}, items)


def _counted(of: Mapping[str, Any], items: Collection[Mapping[str, Any]]) -> dict[str, Any]:
    covered = sum(item["covered"] for item in items)
    percent = round(100 * covered / len(items), 1) if items else 0
    return {**of, "covered": covered, "total": len(items), "percent": percent}


def read_document(text: bytes) -> dict[str, Any]:
    """A document as it was saved. Raises BadDocument."""
    try:
        document = json_text.decode(text)
    except json_text.MalformedJson as error:
        raise BadDocument(f"it is not JSON: {error}") from error
    if not isinstance(document, dict) or not {"version", "providers"} <= document.keys():
        raise BadDocument(
            "this is not a coverage file: give what `emulator coverage --json` or --emulator-coverage has written"
        )
    if document["version"] != VERSION:
        raise BadDocument(f"its version is {document['version']}, and this emulator reads {VERSION}: write it again")
    return document


def merge(documents: Iterable[Mapping[str, Any]], named: Collection[str] = ()) -> dict[str, Any]:
    """What was covered by any of several runs."""
    why_not, providers = None, dict[str, dict[str, Any]]()
    for document in documents:
        why_not = why_not or document["why_not"]
        for provider in document["providers"]:
            kept = providers.setdefault(provider["name"], {**provider, "parts": {}})
            for part in provider["parts"]:
                items = kept["parts"].setdefault(part["name"], {**part, "items": {}})["items"]
                for item in part["items"]:
                    before = items.setdefault(item["name"], item)
                    if item["covered"] and not before["covered"]:
                        items[item["name"]] = item
    found = [
        {**each, "parts": [{**part, "items": list(part["items"].values())} for part in each["parts"].values()]}
        for each in providers.values()
    ]
    return count({"version": VERSION, "complete": why_not is None, "why_not": why_not, "providers": found}, named)

"""Finds the shortest way to cover each item of a provider's behaviour, by trying, and writes emulator/files/recipes.

    .venv/bin/python scripts/find_recipes.py [PROVIDER]...

What it tries comes from the provider's tables: its scenarios and kinds of orders, the events of its life cycle, its
calls with the examples of their schemas, its settings, errors, webhooks and faults; longer ones are written down in
longer_recipes. The same tables always give the
same bytes. It takes up to a minute for each provider.
"""

import re
import sys
from collections.abc import Iterator, Mapping, Sequence
from itertools import product
from typing import Any
from urllib.parse import parse_qsl

import pytest

from emulator.contract.card import Endpoint, Provider
from emulator.contract.client_side import ProviderAccess
from emulator.core import json_text
from emulator.core.faults.registry import ON_ANSWERS, ON_DELIVERIES
from emulator.core.library import Library
from emulator.core.sample_webhooks import TEST_WEBHOOK
from emulator.files.recipes import FOLDER
from emulator.providers import NAMES
from emulator.testing import BackgroundServer, ControlRefused, Emulator
from emulator.testing.clients import order_path
from emulator.views.coverage import list_covered, list_items
from emulator.views.recipes import Step, write_hint
from emulator.web.library import load_library
from scripts.longer_recipes import Recipe, longer_recipes

Found = dict[tuple[str, str], Recipe]
MANUAL = "manual"
_DEEPEST = 6
_ADVANCE = {"do": "advance"}
_SECOND = {"do": "advance", "arguments": {"by": "1s"}}
"""Long enough for a webhook to arrive."""
_RULES: dict[str, dict[str, Any]] = {"latency": {"fixed": 0}, "status": {"status": 500}}
"""What a fault has to be told."""
_OWN_NAME = re.compile(r"(?<=[-_@])default\b")


class Search:
    """Tries recipes of one provider, and keeps the shortest for each item of its coverage."""

    def __init__(self, server: BackgroundServer, library: Library, provider: Provider) -> None:
        self.server = server
        self.library = library
        self.provider = provider
        self.items = {(part, item.name) for part, items in list_items(provider).items() for item in items}
        self.found: Found = {}
        self.order: Any = None
        """The last order that was made, as it is after all."""

        self.answer: Any = None
        """That to the last call."""

    def missing(self, part: str) -> list[str]:
        """Items of a part for which there is no recipe so far, in their order."""
        return [item.name for item in list_items(self.provider)[part] if (part, item.name) not in self.found]

    def attempt(self, recipe: Sequence[Step]) -> set[tuple[str, str]]:
        """What it meets, nothing if it cannot be done; kept where no shorter one is known."""
        names: dict[str, Any] = {"pytest": pytest, "ControlRefused": ControlRefused}
        with self.server.sandbox() as emulator:
            names["emulator"] = emulator
            try:
                test: str = write_hint(self.provider.name, recipe, emulator.name, "")["test"]
                alone = len(recipe) == 1 and recipe[0]["do"] == "call" and "keep" not in recipe[0]
                exec(f"answer = {test}" if alone else test, names)
            except (Exception, pytest.fail.Exception):
                return set()
            emulator.orders(limit=1)  # first everything happens that is due now
            self.answer = _read_json(names.get("answer"))
            self.order = emulator.order(names["order"]["id"]) if "order" in names else None
            met = self._read(emulator)
        for each in met:
            if each not in self.found or len(recipe) < len(self.found[each]):
                self.found[each] = [dict(step) for step in recipe]
        return met

    def _read(self, emulator: Emulator) -> set[tuple[str, str]]:
        coverage = self.server.server.engine.records.coverages.find(emulator.name)
        assert coverage is not None
        covered = list_covered(self.provider, coverage)
        return {(part, name) for part, names in covered.items() for name in names} & self.items


def _read_json(answer: Any) -> Any:
    try:
        return answer.json()
    except (AttributeError, ValueError):
        return None


# -- orders


def _orders(search: Search) -> Iterator[dict[str, Any]]:
    """Each kind of order, with each scenario that is shipped."""
    usual = search.provider.order_request
    assert usual is not None
    for kind in usual.bodies:
        made = {"do": "order"} | ({"kind": kind} if kind else {})
        yield made
        for scenario in sorted(search.library.shipped[search.provider.name].by_name.values(), key=lambda s: s.name):
            refused = {"refused": True} if scenario.answer is not None else {}
            yield made | {"scenario": scenario.name} | refused


def try_orders(search: Search) -> list[Recipe]:
    """Tries all orders, alone and until nothing is due any more; those at which events can be tried."""
    starts: list[Recipe] = []
    for order in _orders(search):
        if order.get("scenario") == MANUAL:
            starts.insert(0, [order])
        elif search.attempt([order]) and not order.get("refused"):
            starts.append([order])
            search.attempt([order, _ADVANCE])
            starts.append([order, _ADVANCE])
    return starts


def try_events(search: Search, starts: Sequence[Recipe]) -> list[Recipe]:
    """Tries all events at the states that are reached from `starts`; the ways to them."""
    known: set[tuple[str, str, str]] = set()
    ways: list[Recipe] = []
    waiting = [list(start) for start in starts]
    while waiting:
        way = waiting.pop(0)
        search.attempt(way)
        if search.order is None:
            continue
        kind, status = search.order["kind"] or "", search.order["status"]
        last = way[-1].get("event", "")
        if (kind, status, last) in known:
            continue
        known.add((kind, status, last))
        ways.append(way)
        search.attempt([*way, _ADVANCE])
        if len(way) < _DEEPEST:
            rows = search.provider.lifecycle.legal_events(kind, status)
            waiting += [[*way, step] for event in rows for step in _fires(search.provider, event)]
    return ways


def _fires(provider: Provider, event: str) -> Iterator[dict[str, Any]]:
    """An event, without arguments and with each of a few for each that it takes."""
    step = {"do": "fire", "event": event}
    yield step
    guarded = any(row.when is not None for row in provider.lifecycle.transitions if row.event == event)
    for name, schema in (provider.lifecycle.events[event].arguments or {}).items() if guarded else ():
        yield from (step | {"arguments": {name: value}} for value in _amounts(name, schema))


def _amounts(name: str, schema: Mapping[str, Any]) -> list[Any]:
    types = schema.get("type", ())
    return [0.5, 2] if types == "number" else ["1"] if "number" in types else []


def try_settings(search: Search, ways: Sequence[Recipe]) -> None:
    """Tries for each row and status without a recipe to leave its source with another setting."""
    for row in search.provider.lifecycle.transitions:
        name = f"{row.source} {row.event} {row.target}"
        if ("transitions", name) in search.found:
            continue
        for changed, way in product(_changed_settings(search.provider), ways):
            steps = _fires(search.provider, row.event)
            if any(("transitions", name) in search.attempt([changed, *way, step]) for step in steps):
                break
    for changed, order in product(_changed_settings(search.provider), _orders(search)):
        if search.missing("statuses") and order.get("scenario", MANUAL) == MANUAL:
            search.attempt([changed, order])


def _changed_settings(provider: Provider) -> Iterator[dict[str, Any]]:
    for setting in provider.settings.values():
        values = [True, False] if setting.schema.get("type") == "boolean" else setting.schema.get("enum", [])
        for value in values:
            if value != setting.default:
                yield {"do": "set", "settings": {setting.name: value}}


# -- calls


def try_calls(search: Search) -> None:
    """Tries each call by itself, about an order, and about what another call has made."""
    for endpoint in search.provider.endpoints:
        if endpoint.page:
            continue
        for recipe in _calls(search, endpoint):
            if ("calls", endpoint.name) in search.attempt(recipe):
                break


def find_read(provider: Provider) -> dict[str, Any]:
    """The call by which the provider's clients read an order."""
    path, _, query = _order_path(provider).partition("?")
    return {"do": "call", "method": "GET", "path": path} | ({"params": dict(parse_qsl(query))} if query else {})


def _order_path(provider: Provider) -> str:
    access = ProviderAccess("", provider.credentials("{sandbox}", provider.default_settings))
    return order_path(provider.name, access, "{order}")


def _calls(search: Search, endpoint: Endpoint) -> Iterator[Recipe]:
    calls = list(_written(search.provider, endpoint))
    for call in calls:
        text = json_text.encode(call).decode()
        if "{made}" in text:
            yield from ([*before, call] for before in _makers(search, endpoint))
        elif "{order}" in text:
            orders = [order for order in _orders(search) if order.get("scenario", MANUAL) == MANUAL]
            for order in orders:
                yield from ([order, call], [order, _ADVANCE, call])
        else:
            yield [call]


def _makers(search: Search, endpoint: Endpoint) -> Iterator[Recipe]:
    """What makes or lists the thing that the last parameter of a path names."""
    things = re.findall(r"{(\w+)}", endpoint.path)[-1].removesuffix("_id").replace("_", "-")
    thing = things.removesuffix("s")
    for maker in search.provider.endpoints:
        if re.fullmatch(rf"(create|list)-([a-z]+-)?{thing}s?", maker.name):
            for call in _written(search.provider, maker):
                if "{made}" not in str(call) and "{order}" not in str(call) and search.attempt([call]):
                    for keep in _ids(search.answer):
                        yield [call | {"keep": keep}]


def _ids(answer: Any, *before: str | int) -> Iterator[list[str | int]]:
    """Where ids are in an answer."""
    if isinstance(answer, dict):
        for name, value in answer.items():
            if isinstance(value, str) and (name in ("id", "symbol") or name.lower().endswith("id")):
                yield [*before, name]
            else:
                yield from _ids(value, *before, name)
    elif isinstance(answer, list) and answer:
        yield from _ids(answer[0], *before, 0)


def _written(provider: Provider, endpoint: Endpoint) -> Iterator[dict[str, Any]]:
    """A call with each example of its body."""
    path, _, query = _order_path(provider).partition("?")
    named = {"id": "{order}", "order_id": "{order}", **provider.routes.find(path)[1], **dict(parse_qsl(query))}
    path = re.sub(r"{(\w+)}", lambda found: named.get(found[1], "{made}"), endpoint.path)
    documents = provider.schemas.documents
    queries = documents.get(f"{endpoint.name}.query", {}).get("examples", [{}])
    bodies = [*documents.get(f"{endpoint.name}.request", {}).get("examples", ()), None]
    for given, body in product(queries, bodies):
        asked = {name: named.get(name, value) for name, value in given.items()}
        asked.pop("timestamp", None)
        body = {name: value for name, value in body.items() if name != "timestamp"} if body else body
        call = {"do": "call", "method": endpoint.method, "path": path}
        yield call | ({"params": _own(asked)} if asked else {}) | ({"json": _own(body)} if body is not None else {})


def _own(value: Any) -> Any:
    """The same for the sandbox of the test: examples are about the one by the name `default`."""
    return json_text.plain(json_text.decode(_OWN_NAME.sub("{sandbox}", json_text.encode(value).decode())))


# -- refusals, webhooks, faults


def try_errors(search: Search) -> None:
    """Tries to have each error that no scenario has given by a header."""
    provider = search.provider
    plain = next(
        (each for each in provider.endpoints if "{" not in each.path and each.method == "GET"), provider.endpoints[0]
    )
    for item in search.missing("errors"):
        maker, _, error = item.rpartition(" ")
        endpoint = next((each for each in provider.endpoints if each.name == maker), plain)
        for call in _written(provider, endpoint):
            if "{made}" not in str(call) and "{order}" not in str(call):
                search.attempt([call | {"headers": {"X-Emulator-Fault": f"status; error={error}"}}])


def try_webhooks(search: Search) -> None:
    """Tries each sample of a webhook at a receiver that takes it, and at one that does not."""
    schema = search.provider.commands[TEST_WEBHOOK].schema["properties"]
    choices = [[(name, value) for value in each["enum"]] for name, each in schema.items() if "enum" in each]
    for chosen in product(*choices):
        command = {"do": "command", "name": TEST_WEBHOOK, "arguments": dict(chosen)}
        for receiver in ("receive", "refuse"):
            search.attempt([{"do": receiver}, command, _SECOND])


def try_faults(search: Search) -> None:
    """Tries each fault at an order, or at a webhook, and the same without it afterwards."""
    order = next(_orders(search))
    for fault, when in product(ON_ANSWERS.values(), ("before", "after")):
        rule: dict[str, Any] = {"times": 1} | ({} if fault.handles else {"when": when}) | _RULES.get(fault.name, {})
        inject = {"do": "inject", "fault": fault.name, "rule": rule}
        for first in (order, order | {"refused": True}):
            search.attempt([inject, first, order])
    command = {"do": "command", "name": TEST_WEBHOOK}
    for name in ON_DELIVERIES:
        search.attempt(
            [{"do": "receive"}, {"do": "inject", "fault": name, "rule": {"times": 1}}, command, command, _SECOND]
        )


def find(server: BackgroundServer, library: Library, provider: Provider) -> Search:
    """All recipes of a provider."""
    search = Search(server, library, provider)
    starts = try_orders(search)
    read = find_read(search.provider)
    try_calls(search)
    ways = try_events(search, starts)
    try_settings(search, ways)
    for way in ways:
        search.attempt([*way, read])
    for recipe in [recipe for recipe in search.found.values() if recipe[0]["do"] == "set"]:
        search.attempt([*recipe, read])
    try_errors(search)
    try_webhooks(search)
    try_faults(search)
    for recipe in longer_recipes(provider.name):
        search.attempt(recipe)
    return search


def write(search: Search) -> str:
    """The recipes as a file has them, in the order of the tables; a line for each."""
    parts = []
    for part, items in list_items(search.provider).items():
        lines = [
            f"    {json_text.encode(item.name).decode()}: {json_text.encode(search.found[part, item.name]).decode()}"
            for item in items
            if (part, item.name) in search.found
        ]
        parts.append(f'  "{part}": {{\n' + ",\n".join(lines) + "\n  }" if lines else f'  "{part}": {{}}')
    return "{\n" + ",\n".join(parts) + "\n}\n"


def main(names: Sequence[str]) -> None:
    """Writes the recipes, and lists the items without one."""
    library, _ = load_library()
    FOLDER.mkdir(exist_ok=True)
    with BackgroundServer(sockets=False) as server:
        for name in names or NAMES:
            search = find(server, library, library.providers[name])
            (FOLDER / f"{name}.json").write_text(write(search), "utf-8")
            missing = [f"{part}: {item}" for part in list_items(search.provider) for item in search.missing(part)]
            print(f"{name}: {len(search.found)} recipes, without one:", *missing, sep="\n  ")


if __name__ == "__main__":
    main(sys.argv[1:])

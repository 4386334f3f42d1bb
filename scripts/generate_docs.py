"""Writes the generated files: pages of docs, JSON Schemas, and the clients' types and modules.

The conformance pages come from the tests, everything else from the tables that the emulator runs on.

    .venv/bin/python scripts/generate_docs.py           write what is out of date
    .venv/bin/python scripts/generate_docs.py --check   only list what is out of date; exit status 1 if anything is

The same tables always give the same bytes.
"""

import sys
from collections.abc import Iterable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

from emulator.contract.card import Provider
from emulator.contract.lifecycle import Lifecycle, Transition
from emulator.contract.setting import Setting
from emulator.core import json_text
from emulator.core.faults.registry import ON_DELIVERIES
from emulator.core.field_facts import schema_fields
from emulator.core.scenario import Scenario
from emulator.views.describe import group_kinds
from emulator.web.application import DEFAULT_PORT
from emulator.web.library import load_library
from scripts import conformance, control_types, generate_types, known, lists, node_client, seed_schema, thin_client
from scripts.markdown_parts import ABOUT_MARKS, write_page, write_table

ROOT = Path(__file__).resolve().parent.parent
_LONG = 60
_SCRIPTED = {"": "", "early": "yes, before the body is judged", "late": "yes"}


def documents() -> dict[Path, str]:
    """The text of every generated page, by path."""
    library, _ = load_library()
    types = generate_types.documents(library)
    pages = {**types, **control_types.documents(library), **thin_client.documents(types)}
    pages |= {**seed_schema.documents(library), **known.documents(library.providers)}
    pages |= {**node_client.documents(library.providers), **lists.documents(library.providers)}
    pages[ROOT / "docs" / "settings.md"] = _settings_page(library.providers)
    for place, (name, provider) in enumerate(library.providers.items(), 1):
        scenarios = sorted(library.shipped[name].by_name.values(), key=lambda scenario: scenario.name)
        pages[ROOT / "docs" / "providers" / f"{name}.md"] = _provider_page(provider, scenarios, DEFAULT_PORT + place)
        pages[ROOT / "docs" / "conformance" / f"{name}.md"] = conformance.page(provider.title, name)
    return pages


def stale(pages: Mapping[Path, str]) -> list[Path]:
    """The pages that are out of date on disk."""
    return [path for path, text in pages.items() if not path.exists() or path.read_text("utf-8") != text]


# -- pages


def _settings_page(providers: Mapping[str, Provider]) -> str:
    parts = [
        "# Settings",
        _warning("emulator/providers/*/settings.py"),
        "A setting decides what a provider has not documented, or has documented in two ways, or what you may want to "
        "vary. Each sandbox has its own settings. Change them",
        "- for new sandboxes: `emulator --set PROVIDER.SETTING=VALUE`, as in `--set changelly.edition=C`\n"
        "- for one new sandbox: `settings` in [`POST sandboxes`](control-api.md#sandboxes)\n"
        "- at any time: [`PUT sandboxes/{s}/settings`](control-api.md#settings), or `emulator.set(...)` in a test",
        "Names are in snake_case. If further spellings are listed, such as `publicBase`, they work everywhere, "
        "including in scenarios; giving two at once is refused.",
        "An unknown name or a bad value is refused, and the answer lists what is allowed. A change applies from the "
        "next request on.",
        f"The column *known*: {ABOUT_MARKS}.",
    ]
    for name, provider in providers.items():
        rows = [
            (_spellings(each), _default(each), _values(each.schema), each.mark, each.about)
            for each in provider.settings.values()
        ]
        parts += [f"## {name}", write_table(("setting", "default", "values", "known", "about"), rows)]
        examples = [(each.name, it) for each in provider.settings.values() for it in each.schema.get("examples", ())]
        parts += [f"`{setting}` in full:\n\n```json\n{_json(example)}\n```" for setting, example in examples]
    return write_page(parts)


def _provider_page(provider: Provider, scenarios: Sequence[Scenario], port: int) -> str:
    name = provider.name
    hosts = " or ".join(f"`{host}`" for host in provider.public_hosts)
    by_hand = ROOT / f"docs/{name}.md"
    defaults = {each.name: each.default for each in provider.settings.values()}
    parts = [
        f"# {provider.title}",
        _warning(f"emulator/providers/{name}, schemas/{name} and scenarios/{name}"),
        f"Base URL: `http://127.0.0.1:{port}`, or `http://127.0.0.1:{DEFAULT_PORT}/{name}`. On every port, a request "
        f"whose `Host` is {hosts} goes to this provider.",
        f"Every claim about it, with the tests that prove it: [conformance](../conformance/{name}.md)."
        + (f" What does not fit into tables: [{provider.title} in detail](../{name}.md)." if by_hand.exists() else ""),
        f"The columns *known*: {ABOUT_MARKS}.",
        "## Credentials",
        "Those of the sandbox `default`; in other sandboxes, the sandbox's name replaces `default`.",
        write_table(("member", "value"), [
            (f"`{key}`", _shown(value)) for key, value in provider.credentials("default", defaults).items()]),
        "## Calls",
        *_prefixes(provider),
        write_table(("name", "call", "about", "source"), list(_endpoint_rows(provider))),
        *_life(provider.lifecycle),
        *_webhooks(provider),
        *_commands(provider),
        "## Errors",
        "A scenario's `answer` and the fault `status` take the names in this table. *Scenario*: whether a scenario may "
        "refuse the create call with this error.",
        write_table(("error", "HTTP", "scenario", "known", "when"), [
            (f"`{each.name}`", str(each.status), _SCRIPTED[each.scripted], each.mark, each.about)
            for each in provider.errors.values()]),
        "## Settings",
        f"With their values and meanings: [settings](../settings.md#{name}).",
        write_table(("setting", "default", "known"), [
            (_spellings(each), _default(each), each.mark) for each in provider.settings.values()]),
        "## Scenarios",
        "Choose one with the header `X-Emulator-Scenario`, or send a request that fits its match; see "
        "[scenarios](../scenarios.md).",
        write_table(("scenario", "match", "about"), [
            (f"`{each.name}`", _match(each.document.get("match", {})), each.about) for each in scenarios]),
        *_terms(provider),
        "## What is assumed or only observed",
        *_doubtful(provider),
    ]  # fmt: skip
    return write_page(parts)


def _prefixes(provider: Provider) -> Iterator[str]:
    if provider.route_prefixes != ("",):
        also = " and ".join(f"`{prefix}`" for prefix in provider.route_prefixes if prefix)
        yield f"Each path also exists with {also} in front."


def _endpoint_rows(provider: Provider) -> Iterator[tuple[str, ...]]:
    for endpoint in provider.endpoints:
        source = f"[page]({endpoint.source})" if endpoint.source else "none"
        about = f"{endpoint.about.removesuffix('.')} (a web page)." if endpoint.page else endpoint.about
        yield f"`{endpoint.name}`", f"`{endpoint.method} {endpoint.path}`", about, source


def _life(lifecycle: Lifecycle) -> Iterator[str]:
    yield "## Life of an order"
    yield from _diagrams(lifecycle)
    yield "### Statuses"
    yield write_table(("status", "final", "known", "about"), [
        (f"`{each.name}`", "final" if each.final else "", each.mark, each.about)
        for each in lifecycle.statuses.values()])  # fmt: skip
    yield "### Events"
    yield "Fire one with [`POST sandboxes/{s}/orders/{id}/events`](../control-api.md#orders)."
    yield write_table(("event", "arguments", "about"), [
        (f"`{each.name}`", _arguments(each.arguments or {}), each.about)
        for each in lifecycle.events.values()])  # fmt: skip
    yield "### Transitions"
    yield "If several rows have the same status and event, the first whose condition holds applies."
    yield write_table(("from", "event", "to", "kinds", "condition", "known"), [
        (f"`{row.source}`", f"`{row.event}`", f"`{row.target}`", _words(sorted(row.kinds)),
         row.condition, row.mark) for row in lifecycle.transitions])  # fmt: skip


def _diagrams(lifecycle: Lifecycle) -> Iterator[str]:
    """One state diagram for each group of kinds with the same rows and beginnings."""
    statuses = list(lifecycle.statuses)
    for kinds, rows in group_kinds(lifecycle):
        if kinds != [""]:
            yield f"Orders of kind {_words(kinds)}:"
        beginnings = lifecycle.initial[kinds[0]]
        in_order = sorted(rows, key=lambda row: statuses.index(row.source))
        arrows = dict.fromkeys((row.source, row.event, row.target) for row in in_order)
        lines = ["stateDiagram-v2", *(f"    [*] --> {status}" for status in beginnings)]
        lines += [f"    {source} --> {target}: {events}" for source, target, events in _merged(arrows)]
        met = {*beginnings, *(target for _, _, target in arrows)}
        lines += [f"    {each.name} --> [*]" for each in lifecycle.statuses.values() if each.final and each.name in met]
        yield "\n".join(("```mermaid", *lines, "```"))


def _merged(arrows: Iterable[tuple[str, str, str]]) -> Iterator[tuple[str, str, str]]:
    """One arrow from status to status, with all its events."""
    events: dict[tuple[str, str], list[str]] = {}
    for source, event, target in arrows:
        events.setdefault((source, target), []).append(event)
    for (source, target), names in events.items():
        yield source, target, ", ".join(names)


def _webhooks(provider: Provider) -> Iterator[str]:
    yield "## Webhooks"
    webhooks = provider.webhooks
    if webhooks is None:
        yield "None: clients poll."
        return
    rows = [
        (f"`{each.name}`", each.mark, _words([name for name in (each.schema, *each.also) if name]), each.about)
        for each in webhooks.events
    ]
    yield f"The schemas of the bodies are in `schemas/{provider.name}/`."
    yield write_table(("event", "known", "schema", "when"), rows)
    if webhooks.signature_header:
        yield f"The signature is in the header `{webhooks.signature_header}`."
    special = [f"`{name}`" for name in ON_DELIVERIES if name in webhooks.supported_faults]
    if special:
        yield f"Faults beyond those that every provider's webhooks can have: {', '.join(special)}."
    yield f"Forms of the fault `re-encode`: {', '.join(f'`{form}`' for form in webhooks.forms)}."


def _commands(provider: Provider) -> Iterator[str]:
    if not provider.commands:
        return
    yield "## Commands"
    yield (
        f"For what happens apart from any order: [`POST sandboxes/{{s}}/commands/{provider.name}/{{name}}`]"
        "(../control-api.md#commands)."
    )
    yield write_table(("command", "arguments", "about"), [
        (f"`{each.name}`", _arguments(each.schema.get("properties", {}), each.schema.get("required", ())), each.about)
        for each in provider.commands.values()])  # fmt: skip


def _terms(provider: Provider) -> Iterator[str]:
    if provider.terms:
        yield "## Terms of orders"
        yield "What a scenario may set under [`terms`](../scenarios.md#terms)."
        yield write_table(("term", "values", "about"), [
            (f"`{each.name}`", _values(each.schema), each.about) for each in provider.terms.values()])  # fmt: skip


def _doubtful(provider: Provider) -> Iterator[str]:
    """Everything whose mark is not `documented`."""
    lifecycle = provider.lifecycle
    events = provider.webhooks.events if provider.webhooks else ()
    named: tuple[tuple[str, Iterable[tuple[str, str]]], ...] = (
        ("Statuses", ((each.name, each.mark) for each in lifecycle.statuses.values())),
        ("Transitions", ((_arrow(each), each.mark) for each in lifecycle.transitions)),
        ("Webhooks", ((each.name, each.mark) for each in events)),
        ("Errors", ((each.name, each.mark) for each in provider.errors.values())),
        ("Settings", ((each.name, each.mark) for each in provider.settings.values())),
    )
    lines = ["The names and arguments of events are our own, because providers do not name them."]
    for title, marked in named:
        by_mark: dict[str, dict[str, None]] = {}
        for name, mark in marked:
            by_mark.setdefault(mark, {})[f"`{name}`"] = None
        lines += [
            f"- {title}, {mark}: {', '.join(by_mark[mark])}" for mark in ("observed", "assumed") if mark in by_mark
        ]
    for schema, document in sorted(provider.schemas.documents.items()):
        for mark in ("observed", "assumed"):
            found = dict.fromkeys(
                f"`{place}`" for place, each in schema_fields(document) if each.get("x-source") == mark
            )
            lines += [f"- Schema `{schema}`, {mark}: {', '.join(found)}"] if found else []
    yield lines[0]
    yield "\n".join(lines[1:])


# -- pieces of text


def _warning(sources: str) -> str:
    return f"<!-- Written by scripts/generate_docs.py from {sources}: edit those, then run it again. -->"


def _words(names: Sequence[str]) -> str:
    return ", ".join(f"`{name}`" for name in names)


def _json(value: Any) -> str:
    return json_text.encode(value).decode()


def _shown(value: Any) -> str:
    text = str(value)
    if text.startswith("-----BEGIN"):
        return f"PEM, {text.splitlines()[0].strip('-').removeprefix('BEGIN ').lower()}"
    return f"`{text}`" if len(text) <= _LONG else f"`{text[:20]}...`"


def _spellings(setting: Setting) -> str:
    return ", ".join(f"`{each}`" for each in setting.spellings)


def _default(setting: Setting) -> str:
    if isinstance(setting.default, str) and setting.default.startswith("-----BEGIN"):
        return "that of the test key pair"
    return "none" if setting.default is None else f"`{_json(setting.default)}`"


def _values(schema: Mapping[str, Any]) -> str:
    """The values that a JSON Schema allows, in words."""
    if "enum" in schema:
        return _words([_json(value) for value in schema["enum"]])
    kinds = schema.get("type", "anything")
    kinds = [kinds] if isinstance(kinds, str) else list(kinds)
    words = [_kind(kind, schema) for kind in kinds if kind != "null"]
    return " or ".join([*words, "none"] if "null" in kinds else words)


def _kind(kind: str, schema: Mapping[str, Any]) -> str:
    if kind == "boolean":
        return "`true`, `false`"
    if kind in ("integer", "number"):
        least, most, above = (schema.get(name) for name in ("minimum", "maximum", "exclusiveMinimum"))
        word = "whole number" if kind == "integer" else "number"
        if above is not None:
            word += f" above {above}"
        if least is not None and most is not None:
            return f"{word}, {least} to {most}"
        return f"{word}, at least {least}" if least is not None else word + (f", at most {most}" if most else "")
    if kind == "string":
        return f"text matching `{schema['pattern']}`" if "pattern" in schema else "text"
    if kind == "array":
        return f"list, each: {_values(schema['items'])}" if "items" in schema else "list"
    if kind == "object":
        names = schema.get("properties") or dict.fromkeys(schema.get("propertyNames", {}).get("enum", ()))
        return f"object with {_words(list(names))}" if names else "object"
    return kind


def _arguments(properties: Mapping[str, Any], required: Sequence[str] = ()) -> str:
    described = []
    for name, schema in properties.items():
        about = schema.get("description")
        needed = " (required)" if name in required else ""
        described.append(f"`{name}`{needed}: {_values(schema)}" + (f"; {about}" if about else ""))
    return ". ".join(described)


def _match(match: Mapping[str, Any]) -> str:
    return ", ".join(f"`{path}: {_json(json_text.plain(dict(value)) if isinstance(value, Mapping) else value)}`"
                     for path, value in match.items())  # fmt: skip


def _arrow(row: Transition) -> str:
    return f"{row.source} {row.event} {row.target}"


def main() -> None:
    """Writes the pages, or with `--check` only compares them."""
    pages = documents()
    changed = stale(pages)
    if "--check" in sys.argv[1:]:
        sys.stdout.writelines(f"out of date: {path.relative_to(ROOT)}\n" for path in changed)
        sys.exit(1 if changed else 0)
    for path in changed:
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(pages[path], "utf-8")
        sys.stdout.write(f"written: {path.relative_to(ROOT)}\n")


if __name__ == "__main__":
    main()

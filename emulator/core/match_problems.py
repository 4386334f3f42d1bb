"""Conditions in a scenario's `match` that no request can satisfy, because the provider takes something else there.

Nothing that a provider really takes is reported: for a member that no schema names, only what looks like a typo, and
for a scenario whose answer comes before the body is checked, only that.
"""

import re
from collections.abc import Mapping
from typing import Any

from emulator.contract.card import Provider
from emulator.core import wording
from emulator.core.match import Condition
from emulator.core.problems import Problem
from emulator.core.scenario import ANY_KIND, Scenario
from emulator.core.schema import Schema
from emulator.core.suggestion import nearest, use_one_of

_TOKEN = re.compile(r"[!#$%&'*+.^_`|~0-9a-z-]+")
_HEADER_TEXT = re.compile(r"(?:\S(?:[^\x00-\x08\x0a-\x1f\x7f]*\S)?)?")
_ALL = frozenset(wording.KINDS)


def match_problems(provider: Provider, scenario: Scenario) -> list[Problem]:
    """What is wrong with the conditions of a scenario, each with its place."""
    match: Mapping[str, Any] = scenario.document.get("match", {})
    conditions = dict(zip(match, scenario.conditions, strict=False))
    found = _body_problems(provider, scenario, conditions)
    for name, condition in conditions.items():
        judge = _JUDGES.get(condition.path[0])
        said = judge(provider, condition) if judge is not None else None
        if said is not None:
            found[name] = said
    return [Problem(("match", name), f"`{name}`: {found[name]}") for name in conditions if name in found]


def _body_problems(provider: Provider, scenario: Scenario, conditions: Mapping[str, Condition]) -> dict[str, str]:
    """The problems with the create call that comes closest to the conditions. If one satisfies them all: types that
    another create call, to which the scenario applies as well, does not take."""
    about_body = {name: each for name, each in conditions.items() if each.path[0] == "body"}
    kinds = {kind for kind in scenario.timelines if kind != ANY_KIND}
    everybody = not kinds or ANY_KIND in scenario.timelines
    calls = [each for each in provider.endpoints if each.matched and (everybody or each.kind in {"", *kinds})]
    if not about_body or not calls:
        return {}
    documents = [(call.kind, provider.schemas[name].document) for call in calls for name in call.matched]
    known = frozenset(member for _, document in documents for member in document.get("properties", ()))
    error = provider.errors.get(scenario.answer.error) if scenario.answer is not None else None
    is_early = error is not None and error.scripted == "early"
    by_schema = []
    for _, document in documents:
        said = {name: _body_problem(document, each, known, is_early=is_early) for name, each in about_body.items()}
        by_schema.append({name: problem for name, problem in said.items() if problem is not None})
    fewest = min(by_schema, key=len)
    return fewest or ({} if is_early else _types_of_others(documents, about_body, known))


def _types_of_others(
    documents: list[tuple[str, Mapping[str, Any]]], conditions: Mapping[str, Condition], known: frozenset[str]
) -> dict[str, str]:
    """Conditions whose type one call takes, while another call, with all the same members, does not."""
    taking = ""
    found: dict[str, str] = {}
    for kind, document in documents:
        nodes = {name: _find(document, each.path[1:], known) for name, each in conditions.items()}
        if any(isinstance(node, str) for node in nodes.values()):
            continue
        clashes = {
            name: node
            for name, node in nodes.items()
            if isinstance(node, Mapping) and not _types(node, by_type_only=True) & _asked_types(conditions[name])
        }
        taking = taking if clashes else kind
        found |= {
            name: said for name, node in clashes.items() if (said := _judge({"type": node["type"]}, conditions[name]))
        }
    advice = f"; `{taking}` orders take both: put the timeline under `{taking}`" if taking else ""
    return {name: said + advice for name, said in found.items()}


def _asked_types(condition: Condition) -> frozenset[str]:
    if condition.schema is not None:
        return _types(condition.schema.document)
    return _ALL if condition.literal is None else _types({"const": condition.literal})


def _find(document: Mapping[str, Any], parts: tuple[str, ...], known: frozenset[str]) -> Mapping[str, Any] | str | None:
    """The schema of the value at a path; or why there is no such value; None if it is unknown."""
    node: Mapping[str, Any] = document
    for place, part in enumerate(parts):
        properties = node.get("properties", {})
        rest = ".".join(parts[place:])
        if rest in properties:
            return dict(properties[rest])
        if part in properties:
            node = properties[part]
            continue
        if "array" in _types(node) and part.isdecimal() and isinstance(node.get("items"), Mapping):
            node = node["items"]
            continue
        return _stray_member(node, parts, place, known)
    return node


def _body_problem(
    document: Mapping[str, Any], condition: Condition, known: frozenset[str], *, is_early: bool
) -> str | None:
    node = _find(document, condition.path[1:], known)
    if node is None or isinstance(node, str):
        return node
    return None if is_early else _judge(node, condition)


def _stray_member(node: Mapping[str, Any], parts: tuple[str, ...], place: int, known: frozenset[str]) -> str | None:
    """Why the provider has no such member; None if a client may send it all the same."""
    part, types, here = parts[place], _types(node), ".".join(("body", *parts[:place]))
    if "object" in types:
        near = nearest(part, node.get("properties", ()))
        if near is not None:
            return f"the provider's schema has no `{part}` here: did you mean `{near}`?"
        return "no request with the other members has this one" if not place and part in known else None
    if "array" in types:
        return None if part.isdecimal() else f"{here} is a list: write {here}.0.{'.'.join(parts[place:])}"
    return f"{here} is {wording.kind_words(types)} and has no members"


def _types(node: Mapping[str, Any], *, by_type_only: bool = False) -> frozenset[str]:
    """The types that a schema allows; all of them if it does not say."""
    types = frozenset(_written_types(node))
    values = None if by_type_only else _values(node)
    if values is not None:
        types = frozenset(kind for kind in types for value in values if Schema({"type": kind}).accepts(value))
    return types | {"integer"} if "number" in types else types


def _values(node: Mapping[str, Any]) -> list[Any] | None:
    """The values that a schema lists; None if it does not list them."""
    values = [node["const"]] if "const" in node else node.get("enum")
    return values if isinstance(values, list) else None


def _judge(node: Mapping[str, Any], condition: Condition) -> str | None:
    """Why no value that satisfies the condition fits the schema of its place; None if one may."""
    # Where a setting can change the schema, only the type is certain.
    taken = {"type": node.get("type", sorted(_ALL))} if "x-setting" in node else node
    if "$ref" in taken:
        return None
    if condition.schema is None:
        return _judge_literal(taken, condition.literal)
    wanted = condition.schema.document
    types = _types(taken)
    if not types & _types(wanted):
        return f"the provider's schema has {_noun(taken)} here, and the condition wants {_noun(wanted)}"
    schema = Schema(taken)
    for values, other in ((_values(wanted), schema), (_values(taken), condition.schema)):
        if values is not None and not any(other.accepts(value) for value in values):
            return f"the provider's schema has {_noun(taken)} here, and nothing of that kind fits the condition"
    return None


def _noun(node: Mapping[str, Any]) -> str:
    values = _values(node)
    return wording.wanted("enum", values) if values is not None else wording.kind_words(_written_types(node))


def _written_types(node: Mapping[str, Any]) -> list[str]:
    types = node.get("type", sorted(_ALL))
    return [types] if isinstance(types, str) else list(types)


def _judge_literal(node: Mapping[str, Any], literal: Any) -> str | None:
    schema = Schema(node)
    if schema.accepts(literal):
        return None
    violations = schema.violations(literal)
    values = _values(node)
    if values is not None:
        near = (
            nearest(literal, [each for each in values if isinstance(each, str)]) if isinstance(literal, str) else None
        )
        hint = f": did you mean {wording.shown(near)}?" if near is not None else f", not {wording.shown(literal)}"
        return f"the provider's schema has {_noun(node)} here{hint}"
    if any(each.keyword == "type" for each in violations):
        better = next((each for each in _other_forms(literal) if schema.accepts(each)), None)
        hint = f"; write {wording.shown(better)}" if better is not None else f", not {wording.kind_word(literal)}"
        return f"the provider's schema has {_noun(node)} here{hint}"
    return f"{violations[0].message}, by the provider's schema"


def _other_forms(literal: Any) -> list[Any]:
    """A value written as text, or the value that a text stands for."""
    if not isinstance(literal, str):
        return [wording.shown(literal)]
    words: dict[str, Any] = {"true": True, "false": False, "null": None}
    if literal in words:
        return [words[literal]]
    return [int(literal)] if re.fullmatch(r"-?[0-9]{1,18}", literal) else []


def _text_problem(place: str, condition: Condition) -> str | None:
    """Why no text satisfies the condition; None if one may."""
    if condition.schema is not None:
        fits = "string" in _types(condition.schema.document)
        return None if fits else f"{place} is text, and the condition wants {_noun(condition.schema.document)}"
    if isinstance(condition.literal, str):
        return None
    written = wording.shown(condition.literal)
    return f'{place} is text: write "{written}"' if condition.literal is not None else f"{place} is text, never null"


def _header_problem(provider: Provider, condition: Condition) -> str | None:
    name = condition.path[1]
    if not _TOKEN.fullmatch(name):
        return f"{name!r} cannot be the name of a header"
    if isinstance(condition.literal, str) and not _HEADER_TEXT.fullmatch(condition.literal):
        return "the text of a header neither begins nor ends with a space, and has no line breaks"
    return _text_problem("a header", condition)


def _query_problem(provider: Provider, condition: Condition) -> str | None:
    return _text_problem("a parameter of the query", condition)


def _path_problem(provider: Provider, condition: Condition) -> str | None:
    paths = [endpoint.path for endpoint in provider.endpoints if endpoint.matched]
    known = sorted({part[1:-1] for path in paths for part in path.split("/") if part.startswith("{")})
    name = ".".join(condition.path[1:])
    if paths and name not in known:
        good = use_one_of(name, known) if known else "its path has no parameters"
        return f"the create call has no {name!r} in its path: {good}"
    return _text_problem("a part of the path", condition)


def _setting_problem(provider: Provider, condition: Condition) -> str | None:
    setting = provider.settings_by_spelling.get(".".join(condition.path[1:]))
    return None if setting is None else _judge({**setting.schema}, condition)


_JUDGES = {
    "header": _header_problem,
    "query": _query_problem,
    "path": _path_problem,
    "setting": _setting_problem,
}

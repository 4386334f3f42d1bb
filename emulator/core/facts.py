"""Facts that somebody has found out about a provider, which confirm or correct what its card says.

A fact is `{mark, source}`, and for a correction also the `value` of a setting, the `status` of an error, or the
`schema` and `required` of a field. Kinds and names of facts are those in the list of assumptions.
"""

from collections.abc import Callable, Iterable, Iterator, Mapping
from typing import Any

from msgspec import Struct
from msgspec.structs import replace

from emulator.contract.card import Provider
from emulator.contract.lifecycle import Lifecycle, Transition
from emulator.contract.setting import Setting
from emulator.core.field_facts import correct_fields
from emulator.core.problems import Problem, setting_problem
from emulator.core.schema import Schema, SchemaFolder
from emulator.core.suggestion import use_one_of
from emulator.core.wording import pointer

VERSION = 1
_FACT = {
    "mark": {"enum": ["documented", "observed"], "description": "how it is known"},
    "source": {
        "type": "string", "minLength": 1, "maxLength": 500,
        "description": "how you know: a page and when it was seen, or what was done to see it",
    },
}  # fmt: skip


class FactKind(Struct, frozen=True):
    """What facts of one kind are about."""

    names: Callable[[Provider], Iterable[str]] | None
    """The names that such facts can have; None: `problem` decides."""
    correct: Callable[[Provider, Mapping[str, Any]], Provider]
    """The card, corrected by the facts, which are given by name."""
    corrections: Mapping[str, Any] = {}
    """What such a fact can correct besides mark and source, as JSON Schemas by member."""
    problem: Callable[[Provider, str, Mapping[str, Any]], str | None] = lambda card, name, facts: None
    """What is wrong with the fact of this name, one of the facts."""


def fact_schema(kind: str) -> dict[str, Any]:
    """JSON Schema of a fact of this kind."""
    return {
        "type": "object",
        "properties": {**_FACT, **KINDS[kind].corrections},
        "required": ["mark", "source"],
        "additionalProperties": False,
    }


def document_schema(providers: Mapping[str, Provider]) -> dict[str, Any]:
    """JSON Schema of a document of facts by provider."""
    facts = {kind: {"type": "object", "additionalProperties": fact_schema(kind)} for kind in KINDS}
    card = {"type": "object", "properties": facts, "additionalProperties": False}
    return {
        "type": "object",
        "properties": {"version": {"const": VERSION}, **dict.fromkeys(providers, card)},
        "required": ["version"],
        "additionalProperties": False,
    }


class BrokenFacts(ValueError):
    """Facts that cannot be applied; `problems` say why, each with its place in the document."""

    def __init__(self, problems: list[Problem]) -> None:
        super().__init__("\n".join(problem.message for problem in problems))
        self.problems = problems


def correct_all(providers: Mapping[str, Provider], document: Any) -> dict[str, Provider]:
    """The providers, corrected by a document of facts. Raises BrokenFacts with everything that is wrong."""
    problems = [*_problems_of_form(Schema(document_schema(providers)), document)]
    if problems:
        raise BrokenFacts(problems)
    corrected = {name: _correct(card, document.get(name, {}), problems) for name, card in providers.items()}
    if problems:
        raise BrokenFacts(problems)
    return corrected


def _problems_of_form(schema: Schema, document: Any) -> Iterator[Problem]:
    for violation in schema.nearest(document):
        place = pointer(violation.path) or "the file"
        for name in violation.unexpected:
            known = [*schema.nodes(violation.schema_path)][-2]["properties"]
            yield Problem((*violation.path, name), f"{place}: unknown {name!r}: {use_one_of(name, list(known))}")
        if not violation.unexpected:
            yield Problem(violation.path, f"{place}: {violation.message}")


def _correct(card: Provider, facts: Mapping[str, Any], problems: list[Problem]) -> Provider:
    for name, kind in KINDS.items():
        found = facts.get(name, {})
        for path, message in _fact_problems(kind, card, found):
            problems.append(Problem((card.name, name, *path), f"{card.name}.{name}: {message}"))
        if found and not problems:
            card = kind.correct(card, found)
    return card


def _fact_problems(kind: FactKind, card: Provider, facts: Mapping[str, Any]) -> Iterator[tuple[tuple[str, ...], str]]:
    """What is wrong with the facts of one kind: for each problem, the place below the kind, and the message."""
    known = None if kind.names is None else [*kind.names(card)]
    for name, fact in facts.items():
        if known is not None and name not in known:
            yield (name,), f"there is no {name!r}: {use_one_of(name, known)}"
        elif (problem := kind.problem(card, name, facts)) is not None:
            member = next((each for each in kind.corrections if each in fact), "source")
            yield (name, member), f"{name}: {problem}"


def _problem_of_setting(card: Provider, name: str, facts: Mapping[str, Any]) -> str | None:
    if "value" not in facts[name]:
        return None
    setting = card.settings[name]
    value = _corrected_default(setting, facts)
    together = {each.name: _corrected_default(each, facts) for each in card.settings.values()}
    return setting_problem(setting, value) or setting.beside(value, together)


def _corrected_default(setting: Setting, facts: Mapping[str, Any]) -> Any:
    """The default of a setting, corrected by the facts."""
    fact = facts.get(setting.name, {})
    return setting.read(fact["value"]) if "value" in fact else setting.default


def _problem_of_error(card: Provider, name: str, facts: Mapping[str, Any]) -> str | None:
    setting = card.errors[name].setting
    if setting and "status" in facts[name]:
        return f"the setting {setting} decides its status: correct that one"
    return None


def _problem_of_field(card: Provider, name: str, facts: Mapping[str, Any]) -> str | None:
    try:
        correct_fields(card.schemas.documents, {name: facts[name]})
    except ValueError as error:
        return str(error)
    return None


def _correct_settings(card: Provider, facts: Mapping[str, Any]) -> Provider:
    settings = dict(card.settings)
    for name, fact in facts.items():
        default = _corrected_default(settings[name], facts)
        settings[name] = replace(settings[name], default=default, mark=fact["mark"], known_from=fact["source"])
    return replace(card, settings=settings)


def _correct_errors(card: Provider, facts: Mapping[str, Any]) -> Provider:
    errors = dict(card.errors)
    for name, fact in facts.items():
        status = fact.get("status", errors[name].status)
        errors[name] = replace(errors[name], status=status, mark=fact["mark"], known_from=fact["source"])
    return replace(card, errors=errors)


def _correct_life(card: Provider, statuses: Mapping[str, Any], transitions: Mapping[str, Any]) -> Provider:
    life = card.lifecycle
    corrected = Lifecycle(
        [_marked(each, statuses.get(each.name)) for each in life.statuses.values()],
        life.events.values(),
        [_marked(row, transitions.get(_row_name(row))) for row in life.transitions],
        life.initial,
        life.automatic,
        life.follows,
        life.passing,
    )
    return replace(card, lifecycle=corrected)


def _row_name(row: Transition) -> str:
    return f"{row.source} -> {row.target}"


def _correct_webhooks(card: Provider, facts: Mapping[str, Any]) -> Provider:
    if card.webhooks is None:
        return card
    events = tuple(_marked(event, facts.get(event.name)) for event in card.webhooks.events)
    return replace(card, webhooks=replace(card.webhooks, events=events))


def _marked(described: Any, fact: Mapping[str, Any] | None) -> Any:
    return described if fact is None else replace(described, mark=fact["mark"], known_from=fact["source"])


def _correct_fields(card: Provider, facts: Mapping[str, Any]) -> Provider:
    documents = correct_fields(card.schemas.documents, facts)
    return replace(card, schemas=SchemaFolder(lambda: documents))


KINDS: Mapping[str, FactKind] = {
    "settings": FactKind(
        lambda card: card.settings,
        _correct_settings,
        {"value": {"description": "what the provider does: the setting's default from now on"}},
        _problem_of_setting,
    ),
    "statuses": FactKind(lambda card: card.lifecycle.statuses, lambda card, facts: _correct_life(card, facts, {})),
    "transitions": FactKind(
        lambda card: dict.fromkeys(map(_row_name, card.lifecycle.transitions)),
        lambda card, facts: _correct_life(card, {}, facts),
    ),
    "errors": FactKind(
        lambda card: card.errors,
        _correct_errors,
        {"status": {"type": "integer", "minimum": 400, "maximum": 599, "description": "its HTTP status"}},
        _problem_of_error,
    ),
    "webhooks": FactKind(
        lambda card: [event.name for event in (card.webhooks.events if card.webhooks else ())], _correct_webhooks
    ),
    "fields": FactKind(
        None,
        _correct_fields,
        {
            "schema": {"type": "object", "description": "keywords of JSON Schema that replace those of the field"},
            "required": {"type": "boolean", "description": "whether the member is always there"},
        },
        _problem_of_field,
    ),
}
"""The kinds of facts, by the names of their sections, in the order in which they are applied."""

"""All published JSON Schemas: valid, with valid examples, and read the same by the fast and the reference validator."""

import re
from collections.abc import Iterator
from decimal import Decimal
from itertools import cycle, islice
from typing import Any

import jsonschema
import pytest
from referencing import Registry
from referencing.jsonschema import DRAFT202012

from emulator import providers
from emulator.core import json_text
from emulator.core.schema import Schema
from emulator.files import shipped, yaml_text
from tests.reference import as_floats

ODD: list[Any] = [None, "", 0, -1, True, [], {}, "x" * 300, Decimal("1.5"), 10**20, "é\n", [None], {"x": 1}, " 1 "]
MOST_MUTANTS = 60
FILES = [(name, schema) for name in providers.NAMES for schema in sorted(providers.load(name).schemas.documents)]
SCENARIO_FILES = sorted(shipped.scenario_paths(shipped.folder("scenarios")))


def reference(document: dict[str, Any], others: dict[str, Any]) -> jsonschema.Draft202012Validator:
    """The reference validator of a document that may refer to the files beside it."""
    bare = {
        f"{name}.json": {key: value for key, value in each.items() if key != "$id"} for name, each in others.items()
    }
    registry = Registry().with_resources((name, DRAFT202012.create_resource(each)) for name, each in bare.items())
    return jsonschema.Draft202012Validator(
        {key: value for key, value in document.items() if key != "$id"}, registry=registry
    )


def places(value: Any, path: tuple[str | int, ...] = ()) -> Iterator[tuple[str | int, ...]]:
    """The path of everything in a value, the whole first."""
    yield path
    if isinstance(value, dict):
        for key, member in value.items():
            yield from places(member, (*path, key))
    elif isinstance(value, list):
        for place, member in enumerate(value[:2]):
            yield from places(member, (*path, place))


def changed(value: Any, path: tuple[str | int, ...], new: Any) -> Any:
    """The value with `new` at `path`; with the member left out if `new` is `...`."""
    if not path:
        return value if new is ... else new
    copy: Any = dict(value) if isinstance(value, dict) else list(value)
    if len(path) == 1 and new is ...:
        del copy[path[0]]
    else:
        copy[path[0]] = changed(value[path[0]], path[1:], new)
    return copy


def mutants(value: Any) -> Iterator[Any]:
    """Much like the value, and mostly wrong somewhere."""
    odd = cycle(ODD)
    for path in places(value):
        yield changed(value, path, ...)
        for new in islice(odd, 3):
            yield changed(value, path, new)
    if isinstance(value, dict):
        yield {**value, "unknown": 1}


@pytest.mark.parametrize("provider", providers.NAMES)
def test_every_file_is_a_valid_schema(provider: str) -> None:
    for document in providers.load(provider).schemas.documents.values():
        assert document["$schema"] == "https://json-schema.org/draft/2020-12/schema"
        jsonschema.Draft202012Validator.check_schema(as_floats(document))


@pytest.mark.parametrize(("provider", "name"), FILES)
def test_both_validators_agree_on_examples_and_mutants_of_them(provider: str, name: str) -> None:
    folder = providers.load(provider).schemas
    slow = reference(as_floats(dict(folder.documents[name])), as_floats(dict(folder.documents)))
    fast = folder[name]
    examples = folder.documents[name]["examples"]
    assert examples
    for example in examples:
        assert fast.violations(example) == []
        assert slow.is_valid(as_floats(example))
    for mutant in islice(mutants(examples[0]), MOST_MUTANTS):
        assert fast.accepts(mutant) == slow.is_valid(as_floats(mutant)), mutant
        assert bool(fast.violations(mutant)) != fast.accepts(mutant)


def test_both_validators_agree_on_scenario_files() -> None:
    fast = shipped.scenario_schema(providers.NAMES)
    jsonschema.Draft202012Validator.check_schema(fast.document)
    slow = reference(dict(fast.document), {})
    for place, path in enumerate(SCENARIO_FILES):
        scenario = yaml_text.read_yaml(path.read_text("utf-8"))
        assert fast.accepts(scenario)
        assert slow.is_valid(as_floats(scenario))
        for mutant in islice(mutants(scenario), place % 5, 40, 5):
            assert fast.accepts(mutant) == slow.is_valid(as_floats(mutant)), (path, mutant)


def test_most_mutants_are_invalid() -> None:
    schema = Schema(
        {"type": "object", "required": ["a"], "properties": {"a": {"type": "integer"}}, "additionalProperties": False}
    )
    found = list(mutants({"a": 1}))
    assert len(found) > 5
    assert sum(schema.accepts(mutant) for mutant in found) < len(found) / 2
    assert json_text.encode(found[0]) == b'{"a":1}'


@pytest.mark.parametrize("provider", providers.NAMES)
def test_every_call_and_webhook_of_a_provider_has_its_schemas(provider: str) -> None:
    card = providers.load(provider)
    wanted = {each.schema for each in card.webhooks.events} if card.webhooks else set()
    for endpoint in card.endpoints:
        wanted |= {endpoint.error_schema, *endpoint.matched}
        if not endpoint.page and not endpoint.content_type and endpoint.success != 204:
            wanted.add(f"{endpoint.name}.response")
    missing = sorted(name for name in wanted if name not in card.schemas.documents)
    assert not missing, "\n".join(f"write schemas/{provider}/{name}.json" for name in missing)


def descriptions(schema: Any) -> Iterator[str]:
    """Every description in a schema, at any depth; examples have none."""
    if isinstance(schema, dict):
        if isinstance(text := schema.get("description"), str):
            yield text
        for key, each in schema.items():
            if key != "examples":
                yield from descriptions(each)
    elif isinstance(schema, list):
        for each in schema:
            yield from descriptions(each)


@pytest.mark.parametrize(("provider", "name"), FILES)
def test_every_description_is_a_sentence(provider: str, name: str) -> None:
    found = list(descriptions(providers.load(provider).schemas.documents[name]))
    assert found
    assert [text for text in found if not re.fullmatch(r"[A-Z0-9`](?!.*  ).*\.", text)] == []


@pytest.mark.parametrize("provider", providers.NAMES)
@pytest.mark.parametrize("name", ["happy", "manual"])
def test_every_provider_has_the_common_scenarios(provider: str, name: str) -> None:
    path = shipped.folder("scenarios") / provider / f"{name}.yaml"
    assert path.is_file(), f"write scenarios/{provider}/{name}.yaml"

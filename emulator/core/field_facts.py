"""Facts about fields of schemas.

A field is named `<schema>: <pointer>`, such as `order: /createdAt`; the items of a list have the list's pointer.
"""

import copy
from collections.abc import Iterator, Mapping
from typing import Any

from emulator.core.schema import Schema
from emulator.core.suggestion import use_one_of

_WITHIN = ("items", "allOf", "anyOf", "oneOf", "then", "else")
"""Keywords whose schemas describe the same place."""
Documents = Mapping[str, Mapping[str, Any]]


def schema_fields(schema: Any, path: str = "") -> Iterator[tuple[str, dict[str, Any]]]:
    """Pointer and schema of each place in a schema, at any depth, the schema itself first."""
    if isinstance(schema, list):
        for each in schema:
            yield from schema_fields(each, path)
    if not isinstance(schema, dict):
        return
    yield path or "/", schema
    for name, member in schema.get("properties", {}).items():
        yield from schema_fields(member, f"{path}/{name}")
    for keyword in _WITHIN:
        yield from schema_fields(schema.get(keyword), path)


def correct_fields(documents: Documents, facts: Mapping[str, Mapping[str, Any]]) -> dict[str, Any]:
    """The schemas, corrected by facts about their fields. A new member is added if its fact has a `schema`.

    Raises ValueError, which says what is wrong.
    """
    corrected: dict[str, Any] = {**documents}
    for name, fact in facts.items():
        schema, _, path = name.partition(": ")
        if schema not in documents or not path.startswith("/"):
            good = use_one_of(schema, list(documents))
            raise ValueError(
                f"a field is named `<schema>: <pointer>`, such as `order: /createdAt`; for schemas, {good}"
            )
        if corrected[schema] is documents[schema]:
            corrected[schema] = copy.deepcopy(dict(documents[schema]))
        _correct(corrected[schema], path, fact)
        Schema(corrected[schema], {f"{each}.json": document for each, document in corrected.items()}).compile()
    return corrected


def _correct(document: dict[str, Any], path: str, fact: Mapping[str, Any]) -> None:
    said = {**fact.get("schema", {}), "x-source": fact["mark"], "x-known-from": fact["source"]}
    parent, _, name = path.rpartition("/")
    places = [*schema_fields(document)]
    found = [each for pointer, each in places if pointer == path and "$ref" not in each] or [
        each for pointer, each in places if pointer == path
    ]
    owners = [each for pointer, each in places if pointer == (parent or "/") and "properties" in each]
    if not found and not (owners and "schema" in fact):
        good = use_one_of(path, list(dict.fromkeys(pointer for pointer, _ in places)))
        raise ValueError(f"there is no {path}: {good}; a new member needs a `schema`")
    for each in found:
        each.update(said)
    if not found:
        owners[0]["properties"][name] = said
    if "required" in fact:
        _require(owners, name, is_required=fact["required"])


def _require(owners: list[dict[str, Any]], name: str, *, is_required: bool) -> None:
    """Makes a member required by the first schema that has it, or by none."""
    for place, owner in enumerate(each for each in owners if name in each["properties"]):
        others = [each for each in owner.get("required", ()) if each != name]
        owner["required"] = [*others, name] if is_required and place == 0 else others

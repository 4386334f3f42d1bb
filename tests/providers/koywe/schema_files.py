"""The schema files of this provider, as the tests read them."""

import json
from decimal import Decimal
from pathlib import Path
from typing import Any

from jsonschema import Draft202012Validator
from referencing import Registry
from referencing.jsonschema import DRAFT202012

FOLDER = Path(__file__).parents[3] / "schemas" / "koywe"
DOCUMENTS: dict[str, dict[str, Any]] = {
    path.stem: json.loads(path.read_text()) for path in sorted(FOLDER.glob("*.json"))
}
DOCUMENT_TYPES: list[str] = [
    kind for kind in DOCUMENTS["create-contact.request"]["properties"]["documentType"]["enum"] if kind is not None
]
"""Every kind of identity paper that a contact may have."""

REGISTRY: Registry[Any] = Registry().with_resources(
    (f"{name}.json", DRAFT202012.create_resource(document)) for name, document in DOCUMENTS.items()
)


def reference_validator(schema: dict[str, Any]) -> Draft202012Validator:
    """The reference implementation's validator; files refer to each other by file name."""
    return Draft202012Validator(schema, registry=REGISTRY)


def parse(text: str) -> Any:
    """Reads JSON without binary floats."""
    return json.loads(text, parse_float=Decimal)

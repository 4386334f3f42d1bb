"""Where schemas and scenarios are, and how to read them: beside the package in a checkout, inside it in a wheel."""

import os
from collections.abc import Iterable
from pathlib import Path
from typing import Any

from emulator.core import json_text
from emulator.core.schema import Schema

_PACKAGE = Path(__file__).parent.parent


def folder(name: str) -> Path:
    """The folder `schemas` or `scenarios`."""
    inside = _PACKAGE / name
    return inside if inside.is_dir() else _PACKAGE.parent / name


def load_schemas(provider: str) -> dict[str, dict[str, Any]]:
    """A provider's JSON Schemas, by file name without `.json`."""
    paths = sorted((folder("schemas") / provider).glob("*.json"))
    return {path.name.removesuffix(".json"): json_text.plain(json_text.decode(path.read_bytes())) for path in paths}


def scenario_schema(providers: Iterable[str]) -> Schema:
    """The JSON Schema of scenario files for these providers."""
    document: dict[str, Any] = json_text.decode((folder("schemas") / "scenario.schema.json").read_bytes())
    document["properties"]["provider"]["enum"] = list(providers)
    return Schema(document)


def seed_schema_path() -> Path:
    """The path of the JSON Schema of seed files, which editors can use."""
    return folder("schemas") / "seed.schema.json"


def scenario_paths(root: Path) -> list[Path]:
    """What looks like scenario files below a folder, in a fixed order; hidden files are none."""
    found: list[Path] = []
    for folder, folders, files in os.walk(root):
        folders[:] = [name for name in folders if not name.startswith(".")]
        found += [
            Path(folder, name)
            for name in (*folders, *files)
            if name.lower().endswith((".yaml", ".yml")) and not name.startswith(".")
        ]
    return sorted(found)

"""The shipped recipes: how to meet each part of a provider's behaviour. They were found by trial."""

from collections.abc import Mapping, Sequence
from functools import cache
from pathlib import Path
from typing import Any

from emulator.core import json_text
from emulator.core.origin import DEFAULT
from emulator.views.coverage import Hint
from emulator.views.recipes import Step, write_hint

FOLDER = Path(__file__).parent / "recipes"
"""Has a file for each provider."""
_USUAL_CONTROL_URL = "http://127.0.0.1:8900/_emulator"


@cache
def load_recipes(provider: str) -> Mapping[str, Mapping[str, Sequence[Step]]]:
    """A provider's recipes, by part and item; empty if it has none."""
    path = FOLDER / f"{provider}.json"
    found: dict[str, dict[str, list[Step]]] = json_text.decode(path.read_bytes()) if path.exists() else {}
    return found


def hint_for(sandbox: str = DEFAULT, control_url: str = _USUAL_CONTROL_URL) -> Hint:
    """A function that returns how to cover an item in a sandbox; None if there is no recipe."""

    def hint(provider: str, part: str, item: str) -> dict[str, Any] | None:
        recipe = load_recipes(provider).get(part, {}).get(item)
        return None if recipe is None else write_hint(provider, recipe, sandbox, control_url)

    return hint

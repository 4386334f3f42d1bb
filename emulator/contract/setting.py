"""What can be set about a provider."""

import re
from collections.abc import Callable, Mapping
from typing import Any

from msgspec import Struct

_CAPITAL = re.compile(r"(?<=[a-z0-9])[A-Z]")


class Setting(Struct, frozen=True):
    """Something about a provider that is not known for sure, or that people want to vary."""

    name: str
    default: Any
    schema: Mapping[str, Any]
    """JSON Schema of the values that are good."""
    about: str
    mark: str = "assumed"
    check: Callable[[Any], str | None] = lambda value: None
    """What is wrong with a value that fits the schema, where a schema can not say it all."""

    @property
    def shown_name(self) -> str:
        """The name in snake_case, as `publicBase` is `public_base`; whoever sets it may write either."""
        return _CAPITAL.sub(lambda capital: f"_{capital[0].lower()}", self.name)

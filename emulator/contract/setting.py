"""A provider's settings."""

from collections.abc import Callable, Iterable, Mapping
from typing import Any

from msgspec import Struct

Settings = Mapping[str, Any]
"""The value of each of a provider's settings in a sandbox, by name."""


def check_by_reading(read: Callable[[Any], object]) -> Callable[[Any], str | None]:
    """A `check`: what is wrong with a value is what `read` says of it in a ValueError."""

    def check(value: Any) -> str | None:
        try:
            read(value)
        except ValueError as error:
            return str(error)
        return None

    return check


class Setting(Struct, frozen=True):
    """Something about a provider that is not certain, or that people want to vary."""

    name: str
    """In snake_case."""
    default: Any
    schema: Mapping[str, Any]
    """JSON Schema of its values."""
    about: str
    mark: str = "assumed"
    check: Callable[[Any], str | None] = lambda value: None
    """What is wrong with a value that fits the schema, if the schema cannot say it; None: nothing."""
    scenarios: Callable[[Any], Iterable[tuple[str, str]]] = lambda value: ()
    """The scenarios that a value refers to, which must exist: for each, the place in the value (a JSON pointer) and
    the name."""
    beside: Callable[[Any, Mapping[str, Any]], str | None] = lambda value, settings: None
    """What is wrong with a value in combination with the provider's other settings, which it gets; None: nothing."""
    spelling: str = ""
    """Another accepted name, such as `publicBase` for `public_base`; empty: none."""
    identifies: bool = False
    """Whether its value identifies a sandbox: no two may share it, and `find_sandbox` can look a sandbox up by
    `<provider>/<name>:<value>`. As a setting of new sandboxes it applies to the default one alone."""
    aliases: tuple[str, ...] = ()
    """Further accepted names."""
    words: tuple[tuple[Any, Any], ...] = ()
    """Other words for values, each with the value that it stands for."""
    known_from: str = ""
    """The source that the user's file of known facts gives for it; empty: the file does not mention it."""

    @property
    def spellings(self) -> tuple[str, ...]:
        """All accepted names, its own first."""
        return tuple(each for each in (self.name, self.spelling, *self.aliases) if each)

    def read(self, value: Any) -> Any:
        """The value that a value or another word for one stands for."""
        return next((meant for word, meant in self.words if word == value and type(word) is type(value)), value)

"""How a refusal reads: an entry of the error table, its message filled in, and the body that carries it.

Pure. It never decides whether a request is refused.

Source: https://docs.koywe.com/en/advanced/error-handling (seen 2026-11) for the body.
"""

from __future__ import annotations

import string
from collections.abc import Mapping
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import Final, Literal, TypeAlias

Source: TypeAlias = Literal["documented", "observed", "assumed"]


@dataclass(frozen=True, slots=True)
class ErrorKind:
    """One entry of the table.

    `name` is unique, `code` is not: some codes have several messages. `template` has `{values}` to fill in, `about`
    says when it is given, `details` names the members of the answer's `details` object, in order, and `source` tells
    where the code is known from. `examples` has a value for everything in the template and in `details`: what a refusal
    that somebody only asked for is filled with.
    """

    name: str
    code: str
    status: int
    template: str
    about: str
    source: Source = "assumed"
    details: tuple[str, ...] = ()
    headers: tuple[tuple[str, str], ...] = ()
    examples: Mapping[str, object] = field(default_factory=dict, hash=False)

    @property
    def placeholders(self) -> tuple[str, ...]:
        """The names of the values that the message needs."""
        return tuple(name for _, name, _, _ in string.Formatter().parse(self.template) if name is not None)


@dataclass(frozen=True, slots=True)
class ErrorAnswer:
    """A refusal ready for the wire. `message` is a list only for validation with `validation_message: array`."""

    kind: ErrorKind
    status: int
    message: str | list[str]
    details: Mapping[str, object] = field(default_factory=dict)

    @property
    def code(self) -> str:
        """The body's `errorCode`, the member by which clients branch."""
        return self.kind.code


def error_body(answer: ErrorAnswer, timestamp: str, path: str) -> dict[str, object]:
    """Give the body, members in wire order, `details` only where the kind has some. `path`: no query, no mount."""
    body: dict[str, object] = {
        "statusCode": answer.status,
        "timestamp": timestamp,
        "path": path,
        "errorCode": answer.code,
        "message": answer.message,
    }
    return body | {"details": dict(answer.details)} if answer.details else body


BARE_SIGN_IN_BODY: Final[Mapping[str, str]] = MappingProxyType(
    {"error": "Invalid credentials", "message": "The provided username or password is incorrect"}
)
"""The whole body of a failed sign-in with the setting `sign_in_error: bare` (documented on another page)."""

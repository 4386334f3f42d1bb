"""What can be made to happen at the provider apart from any order. Stands for its back office.

Assumed: all of it.
"""

from collections.abc import Mapping
from typing import Any

from emulator.contract.command import Command
from emulator.contract.transaction import Transaction
from emulator.providers.baanx.accounts import users
from emulator.providers.baanx.catalogue import USER_WORDS


def _expire_tokens(tx: Transaction, arguments: Mapping[str, Any]) -> dict[str, Any]:
    users.expire_tokens(tx, arguments["user"])
    return {"user": arguments["user"]}


COMMANDS = {
    command.name: command
    for command in (
        Command(
            name="expire_tokens",
            about="Makes all bearer tokens that a user has so far invalid, ready ones included; later logins are good.",
            schema={
                "type": "object",
                "additionalProperties": False,
                "required": ["user"],
                "properties": {
                    "user": {"description": "the word before the @ of the e-mail", "enum": list(USER_WORDS)}
                },
            },
            run=_expire_tokens,
        ),
    )
}

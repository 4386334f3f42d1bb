"""What happens at the provider apart from any order. Stands for its back office.

Assumed: all of it.
"""

from collections.abc import Mapping
from typing import Any

from emulator.contract.command import Command
from emulator.contract.transaction import Transaction
from emulator.core import json_text
from emulator.core.sample_webhooks import (
    TEST_WEBHOOK,
    URL,
    read_sample,
    replace_members,
    require_receiver,
)
from emulator.providers.basswallet.orders import SEQUENCE_LIMIT, make_order_id
from emulator.providers.basswallet.webhooks import EXPIRY, PAYMENT, send_test
from emulator.providers.basswallet.wire import AWAITING_CONFIRMATION, COMPLETE, EXPIRED, SUCCESS


def _send_test_webhook(tx: Transaction, arguments: Mapping[str, Any]) -> dict[str, Any]:
    given = dict(arguments)
    url = require_receiver(tx, "basswallet", given.pop("url", None))
    event = EXPIRY if given.get("status") == EXPIRED else PAYMENT
    sample = read_sample(tx, "basswallet", event)
    del sample["timestamp"]
    sample |= {"id": make_order_id(tx.now_ms, SEQUENCE_LIMIT - 1), "status": EXPIRED if event == EXPIRY else SUCCESS}
    members = {name: _write_text(value) for name, value in replace_members(sample, given).items()}
    return {"id": send_test(tx, event, url, members).id}


def _write_text(value: object) -> str:
    return value if isinstance(value, str) else json_text.encode(value).decode()


COMMANDS = {
    command.name: command
    for command in (
        Command(
            name=TEST_WEBHOOK,
            about="Sends a webhook that belongs to no order, with made-up values; further arguments replace members of "
            "its body.",
            schema={
                "type": "object",
                "properties": {
                    "webhookType": {"enum": ["Payment"]},
                    "status": {"enum": [AWAITING_CONFIRMATION, *COMPLETE, EXPIRED], "default": SUCCESS},
                    "url": URL,
                },
                "additionalProperties": {"type": ["string", "number"]},
            },
            run=_send_test_webhook,
        ),
    )
}

"""What happens at the provider apart from any order; it stands for its back office. Assumed: all of it."""

from collections.abc import Mapping
from typing import Any

from emulator.contract.command import Command
from emulator.contract.transaction import Transaction
from emulator.core.sample_webhooks import (
    TEST_WEBHOOK,
    URL,
    read_sample,
    replace_members,
    require_receiver,
)
from emulator.providers.changelly.lifecycle import LIFECYCLE
from emulator.providers.changelly.webhooks import CALLBACK, send_test


def _send_test_webhook(tx: Transaction, arguments: Mapping[str, Any]) -> dict[str, Any]:
    given = dict(arguments)
    url = require_receiver(tx, "changelly", given.pop("url", None))
    sample = read_sample(tx, "changelly", CALLBACK)
    order_id = tx.chance.uuid()
    sample["redirectUrl"] = sample["redirectUrl"].replace(sample["orderId"], order_id)
    sample |= {"orderId": order_id, "status": "complete"}
    return {"id": send_test(tx, url, replace_members(sample, given)).id}


COMMANDS = {
    command.name: command
    for command in (
        Command(
            name=TEST_WEBHOOK,
            about="sends a made-up callback that belongs to no order; further arguments replace members of its body",
            schema={
                "type": "object",
                "properties": {
                    "status": {"enum": list(LIFECYCLE.statuses), "default": "complete"},
                    "orderId": {"type": "string", "minLength": 1, "maxLength": 255},
                    "url": URL,
                },
            },
            run=_send_test_webhook,
        ),
    )
}

"""What happens at the provider apart from any order; it stands for its back office. Assumed: all of it."""

from typing import Any

from emulator.contract.delivery import Delivery
from emulator.contract.named import by_name
from emulator.contract.transaction import Transaction
from emulator.core.sample_webhooks import make_test_webhook, read_sample, replace_members
from emulator.providers.changelly.lifecycle import LIFECYCLE
from emulator.providers.changelly.webhooks import CALLBACK, send_test


def _send_test_webhook(tx: Transaction, url: str, given: dict[str, Any]) -> Delivery:
    sample = read_sample(tx, "changelly", CALLBACK)
    order_id = tx.chance.uuid()
    sample["redirectUrl"] = sample["redirectUrl"].replace(sample["orderId"], order_id)
    sample |= {"orderId": order_id, "status": "complete"}
    return send_test(tx, url, replace_members(sample, given))


COMMANDS = by_name(
    make_test_webhook(
        "changelly",
        "sends a made-up callback that belongs to no order; further arguments replace members of its body",
        _send_test_webhook,
        status={"enum": list(LIFECYCLE.statuses), "default": "complete"},
        orderId={"type": "string", "minLength": 1, "maxLength": 255},
    ),
)

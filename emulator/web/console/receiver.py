"""The built-in receiver: sending webhooks to it, and what it has received, verified or not."""

from typing import Any

from emulator.core.received import Received, received_as_json
from emulator.web.console.clock import back
from emulator.web.console.commands import write_subscription
from emulator.web.console.visit import Shown, Visit
from emulator.web.console.writing import write_moment

_MOST_SHOWN = 50


async def show_receiver(visit: Visit) -> Shown:
    """What the receiver has received, the newest first."""
    inbox, url = list(visit.context.receiver.inbox(visit.sandbox)), visit.context.receiver_url(visit.sandbox.name)
    values = {
        "url": url,
        "received": [_shown(visit, each) for each in inbox[: -_MOST_SHOWN - 1 : -1]],
        "total": len(inbox),
        "receive_path": visit.path("receiver"),
    }
    taken = write_subscription(visit.control, url)
    return Shown("receiver.html", "Receiver", values, path="receiver", follows=True, taken=taken)


async def receive_here(visit: Visit) -> str:
    """Sends the webhooks of all providers to the built-in receiver; gives the path of the page before."""
    await visit.call("POST", "webhooks/subscribe", {"url": visit.context.receiver_url(visit.sandbox.name)})
    return back(visit)


def _shown(visit: Visit, received: Received) -> dict[str, Any]:
    shown = received_as_json(received)
    return {
        **shown,
        "time": write_moment(received.at_ms),
        "title": visit.title_of(received.verdict.provider) or "Unknown sender",
        "mark": "good" if received.verdict.verified else "bad",
        "word": "verified" if received.verdict.verified else "not verified",
    }

"""Calls about the built-in receiver of webhooks."""

from typing import Any

from starlette.requests import Request

from emulator.core.received import received_as_json
from emulator.web.control.desk import Desk
from emulator.web.control.reading import PAGE_LIMIT, read_whole
from emulator.web.receiver import PATH

SELECTION = {
    "after": "only webhooks with a number above this one",
    "limit": f"at most so many; without it {PAGE_LIMIT}",
}


async def get_receiver(desk: Desk, request: Request) -> Any:
    """What the built-in receiver has got, oldest first: each verified, or why not; `after` and `limit` select."""
    sandbox = desk.sandbox(request)
    after, limit = read_whole(request, "after", 0), read_whole(request, "limit", PAGE_LIMIT)
    inbox = desk.receiver.inbox(sandbox)
    found = [received_as_json(each) for each in inbox if each.number > after]
    return {
        "url": f"{desk.addresses.front}{PATH}/{sandbox.name}",
        "received": found[:limit],
        "forgotten": inbox.forgotten,
    }


async def delete_receiver(desk: Desk, request: Request) -> Any:
    """Lets the built-in receiver forget what it has got."""
    desk.receiver.inbox(desk.sandbox(request)).clear()

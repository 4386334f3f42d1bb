"""Calls about the built-in receiver of webhooks."""

from typing import Any

from starlette.requests import Request

from emulator.core.durations import format_instant
from emulator.core.received import find_subject, received_as_json
from emulator.core.transaction import Transaction
from emulator.web.control.context import Context, closed
from emulator.web.control.reading import PAGE_LIMIT, read_base64, read_valid, read_whole
from emulator.web.receiver import judge_now

GOT = closed(
    ("url", "headers", "body_base64"),
    url={"type": "string", "description": "where it came to"},
    headers={"type": "object", "additionalProperties": {"type": "string"}},
    body_base64={"type": "string", "description": "its bytes, as base64"},
)
SELECTION = {
    "after": "only webhooks with a number above this one",
    "limit": f"at most this many; without it, {PAGE_LIMIT}",
}


async def get_receiver(context: Context, request: Request) -> Any:
    """What the built-in receiver has received, oldest first: each verified, or why not; `after` and `limit` select."""
    sandbox = context.sandbox(request)
    after, limit = read_whole(request, "after", 0), read_whole(request, "limit", PAGE_LIMIT)
    inbox = context.receiver.inbox(sandbox)
    found = [received_as_json(each) for each in inbox if each.number > after]
    return {
        "url": context.receiver_url(sandbox.name),
        "received": found[:limit],
        "forgotten": inbox.forgotten,
    }


async def post_verify(context: Context, request: Request) -> Any:
    """Whose webhook a request is that another receiver has received, and whether it is signed with the sandbox's
    key."""
    sandbox = context.sandbox(request)
    wanted = await read_valid(request)
    body = read_base64("body_base64", wanted["body_base64"])
    headers = {name.lower(): value for name, value in wanted["headers"].items()}

    def judge(tx: Transaction) -> dict[str, Any]:
        verdict = judge_now(tx, sandbox, wanted["url"], headers, body)
        subject = find_subject(tx.deliveries(), verdict.provider, wanted["url"], body)
        return {
            "at": format_instant(tx.now_ms),
            "provider": verdict.provider,
            "event": subject.event if subject else None,
            "order": (subject.order_id or None) if subject else None,
            "verified": verdict.verified,
            "reason": verdict.reason,
        }

    return await context.engine.command(sandbox, judge)


async def delete_receiver(context: Context, request: Request) -> Any:
    """Makes the built-in receiver forget what it has received."""
    context.receiver.inbox(context.sandbox(request)).clear()

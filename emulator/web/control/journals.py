"""Calls about the journal."""

from typing import Any

from starlette.requests import Request

from emulator.core.journal import as_json
from emulator.core.match import BadCondition, parse_conditions
from emulator.web.control.desk import Desk, closed
from emulator.web.control.reading import PAGE_LIMIT, read_object, read_whole, require_provider
from emulator.web.control.refusals import ControlError

SELECTION = {
    "kind": "only entries of this kind, as request or transition",
    "order": "only entries about the order with this id",
    "provider": "only entries of this provider",
    "after": "only entries with a number above this one",
    "limit": f"at most so many; without it {PAGE_LIMIT}",
}
COUNT = closed(match={"type": "object", "description": "conditions on an entry: path -> literal or JSON Schema"})


async def get_journal(desk: Desk, request: Request) -> Any:
    """The journal; `kind`, `order`, `provider`, `after` and `limit` select."""
    journal = desk.journal(desk.sandbox(request))
    query = request.query_params
    if query.get("provider"):
        require_provider(desk, query["provider"])
    limit = read_whole(request, "limit", PAGE_LIMIT)
    after = read_whole(request, "after", 0)
    found = journal.entries(query.get("kind"), query.get("order"), query.get("provider"), after)
    shown = [as_json(entry) for _, entry in zip(range(limit), found, strict=False)]
    return {"entries": shown, "evicted": journal.evicted.total()}


async def post_count(desk: Desk, request: Request) -> Any:
    """Counts journal entries that match: `{match}`; `complete` says whether none can be missing."""
    body = await read_object(request)
    match = body.get("match", {})
    if not isinstance(match, dict):
        raise ControlError("bad-request", 'match must be an object, as {"kind": "request", "body.amountFrom": "151"}')
    try:
        count, complete = desk.journal(desk.sandbox(request)).count(parse_conditions(match))
    except BadCondition as error:
        raise ControlError("bad-request", str(error)) from error
    return {"count": count, "complete": complete}

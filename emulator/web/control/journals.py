"""Calls about the journal."""

from typing import Any

from starlette.requests import Request

from emulator.core.journal import as_json
from emulator.core.match import BadCondition, parse_conditions
from emulator.web.control.desk import Desk
from emulator.web.control.reading import PAGE_LIMIT, read_object, read_whole, require_provider, require_query
from emulator.web.control.refusals import ControlError


async def get_journal(desk: Desk, request: Request) -> Any:
    """The journal; `kind`, `order`, `provider`, `after` and `limit` select."""
    journal = desk.journal(desk.sandbox(request))
    require_query(request, "kind", "order", "provider", "after", "limit")
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
    body = await read_object(request, {"match"})
    match = body.get("match", {})
    if not isinstance(match, dict):
        raise ControlError("bad-request", 'match must be an object, as {"kind": "request", "body.amountFrom": "151"}')
    try:
        count, complete = desk.journal(desk.sandbox(request)).count(parse_conditions(match))
    except BadCondition as error:
        raise ControlError("bad-request", str(error)) from error
    return {"count": count, "complete": complete}

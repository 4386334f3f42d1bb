"""Calls about the journal."""

from itertools import islice
from typing import Any

from starlette.requests import Request

from emulator.core.journal import as_json
from emulator.core.journal_search import OUTCOMES, has_words, read_words
from emulator.core.match import BadCondition, read_conditions
from emulator.core.suggestion import use_one_of
from emulator.web.control.context import Context, closed
from emulator.web.control.reading import PAGE_LIMIT, read_object, read_whole, require_provider
from emulator.web.control.refusals import ControlError

SELECTION = {
    "kind": "only entries of this kind, such as request or transition",
    "order": "only entries about the order with this id; or desc: the newest entries first, asc: the oldest. May be "
    "given twice, once for each",
    "provider": "only entries of this provider",
    "outcome": "only requests with this outcome: refused (answered with an error, or not at all) or answered",
    "search": "only entries that contain all these words, in upper or lower case",
    "after": "only entries with a number above this one",
    "before": "only entries with a number below this one",
    "limit": f"at most this many; without it, {PAGE_LIMIT}",
}
COUNT = closed(match={"type": "object", "description": "conditions on an entry: path -> literal or JSON Schema"})
_DIRECTIONS = ("asc", "desc")
"""No provider gives an order such an id."""


async def get_journal(context: Context, request: Request) -> Any:
    """The journal; `kind`, `order`, `provider`, `outcome`, `search`, `after`, `before`, `limit` select; `order=desc`:
    newest first."""
    journal = context.journal(context.sandbox(request))
    query = request.query_params
    if query.get("provider"):
        require_provider(context, query["provider"])
    limit = read_whole(request, "limit", PAGE_LIMIT)
    order, newest_first = _read_order(query.getlist("order"))
    found = journal.entries(
        query.get("kind"),
        order,
        query.get("provider"),
        read_whole(request, "after", 0),
        read_whole(request, "before", None),
        newest_first=newest_first,
    )
    outcome, words = query.get("outcome"), read_words(query.get("search", ""))
    if outcome is not None and outcome not in OUTCOMES:
        raise ControlError("bad-request", f"no outcome {outcome[:40]!r}: {use_one_of(outcome, list(OUTCOMES))}")
    fits = (entry for entry in found if (not outcome or OUTCOMES[outcome](entry)) and has_words(entry, words))
    shown = [as_json(entry) for entry in islice(fits, limit)]
    return {"entries": shown, "evicted": journal.evicted.total(), "complete": journal.complete}


def _read_order(given: list[str]) -> tuple[str | None, bool]:
    """The id of an order, if one is given, and whether the newest entries come first."""
    directions = [each for each in given if each in _DIRECTIONS]
    ids = [each for each in given if each not in _DIRECTIONS]
    if len(directions) > 1 or len(ids) > 1:
        told = "order takes the id of one order, and asc or desc: write order=ID&order=desc for both"
        raise ControlError("bad-request", told)
    return (ids[0] if ids else None), directions == ["desc"]


async def post_count(context: Context, request: Request) -> Any:
    """Counts journal entries that match: `{match}`; `complete` says whether none can be missing."""
    body = await read_object(request)
    match = body.get("match", {})
    if not isinstance(match, dict):
        raise ControlError("bad-request", 'match must be an object, as {"kind": "request", "body.amountFrom": "151"}')
    try:
        count, complete = context.journal(context.sandbox(request)).count(read_conditions(match))
    except BadCondition as error:
        raise ControlError("bad-request", str(error)) from error
    return {"count": count, "complete": complete}

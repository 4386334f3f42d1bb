"""JSON Schemas of what the control API shows, by name: they are the components of its OpenAPI document.

Closed wherever the shape is ours; open where a provider, or the author of a scenario, decides what is in it.
"""

from collections.abc import Mapping
from typing import Any

from emulator.core.faults.registry import FAULTS
from emulator.core.faults.rules import MEMBERS
from emulator.web.control.context import closed

Shape = Mapping[str, Any]

TEXT: Shape = {"type": "string"}
TEXT_OR_NONE: Shape = {"type": ["string", "null"]}
WHOLE: Shape = {"type": "integer", "minimum": 0}
STATUS: Shape = {"type": "integer", "minimum": 100, "maximum": 599}
STATUS_OR_NONE: Shape = {**STATUS, "type": ["integer", "null"]}
TRUTH: Shape = {"type": "boolean"}
INSTANT: Shape = {"type": "string", "pattern": r"^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$"}
INSTANT_OR_NONE: Shape = {**INSTANT, "type": ["string", "null"]}
OBJECT: Shape = {"type": "object"}
HEADERS: Shape = {"type": "object", "additionalProperties": TEXT}
MARK: Shape = {"enum": ["documented", "observed", "assumed"]}


def shape(name: str) -> Shape:
    """The component of this name."""
    return {"$ref": f"#/components/schemas/{name}"}


def full(**members: Shape) -> dict[str, Any]:
    """An object that has all of these members and no others."""
    return closed(tuple(members), **members)


def listed(items: Shape) -> Shape:
    """A list of these."""
    return {"type": "array", "items": items}


def by_name(values: Shape) -> Shape:
    """An object with such values under whatever names, mostly those of providers."""
    return {"type": "object", "additionalProperties": values}


def but(schema: dict[str, Any], *optional: str, **members: Shape) -> dict[str, Any]:
    """A closed object with further members, of which those in `optional` may be missing."""
    required = sorted({*schema["required"], *members} - set(optional))
    return {**schema, "required": required, "properties": {**schema["properties"], **members}}


_CLOCK = full(mode={"enum": ["real", "rate", "manual"]}, rate={"type": "number"}, now=INSTANT, now_ms=WHOLE)
_HAPPENED = but(full(happened=listed(shape("happened-item"))), "omitted", omitted={"type": "integer", "minimum": 1})
_ADVANCED = but(_HAPPENED, "silent", settled=TRUTH, silent=listed(shape("silent")))
_ORDER = full(
    id=TEXT,
    provider=TEXT,
    kind=TEXT_OR_NONE,
    owner=TEXT,
    status=TEXT,
    final=TRUTH,
    created_at=INSTANT,
    updated_at=INSTANT,
    scenario=TEXT_OR_NONE,
    page={**TEXT_OR_NONE, "description": "where the order's payer pays; null if nobody does"},
    next={"oneOf": [{"type": "null"}, shape("next")]},
    events={**listed(TEXT), "description": "what can happen to it now"},
)
_CHANGE = full(at=INSTANT, kind={"enum": ["created", "transition"]}, status=TEXT, event=TEXT, cause=TEXT)
_REQUEST_IN_STORY = full(
    number=WHOLE,
    at=INSTANT,
    kind={"const": "request"},
    endpoint=TEXT_OR_NONE,
    method=TEXT,
    path=TEXT,
    status=STATUS_OR_NONE,
    sent=TRUTH,
    error=TEXT_OR_NONE,
    reason=TEXT_OR_NONE,
)
_ATTEMPTED: dict[str, Shape] = {"event": TEXT, "webhook": TEXT, "url": TEXT, "attempt": WHOLE, "outcome": TEXT,
              "answered": STATUS_OR_NONE, "error": TEXT_OR_NONE}  # fmt: skip
_TRANSITION: dict[str, Shape] = {"status": TEXT, "source": TEXT, "event": TEXT, "cause": TEXT}


def _events(**first: Shape) -> list[dict[str, Any]]:
    """What can happen to an order or a webhook, each with these members first; providers have kinds of their own."""
    of_webhook: dict[str, Shape] = {**first, "kind": {"const": "delivery"}}
    return [
        full(**{**first, "kind": {"const": "transition"}}, **_TRANSITION),
        full(**of_webhook, **_ATTEMPTED),
        full(**of_webhook, event=TEXT, webhook=TEXT, fault={"enum": list(FAULTS)}),
        {
            "type": "object",
            "required": list(first),
            "properties": {**first, "kind": {"not": {"enum": ["request", "transition", "delivery"]}}},
        },
    ]


_ENTRY: dict[str, Shape] = {"number": WHOLE, "at": INSTANT, "kind": TEXT, "provider": TEXT, "order": TEXT_OR_NONE,
          "orders": listed(TEXT)}  # fmt: skip
_REQUEST = but(
    full(**_ENTRY),
    "unsent",
    kind={"const": "request"},
    endpoint=TEXT_OR_NONE,
    method=TEXT,
    path=TEXT,
    query=TEXT,
    status=STATUS_OR_NONE,
    sent=TRUTH,
    error=TEXT_OR_NONE,
    reason=TEXT_OR_NONE,
    header=HEADERS,
    body={},
    answer={"oneOf": [{"type": "null"}, full(header=HEADERS, body={})]},
    unsent={"oneOf": [{"type": "null"}, full(status=STATUS, body={})]},
)
_SCENARIO = full(name=TEXT, about=TEXT, match=OBJECT)
_SILENT = full(webhook=TEXT, provider=TEXT, event=TEXT, order=TEXT, receiver=TEXT)
_ABOUT: dict[str, Shape] = {"name": TEXT, "about": TEXT}
_KNOWN: dict[str, Shape] = {"mark": MARK, "known_from": TEXT_OR_NONE}
_PROVIDER = full(
    name=TEXT,
    title=TEXT,
    base_url=TEXT_OR_NONE,
    public_hosts=listed(TEXT),
    endpoints=listed(full(**_ABOUT, method=TEXT, path=TEXT, source=TEXT_OR_NONE)),
    statuses=listed(full(**_ABOUT, final=TRUTH, **_KNOWN)),
    transitions=listed(full(kinds=listed(TEXT), event=TEXT, to=TEXT, only_if=TEXT_OR_NONE, **_KNOWN, **{"from": TEXT})),
    events=listed(full(**_ABOUT, arguments=OBJECT)),
    commands=listed(full(**_ABOUT, arguments=OBJECT)),
    errors=listed(full(**_ABOUT, status=STATUS, message=TEXT, **_KNOWN, scriptable=TRUTH)),
    settings=listed(full(**_ABOUT, spelling=TEXT, aliases=listed(TEXT), default={}, schema=OBJECT, **_KNOWN)),
    scenarios=listed(_SCENARIO),
)
_COVERED: dict[str, Shape] = {"covered": WHOLE, "total": WHOLE, "percent": {"type": "number"}}

SHAPES: dict[str, Shape] = {
    "clock": _CLOCK,
    "changed-clock": {
        **but(_CLOCK, *_ADVANCED["properties"], **_ADVANCED["properties"]),
        "required": [*_CLOCK["required"], *_ADVANCED["required"]],
    },
    "advanced": but(_ADVANCED, now=INSTANT),
    "sandbox": full(
        name=TEXT,
        seed=TEXT,
        clock=shape("clock"),
        orders=WHOLE,
        credentials=shape("credentials"),
        urls={**by_name(TEXT), "description": "base URL of each provider"},
    ),
    "credentials": {
        "type": "object",
        "required": ["sandbox"],
        "properties": {"sandbox": TEXT},
        "additionalProperties": by_name(TEXT_OR_NONE),
    },
    "happened-item": {
        "oneOf": _events(at=INSTANT, kind=TEXT, provider=TEXT, order=TEXT),
    },
    "silent": {**_SILENT, "description": "a webhook that nobody has answered"},
    "next": {
        "description": "what falls due next and when; without a timer, what the order's scenario is waiting for",
        "oneOf": [
            full(at=INSTANT, what=TEXT, does={"oneOf": [TEXT, listed(TEXT)]}),
            full(at={"type": "null"}, what={"const": "event"}, event=TEXT),
            full(at={"type": "null"}, what={"const": "reads"}, reads={"type": "integer"}),
        ],
    },
    "order": _ORDER,
    "order-with-story": but(_ORDER, fields=OBJECT, story=listed(shape("story-item"))),
    "order-with-happened": but(_ORDER, "omitted", **_HAPPENED["properties"]),
    "command-result": but(_HAPPENED, result={}),
    "made-order": but(_ORDER, sent=shape("sent-request")),
    "sent-request": full(method=TEXT, url=TEXT, headers=HEADERS, body=TEXT, status=STATUS, answer=TEXT),
    "story-item": {"oneOf": [_CHANGE, _REQUEST_IN_STORY, *_events(number=WHOLE, at=INSTANT, kind=TEXT)[1:]]},
    "journal-entry": {"oneOf": [_REQUEST, *_events(**_ENTRY)]},
    "diagnosis": full(
        request=shape("journal-entry"),
        sentence=TEXT,
        found=TRUTH,
        reason=TEXT,
        means=TEXT_OR_NONE,
        came=TEXT_OR_NONE,
        good=listed(full(name=TEXT, text=TEXT)),
        signature={"oneOf": [{"type": "null"}, full(received=TEXT_OR_NONE, expected=TEXT_OR_NONE, made_by=TEXT)]},
        checks=listed(full(**_ABOUT, outcome={"enum": ["passed", "refused", "not reached"]})),
        how=full(
            programs=by_name(TEXT),
            environment={"oneOf": [{"type": "null"}, full(variable=TEXT, credential=TEXT_OR_NONE)]},
            why_not=TEXT_OR_NONE,
        ),
    ),
    "sent-again": full(
        sent=shape("sent-request"),
        number={**WHOLE, "type": ["integer", "null"]},
        order=TEXT_OR_NONE,
        error=TEXT_OR_NONE,
        reason=TEXT_OR_NONE,
    ),
    "webhook": full(
        id=TEXT,
        provider=TEXT,
        order=TEXT_OR_NONE,
        event=TEXT,
        url=TEXT,
        state=TEXT,
        fault=TEXT_OR_NONE,
        created_at=INSTANT,
        next_at=INSTANT_OR_NONE,
        attempts=listed(shape("attempt")),
    ),
    "attempt": full(
        at=INSTANT,
        url=TEXT,
        headers=HEADERS,
        body=TEXT,
        status=STATUS_OR_NONE,
        error=TEXT_OR_NONE,
        answer=TEXT,
        duration_ms=WHOLE,
        next_at=INSTANT_OR_NONE,
    ),
    "received": but(
        full(
            number=WHOLE,
            at=INSTANT,
            provider=TEXT_OR_NONE,
            verified=TRUTH,
            reason=TEXT_OR_NONE,
            method=TEXT,
            path=TEXT,
            headers=HEADERS,
            body=TEXT_OR_NONE,
        ),
        "body_base64",
        body_base64=TEXT,
    ),
    "verdict": full(
        at=INSTANT,
        provider=TEXT_OR_NONE,
        event=TEXT_OR_NONE,
        order=TEXT_OR_NONE,
        verified=TRUTH,
        reason=TEXT_OR_NONE,
    ),
    "coverage": full(
        version={"type": "integer"},
        complete={**TRUTH, "description": "whether everything that has happened is counted"},
        why_not={**TEXT_OR_NONE, "description": "why not"},
        **_COVERED,
        providers=listed(
            full(
                name=TEXT,
                title=TEXT,
                counts={**TRUTH, "description": "whether it is included in the totals"},
                **_COVERED,
                parts=listed(full(**_ABOUT, **_COVERED, items=listed(shape("coverage-item")))),
            )
        ),
    ),
    "coverage-item": full(
        **_ABOUT,
        covered=TRUTH,
        hint={
            "description": "the shortest way to cover it: as a test, in a shell, by a header of the client's own call",
            "oneOf": [{"type": "null"}, full(test=TEXT, curl=TEXT_OR_NONE, header=TEXT_OR_NONE)],
        },
    ),
    "fault-rule": closed(("id", "fault"), id=TEXT, **MEMBERS),
    "settings": by_name(OBJECT),
    "scenario": but(_SCENARIO, default=TRUTH, own=TRUTH),
    "provider": _PROVIDER,
    "snapshot": full(
        version={"type": "integer"},
        name=TEXT,
        seed=TEXT,
        sequence=WHOLE,
        clock=full(mode={"enum": ["real", "rate", "manual"]}, rate=TEXT, anchor_ms=WHOLE, real_anchor_ms=WHOLE),
        tables=by_name(OBJECT),
    ),
    "reproduction": full(
        version={"type": "integer"},
        emulator=TEXT,
        complete={**TRUTH, "description": "whether it has every step since the sandbox began; otherwise it has none"},
        why_not=TEXT_OR_NONE,
        sandbox=TEXT,
        begun_real_ms=WHOLE,
        seed=TEXT,
        clock=full(mode={"enum": ["real", "rate", "manual"]}, rate=TEXT, now_ms={"type": ["integer", "null"]}),
        settings=by_name(OBJECT),
        webhook_url=TEXT_OR_NONE,
        steps=listed(OBJECT),
    ),
    "problem": full(path=listed({"type": ["string", "integer"]}), line=WHOLE, column=WHOLE, message=TEXT),
}

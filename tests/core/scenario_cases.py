"""Valid and invalid scenario documents, the latter with the place and the message of the refusal."""

from typing import Any

from tests.core.toy import ABOUT


def timeline(*steps: Any) -> dict[str, Any]:
    return {**ABOUT, "timeline": list(steps)}


WHEN = "a step needs exactly one of after, wait, on, reads"
WHAT = "a step needs exactly one of to, do, one_of"
PAID = {"after": "1s", "to": "paid"}

GOOD: dict[str, Any] = {
    "nothing but a description": ABOUT,
    "no steps": timeline(),
    "a chain": timeline(PAID, {"after": "10s", "to": "done"}),
    "seconds as numbers": timeline({"after": 5, "to": "paid"}, {"after": 0.5, "to": "done"}),
    "at once": timeline({"after": 0, "to": "paid"}),
    "an event of the lifecycle": timeline({"after": "1s", "do": "pay"}),
    "an event with arguments": timeline({"after": "1s", "do": "pay", "with": {"amount": "1"}}),
    "waits": timeline({"wait": "1h"}, PAID, {"wait": 5}),
    "waits for an event": timeline({"on": "pay"}, {"after": "1s", "to": "done"}),
    "waits for an event of its own": timeline({"on": "coffee", "to": "paid"}),
    "waits for reads": timeline({"reads": 3, "to": "paid"}),
    "reads that do nothing": timeline({"reads": 3}, PAID),
    "chance": timeline(
        {"after": "1s", "one_of": [{"weight": 9, "to": "paid"}, {"to": "failed"}]}, {"after": "1s", "to": "done"}
    ),
    "chance to do nothing": timeline({"after": "1s", "one_of": [{"to": "paid"}, {"weight": 3}]}),
    "force": timeline({"after": "1s", "to": "done", "force": True}),
    "force out of the end": timeline(PAID, {"after": "1s", "to": "done"}, {"after": "1s", "to": "open", "force": True}),
    "after an automatic event": timeline({"after": "1s", "to": "expired"}),
    "by kind": {**ABOUT, "timeline": {"buy": [{"after": "1s", "to": "held"}], "sell": [PAID]}},
    "by kind with a rest": {**ABOUT, "timeline": {"buy": [{"after": "1s", "to": "held"}], "*": [PAID]}},
    "a match": {
        **ABOUT,
        "match": {"body.amount": 151, "header.x-a": {"pattern": "^a"}, "query.b": "1", "path.c": None},
    },
    "captured time": {
        **ABOUT,
        "match": {"body.ref": {"pattern": "^wait-(?P<s>[0-9]+)$"}},
        "timeline": [{"after": "{s}s", "to": "paid"}],
    },
    "time of a setting": timeline({"after": "{setting.delay_s}s", "to": "paid"}),
    "match of a setting": {**ABOUT, "match": {"setting.style": "plain", "setting.deep.er": 1, "setting.deep.er.x": 1}},
    "chance with arguments": timeline({"on": "go", "one_of": [{"do": "pay", "with": {"amount": "1"}}, {"weight": 1}]}),
    "an answer": {**ABOUT, "answer": {"error": "limits"}},
    "an answer with details": {**ABOUT, "answer": {"error": "limits", "with": {"error": 1, "reason": 2, "self": 3}}},
}

BAD: dict[str, tuple[Any, tuple[str | int, ...], str]] = {
    "nothing": (None, (), "it is empty"),
    "a list": ([], (), "not a list: remove the dashes"),
    "a text": ("happy", (), "not a string"),
    "no version": ({"provider": "toy", "about": "."}, ("version",), "`version` is missing"),
    "another version": ({**ABOUT, "version": 2}, ("version",), "1"),
    "version as text": ({**ABOUT, "version": "1"}, ("version",), "1"),
    "no provider": ({"version": 1, "about": "."}, ("provider",), "`provider` is missing"),
    "another provider": ({**ABOUT, "provider": "other"}, ("provider",), "toy"),
    "no description": ({"version": 1, "provider": "toy"}, ("about",), "`about` is missing"),
    "empty description": ({**ABOUT, "about": ""}, ("about",), "`about` must not be empty"),
    "unknown key": ({**ABOUT, "timelime": []}, ("timelime",), "`timelime`: did you mean `timeline`?"),
    "empty match": ({**ABOUT, "match": {}}, ("match",), "`match` must not be empty"),
    "match of nothing known": ({**ABOUT, "match": {"amount": 5}}, ("match",), "match"),
    "match with a list": (
        {**ABOUT, "match": {"body.a": [1]}},
        ("match", "body.a"),
        "write a literal, or a JSON Schema",
    ),
    "match with a bad path": ({**ABOUT, "match": {"body..a": 1}}, ("match",), "is not a path"),
    "match with a bad pattern": ({**ABOUT, "match": {"body.a": {"pattern": "("}}}, ("match",), "is not a pattern"),
    "match with a bad schema": ({**ABOUT, "match": {"body.a": {"type": "txt"}}}, ("match",), "body.a"),
    "answer without error": ({**ABOUT, "answer": {}}, ("answer", "error"), "`error` is missing"),
    "answer with an unknown error": (
        {**ABOUT, "answer": {"error": "none"}},
        ("answer", "error"),
        "use one of bad_body, limits",
    ),
    "answer with an error of another call": ({**ABOUT, "answer": {"error": "busy"}}, ("answer", "error"), "use one of"),
    "answer and timeline": ({**ABOUT, "answer": {"error": "limits"}, "timeline": []}, ("timeline",), ""),
    "timeline of text": ({**ABOUT, "timeline": "soon"}, ("timeline",), "must be a list of steps"),
    "match with an unknown setting": (
        {**ABOUT, "match": {"setting.stile": 1}},
        ("match", "setting.stile"),
        "no such setting: did you mean 'style'? use one of deep.er, delay_s, expiry_s, limit",
    ),
    "unknown kind": ({**ABOUT, "timeline": {"swap": []}}, ("timeline", "swap"), "use one of buy, sell"),
    "step of text": (timeline("soon"), ("timeline", 0), "a step must be a mapping"),
    "empty step": (timeline({}), ("timeline", 0), WHEN),
    "step without when": (timeline({"to": "paid"}), ("timeline", 0), WHEN),
    "step with two whens": (timeline({"after": "1s", "on": "pay", "to": "paid"}), ("timeline", 0), WHEN),
    "step of a kind without when": (
        {**ABOUT, "timeline": {"buy": [{"to": "paid"}]}},
        ("timeline", "buy", 0),
        WHEN,
    ),
    "delay that does nothing": (timeline({"after": "1s"}), ("timeline", 0), WHAT),
    "wait that does something": (
        timeline({"wait": "1s", "to": "paid"}),
        ("timeline", 0, "wait"),
        "write `after` instead of `wait`",
    ),
    "bad wait": (timeline({"wait": "soon"}), ("timeline", 0, "wait"), "is not a duration"),
    "two whens and nothing to do": (timeline({"after": "1s", "on": "pay"}), ("timeline", 0), WHEN),
    "bad delay": (timeline({"after": "soon", "to": "paid"}), ("timeline", 0, "after"), "is not a duration"),
    "negative delay": (
        timeline({"after": -1, "to": "paid"}),
        ("timeline", 0, "after"),
        "`after` must be at least 0, not -1",
    ),
    "negative delay as text": (timeline({"after": "-1s", "to": "paid"}), ("timeline", 0, "after"), "is not a duration"),
    "endless delay": (timeline({"after": "99999999d", "to": "paid"}), ("timeline", 0, "after"), "is not a duration"),
    "delay from nowhere": (timeline({"after": "{s}s", "to": "paid"}), ("timeline", 0, "after"), "{s} is neither"),
    "delay from no setting": (
        timeline({"after": "{setting.nope}s", "to": "paid"}),
        ("timeline", 0, "after"),
        "{setting.nope} is neither",
    ),
    "delay from a setting that is no time": (
        timeline({"after": "{setting.style}s", "to": "paid"}),
        ("timeline", 0, "after"),
        "in '{setting.style}s': 'plains' is not a duration",
    ),
    "delay from a setting that is nothing at first": (
        timeline({"after": "{setting.expiry_s}s", "to": "paid"}),
        ("timeline", 0, "after"),
        "is not a duration",
    ),
    "no reads": (timeline({"reads": 0, "to": "paid"}), ("timeline", 0, "reads"), "`reads` must be at least 1"),
    "reads as text": (
        timeline({"reads": "3", "to": "paid"}),
        ("timeline", 0, "reads"),
        "`reads` must be a whole number",
    ),
    "event without name": (timeline({"on": "", "to": "paid"}), ("timeline", 0, "on"), ""),
    "plain wait for what never happens": (
        timeline({"on": "coffee"}),
        ("timeline", 0),
        "no event 'coffee': use one of approve",
    ),
    "unknown status": (
        timeline({"after": "1s", "to": "payed"}),
        ("timeline", 0),
        "no status 'payed': use one of done",
    ),
    "unknown event": (timeline({"after": "1s", "do": "buy"}), ("timeline", 0), "no event 'buy': use one of approve"),
    "to and do": (timeline({"after": "1s", "to": "paid", "do": "pay"}), ("timeline", 0), WHAT),
    "to and do by chance": (
        timeline({"after": "1s", "one_of": [{"to": "paid", "do": "pay"}, {"weight": 1}]}),
        ("timeline", 0, "one_of", 0),
        "`to` or `do`, not both",
    ),
    "arguments without event": (
        timeline({"after": "1s", "to": "paid", "with": {}}),
        ("timeline", 0, "with"),
        "`with` needs `do` beside it",
    ),
    "arguments without event by chance": (
        timeline({"after": "1s", "one_of": [{"to": "paid", "with": {}}, {"to": "failed"}]}),
        ("timeline", 0, "one_of", 0, "with"),
        "`with` needs `do` beside it",
    ),
    "arguments that the event does not take": (
        timeline({"after": "1s", "do": "pay", "with": {"amont": 5}}),
        ("timeline", 0, "with"),
        "this event takes amount",
    ),
    "bad arguments": (timeline({"on": "x", "do": "pay", "with": {"amount": []}}), ("timeline", 0, "with"), "amount"),
    "bad arguments by chance": (
        timeline({"after": "1s", "one_of": [{"to": "paid"}, {"do": "fail", "with": {"amount": 5}}]}),
        ("timeline", 0, "one_of", 1, "with"),
        "this event takes no arguments",
    ),
    "force without status": (
        timeline({"after": "1s", "do": "pay", "force": True}),
        ("timeline", 0, "force"),
        "`force` needs `to` beside it",
    ),
    "force without status by chance": (
        timeline({"after": "1s", "one_of": [{"do": "pay", "force": True}, {"weight": 1}]}),
        ("timeline", 0, "one_of", 0, "force"),
        "`force` needs `to` beside it",
    ),
    "not reachable": (
        timeline({"after": "1s", "to": "done"}),
        ("timeline", 0),
        "cannot get to 'done'; write force: true",
    ),
    "not reachable later": (timeline(PAID, {"after": "1s", "to": "held"}), ("timeline", 1), "an order that is paid"),
    "twice the same": (timeline(PAID, PAID), ("timeline", 1), "cannot get to 'paid'"),
    "after the end": (timeline({"after": "1s", "to": "failed"}, PAID), ("timeline", 1), "an order that is failed"),
    "event not legal": (timeline({"after": "1s", "do": "finish"}), ("timeline", 0), "cannot get to 'finish'"),
    "not for this kind": (
        {**ABOUT, "timeline": {"sell": [{"after": "1s", "to": "held"}]}},
        ("timeline", "sell", 0),
        "held",
    ),
    "not for the other kinds": (
        {**ABOUT, "timeline": {"buy": [], "*": [{"after": "1s", "to": "held"}]}},
        ("timeline", "*", 0),
        "held",
    ),
    "no chance": (timeline({"after": "1s", "one_of": [{"to": "paid"}]}), ("timeline", 0, "one_of"), ""),
    "weightless": (
        timeline({"after": "1s", "one_of": [{"weight": 0, "to": "paid"}, {"to": "failed"}]}),
        ("timeline", 0, "one_of", 0, "weight"),
        "`weight` must be at least 1",
    ),
    "one chance not reachable": (
        timeline({"after": "1s", "one_of": [{"to": "paid"}, {"to": "done"}]}),
        ("timeline", 0),
        "done",
    ),
    "chance and status": (timeline({"on": "x", "to": "paid", "one_of": [{"to": "paid"}, {}]}), ("timeline", 0), WHAT),
    "unknown step key": (timeline({"after": "1s", "too": "paid"}), ("timeline", 0), "too"),
    "unknown fault": ({**ABOUT, "faults": [{"fault": "fire"}]}, ("faults", 0), "must be one of"),
    "fault of another provider": (
        {**ABOUT, "faults": [{"fault": "reset", "provider": "other"}]},
        ("faults", 0),
        "the orders of this scenario are those of toy: leave provider out",
    ),
    "unknown beginning": ({**ABOUT, "initial": "paid"}, ("initial",), "open"),
}

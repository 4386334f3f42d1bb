"""The journal: bounded, clear about what it has lost, and without secrets."""

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from emulator.contract.reply import Reply
from emulator.contract.request import Request
from emulator.core import journal as journals
from emulator.core import json_text
from emulator.core.journal import Entry, Journal, as_json, note_entry
from emulator.core.json_text import json_reply
from emulator.core.match import read_conditions
from emulator.core.redaction import REDACTED
from emulator.core.sandbox import Note
from tests.core.toy import START_MS, request


def add(journal: Journal, body: Any = b"", answer: Any = b"", query: str = "", **more: Any) -> int:
    secrets = more.pop("secrets", ("pin",))
    sent = request("POST", f"/orders?{query}" if query else "/orders", body, **more)
    reply = Reply(200, answer) if isinstance(answer, bytes) else json_reply(200, answer)
    journal.add(entry(sent, reply, secrets=secrets))
    return journal.newest


def entry(asked: Request, reply: Reply, **more: Any) -> Entry:
    return Entry(
        0, START_MS, "request", "toy", (), method=asked.method, target=asked.target, headers=asked.header_lines,
        body=asked.body, status=reply.status, answer=reply.body, **more,
    )  # fmt: skip


def shown(journal: Journal) -> list[dict[str, Any]]:
    return [as_json(entry) for entry in journal.entries()]


def note(journal: Journal, kind: str, order: str = "o-1", **details: Any) -> int:
    journal.add(note_entry(Note(START_MS, kind, "toy", order, details)))
    return journal.newest


@given(st.integers(1, 5), st.lists(st.sampled_from(["created", "transition", "request"]), max_size=12))
def test_entries_are_bounded_by_number_and_the_evicted_are_counted(most: int, kinds: list[str]) -> None:
    journal = Journal(max_entries=most)
    numbers = [add(journal) if kind == "request" else note(journal, kind) for kind in kinds]
    assert numbers == list(range(1, len(kinds) + 1))
    assert [entry.number for entry in journal.entries()] == numbers[-most:]
    for kind in set(kinds):
        assert journal.evicted[kind] == kinds[:-most].count(kind)


@given(st.lists(st.integers(0, 4000), min_size=1, max_size=30))
def test_entries_are_bounded_by_bytes(sizes: list[int]) -> None:
    most = 10_000
    journal = Journal(max_bytes=most)
    for place, size in enumerate(sizes):
        add(journal, b"x" * size) if place % 2 else add(journal, query="x" * size)
    kept = list(journal.entries())
    assert len(kept) == 1 or sum(entry.size_bytes for entry in kept) <= most
    assert len(kept) + journal.evicted.total() == len(sizes)


@pytest.mark.parametrize("part", ["body", "answer", "query", "header", "reason"])
def test_every_part_of_an_entry_that_can_be_long_counts(part: str) -> None:
    long = "x" * 50_000
    journal = Journal()
    reply = Reply(200, long.encode() if part == "answer" else b"")
    sent = request(
        "GET", f"/o?{long}" if part == "query" else "/o", long.encode() if part == "body" else b"",
        **({"x-long": long} if part == "header" else {}),
    )  # fmt: skip
    journal.add(entry(sent, reply, reason=long if part == "reason" else ""))
    assert next(journal.entries()).size_bytes >= len(long)


def test_the_last_entry_is_kept_however_long_it_is() -> None:
    journal = Journal(max_bytes=10)
    add(journal)
    add(journal, b"x" * 1000)
    assert [entry.number for entry in journal.entries()] == [2]


def test_entries_are_selected_by_kind_order_provider_and_number() -> None:
    journal = Journal()
    note(journal, "created", "o-1"), note(journal, "created", "o-2"), note(journal, "transition", "o-1")
    selected: list[tuple[dict[str, Any], list[int]]] = [
        ({}, [1, 2, 3]),
        ({"kind": "created"}, [1, 2]),
        ({"order": "o-1"}, [1, 3]),
        ({"provider": "toy", "after": 1}, [2, 3]),
        ({"provider": "other"}, []),
        ({"kind": "created", "order": "o-1", "after": 1}, []),
        ({"before": 3}, [1, 2]),
        ({"after": 1, "before": 3}, [2]),
        ({"newest_first": True}, [3, 2, 1]),
        ({"newest_first": True, "before": 3, "order": "o-1"}, [1]),
        ({"newest_first": True, "after": 1}, [3, 2]),
        ({"after": 3}, []),
        ({"after": 7}, []),
        ({"newest_first": True, "after": -1}, [3, 2, 1]),
    ]
    for chosen, numbers in selected:
        assert [entry.number for entry in journal.entries(**chosen)] == numbers


def test_a_count_is_complete_until_a_possibly_matching_entry_was_evicted() -> None:
    journal = Journal(max_entries=2)
    note(journal, "transition"), add(journal, {"amount": 5}), add(journal, {"amount": 6})
    requests = read_conditions({"kind": "request", "body.amount": 5})
    assert journal.count(requests) == (1, True)
    assert journal.count(read_conditions({"kind": "transition"})) == (0, False)
    assert journal.count(read_conditions({"body.amount": 5})) == (1, False)
    assert journal.count(read_conditions({"kind": {"enum": ["request"]}})) == (2, False)
    add(journal, {"amount": 7})
    assert journal.count(requests) == (0, False)


def test_a_request_is_shown_with_all_that_was_sent_and_answered() -> None:
    journal = Journal()
    add(journal, b'{"amount":275.0}', {"id": "o"}, "a=1&b=2", x_thing="1")
    (told,) = shown(journal)
    assert json_text.encode(told["body"]) == b'{"amount":275.0}'
    assert told["answer"]["body"] == {"id": "o"}
    assert (told["method"], told["path"], told["query"], told["status"]) == ("POST", "/orders", "a=1&b=2", 200)
    assert told["header"]["x-thing"] == "1"
    assert (told["error"], told["reason"]) == (None, None)


def test_all_values_of_a_repeated_header_are_shown() -> None:
    journal = Journal()
    sent = request("GET", "/orders")
    lines = b"x-a\n1\nx-a\n2\nauthorization\nBearer s3cret\nauthorization\ns3cret"
    sent = type(sent)("GET", "/orders", "/orders", "", {}, b"", header_lines=lines)
    journal.add(entry(sent, Reply(200, b"")))
    assert shown(journal)[0]["header"] == {"x-a": "1, 2", "authorization": REDACTED}


SECRET = "s3cret w0rd"


@pytest.mark.parametrize(
    ("body", "content_type"),
    [
        ({"pin": SECRET}, "json"),
        ({"deep": [{"pin": SECRET}]}, "json"),
        ({"pin": [SECRET]}, "json"),
        ({"pin": {"x": SECRET}}, "json"),
        ([{"pin": SECRET}], "json"),
        (b'{"pin":"s3cret w0rd"', "broken json"),
        (b'{"pin" : "s3cret w0rd', "broken json"),
        (b"{'pin': 's3cret w0rd'}", "broken json"),
        (rb'{"pin":"a\"s3cret w0rd"', "broken json with an escaped quote"),
        (rb'{"pin":"s3cret w0rd\\', "broken json that ends within an escape"),
        (rb"{'pin': 's3cret\' w0rd'}", "broken json with an escaped quote"),
        (b'{"pin":"s3cret\nw0rd"', "broken json of two lines"),
        (rb'{"p\u0069n":"s3cret w0rd"', "broken json with an escaped name"),
        (b"a=1&p%69n=s3cret&b=2", "form with an escaped name"),
        (b"%70%49%6E=1&%70%69%6E=s3cret", "form with an escaped name"),
        (b"a=1&pin=s3cret&b=2", "form"),
        (b"pin=s3cret", "form"),
        (b"pin: s3cret\n", "text"),
    ],
)
def test_secrets_are_never_shown(body: Any, content_type: str) -> None:
    journal = Journal()
    add(journal, body, body, "pin=s3cret&a=1")
    text = json.dumps(shown(journal))
    assert "s3cret" not in text
    assert "w0rd" not in text
    assert text.count(REDACTED) == 3


@pytest.mark.parametrize("name", ["Authorization", "authorization", "Proxy-Authorization", "Cookie", "X-Secret-Key"])
def test_headers_with_secrets_are_never_shown(name: str) -> None:
    journal = Journal()
    add(journal, **{name: "s3cret"})
    assert shown(journal)[0]["header"][name.lower()] == REDACTED
    assert "s3cret" not in json.dumps(shown(journal))


def test_null_is_not_a_secret_and_other_members_are_shown() -> None:
    journal = Journal()
    add(journal, {"pin": None, "pins": "1", "amount": 5})
    assert shown(journal)[0]["body"] == {"pin": None, "pins": "1", "amount": 5}


def test_a_long_body_is_shown_as_its_length() -> None:
    journal = Journal()
    add(journal, b"x" * 70_000)
    assert shown(journal)[0]["body"] == "[70000 bytes]"


@given(st.binary(max_size=300), st.binary(max_size=300), st.lists(st.text(max_size=5), max_size=2))
def test_any_bytes_can_be_shown_and_searched(body: bytes, answer: bytes, secrets: list[str]) -> None:
    journal = Journal()
    add(journal, body, answer, secrets=tuple(secrets))
    json_text.encode(shown(journal))
    journal.count(read_conditions({"body.a": 1, "answer.body.b": {"type": "string"}}))


def test_the_default_bounds_are_generous() -> None:
    assert journals.MAX_ENTRIES >= 10_000
    assert journals.MAX_BYTES >= 32 * 1024 * 1024


@pytest.mark.parametrize("sent", [True, False])
def test_an_answer_that_was_never_sent_counts_under_no_status(sent: bool) -> None:
    journal = Journal()
    journal.add(entry(request("POST", "/orders"), Reply(201, b"{}"), sent=sent))
    (told,) = shown(journal)
    assert (told["sent"], told["status"]) == ((True, 201) if sent else (False, None))
    for status in (201, None, {"minimum": 100}, {"not": {"const": 500}}, {"type": ["null", "integer"]}):
        found, complete = journal.count(read_conditions({"status": status}))
        assert (found, complete) == (int(sent and status is not None), True)
    assert journal.count(read_conditions({"kind": "request", "sent": sent})) == (1, True)


def test_a_journal_that_did_not_see_the_beginning_is_never_complete() -> None:
    journal = Journal(whole=False)
    note(journal, "transition")
    assert not journal.complete
    assert journal.count(read_conditions({"kind": "request"})) == (0, False)
    assert journal.count(read_conditions({"kind": "transition"})) == (1, False)


@given(st.lists(st.tuples(st.integers(0, 3), st.integers(0, 3000)), max_size=60))
def test_all_journals_together_are_bounded_and_the_largest_makes_room(additions: list[tuple[int, int]]) -> None:
    most = 12_000
    together = journals.Journals(most)
    for name in "abcd":
        together[name] = Journal()
    for place, size in additions:
        journal = together["abcd"[place]]
        before = {name: len(each) for name, each in together.items()}
        largest = max(each.size_bytes for each in together.values())
        add(journal, b"x" * size)
        for name, each in together.items():
            lost = before[name] + (each is journal) - len(each)
            assert not lost or each.size_bytes + 4000 >= largest // 2
            assert each.complete == (not each.evicted)
    assert together.size_bytes == sum(each.size_bytes for each in together.values()) <= most + 4000
    del together["a"]
    together["b"] = Journal()
    assert together.size_bytes == together["c"].size_bytes + together["d"].size_bytes


def test_a_short_journal_keeps_its_entries_beside_a_long_one() -> None:
    together = journals.Journals(50_000)
    together["quiet"], together["loud"] = Journal(), Journal()
    note(together["quiet"], "transition")
    for _ in range(1000):
        add(together["loud"], b"x" * 1000)
    assert (len(together["quiet"]), together["quiet"].complete) == (1, True)
    assert len(together["loud"]) + together["loud"].evicted.total() == 1000
    assert 20_000 < together.size_bytes <= 50_000


def test_an_entry_is_found_beside_numbers_that_are_missing() -> None:
    journal = Journal()
    note(journal, "created"), note(journal, "transition")
    journal.follow(6, [note_entry(Note(0, "delivery", "toy", "o-1", {}))])
    found = [journal.find(number) for number in range(8)]
    assert [entry and entry.number for entry in found] == [None, 1, 2, None, None, None, 6, None]
    assert not journal.complete

"""What a process writes down of its sandboxes, for people and tests: journals, coverage, recordings, and counts.

Nothing is ever decided by what is written here.
"""

import contextlib
import logging
from collections import Counter
from collections.abc import Iterator
from itertools import chain
from typing import TypeVar

from msgspec import Struct
from msgspec.structs import replace

from emulator.contract.delivery import Response
from emulator.contract.reply import Reply
from emulator.core import coverage, recording
from emulator.core.call import OWN_ERRORS, Answered, Call
from emulator.core.coverage import Coverage, Coverages
from emulator.core.journal import Entry, Journal, Journals, hide_secrets, note_entry
from emulator.core.json_text import json_reply
from emulator.core.recording import Asked, Recordings
from emulator.core.sandbox import CREATED, Changes, Note, Sandbox
from emulator.core.self_check import reply_problem
from emulator.stores import Journaled
from emulator.views.happened import Happened

EXPLAIN_HEADER = "x-emulator-explain"
REASON_HEADER = "X-Emulator-Reason"

log = logging.getLogger("emulator")

H = TypeVar("H", bound=Happened)


class Counts:
    """What a process has counted since it started, for its metrics. Each counter has few keys: the providers' own
    names, and nothing that a client sends."""

    def __init__(self) -> None:
        self.requests: Counter[tuple[str, ...]] = Counter()
        """By provider, endpoint (empty: no such path) and outcome: `ok`, or the name of the error."""
        self.transitions: Counter[tuple[str, ...]] = Counter()
        """By provider, event and target status."""
        self.attempts: Counter[tuple[str, ...]] = Counter()
        """Attempts to send a webhook, by provider, event and outcome."""

    def add_note(self, note: Note) -> None:
        """Counts something that happened to an order or a webhook."""
        details = note.details
        if note.kind == "transition":
            self.transitions[note.provider, details["event"], details["status"]] += 1
        elif note.kind == "delivery" and "outcome" in details:
            self.attempts[note.provider, details["event"], details["outcome"]] += 1


class Decided(Struct):
    """A request that was decided, on its way to the client."""

    sandbox: Sandbox
    call: Call
    answered: Answered
    asked: Asked | None = None
    """The request as it was recorded, if it was decided before its answer was there."""


class Records:
    """The records of all sandboxes in memory."""

    def __init__(self, *, shared: bool, keeps_journals: bool, self_check: bool) -> None:
        """`shared`: other processes change the same sandboxes. `keeps_journals`: the store keeps them. `self_check`:
        answers are checked against their schemas."""
        self.journals = Journals()
        self.coverages = Coverages()
        self.recordings = Recordings()
        self.counts = Counts()
        self.follows_journals = shared and keeps_journals
        """Whether journals are filled only from what the store reports as kept, in its order."""
        self.self_check = self_check
        self._shared, self._keeps_journals = shared, keeps_journals
        self._watching: dict[str, list[Happened]] = {}

    # -- sandboxes

    def make_journal(self, name: str, real_ms: int, *, whole: bool = False) -> Journal:
        """An empty journal. It can be whole only if no other process answers requests, or if journals are stored."""
        whole = whole and (not self._shared or self._keeps_journals)
        before = self.journals.find(name)
        return Journal(whole=whole, begun_ms=max(real_ms, before.begun_ms + 1 if before is not None else 0))

    def begin(self, sandbox: Sandbox, journal: Journal, real_ms: int, *, new: bool) -> None:
        """Starts the records of a sandbox. `new`: nothing has happened in it before."""
        name = sandbox.name
        self.journals[name] = journal
        self.coverages.begin(name, coverage.SHARED if self._shared else "" if new else coverage.FROM_A_STORE)
        why_not = recording.SHARED if self._shared else "" if new else recording.NOT_FROM_THE_BEGINNING
        self.recordings.begin(name, real_ms, sandbox.clock, why_not)

    def remove(self, name: str) -> None:
        """Ends the records of a sandbox that is removed or unloaded."""
        del self.journals[name]
        self.coverages.remove(name)
        self.recordings.remove(name)
        self._watching.pop(name, None)

    # -- requests

    def begin_request(self, decided: Decided) -> Asked | None:
        """Records a request whose answer is still to come."""
        call = decided.call
        return self.recordings.find(decided.sandbox.name).add_request(call.tx.real_ms, call.provider.name, call.request)

    def add_request(self, decided: Decided, reply: Reply) -> Reply:
        """The answer as the client gets it, with its entry in the journal."""
        reply = self.note_request(decided, reply)
        journal = self.journals.find(decided.sandbox.name)
        if journal is not None:
            journal.add(decided.call.request.entry)
        return reply

    def note_request(self, decided: Decided, reply: Reply) -> Reply:
        """The answer as the client gets it: with the reason, if it asks for that, or a loud 500, if a self-check finds
        that it breaks its own schema. The request gets its `entry`, which is in no journal yet."""
        name, call, answered = decided.sandbox.name, decided.call, decided.answered
        provider, endpoint, request, reason = call.provider, call.endpoint, call.request, answered.reason
        if call.fault is not None:
            reply = call.apply_fault(reply)
            reason = reason or f"the fault {call.fault.name} ({call.fault.when}) was injected"
        journal, met = self.journals.find(name), self.coverages.find(name)
        if journal is None or met is None:  # the sandbox has been removed
            journal, met = Journal(), Coverage()
        self.counts.requests[provider.name, endpoint.name if endpoint else "", answered.error or "ok"] += 1
        met.add_request(call, answered, reply)
        request.entry = entry = Entry(
            journal.newest + 1, call.tx.now_ms, "request", provider.name, answered.orders, b"", request.method,
            request.target, endpoint.name if endpoint else "", request.header_lines, request.body, reply.status,
            "\n".join(chain.from_iterable(reply.headers)).encode() if reply.headers else b"", reply.body,
            answered.error, reason, endpoint.secrets if endpoint else provider.secrets, 0,
            reply.ending is None or reply.ending.sent > 0, not answered.interrupted, answered.stop,
        )  # fmt: skip
        if self.self_check and call.fault is None and answered.error not in OWN_ERRORS:
            reply = _checked(call, answered, reply)
        if reason and request.headers.get(EXPLAIN_HEADER, "0") not in ("0", "false", ""):
            reply = replace(reply, headers=(*reply.headers, (REASON_HEADER, _in_header(hide_secrets(entry, reason)))))
        recording = self.recordings.find(name)
        if decided.asked is None:
            recording.add_request(call.tx.real_ms, provider.name, request, reply, answered.error)
        else:
            recording.add_answer(decided.asked, reply, answered.error)
        return reply

    # -- everything else

    def add_changes(self, sandbox: Sandbox, changes: Changes, *, own: bool = True) -> None:
        """Writes down what changes say has happened; counts it if this process did it."""
        journal, met = self.journals.find(sandbox.name), self.coverages.find(sandbox.name)
        if journal is None or met is None:
            return
        for note in changes.notes:
            if not note.has_entry:
                continue
            if not self.follows_journals:
                journal.add(note_entry(note))
            if note.kind == CREATED:  # which says nothing to be counted
                continue
            if own:
                self.counts.add_note(note)
            met.add_note(note, changes.delivery(note.details.get("webhook", "")))
        for happened in self._watching.get(sandbox.name, ()):
            happened.add(changes.notes)

    def add_response(self, sandbox: Sandbox, real_ms: int, webhook: str, url: str, response: Response) -> None:
        """Records the answer of the receiver at a URL, just before its meaning is decided."""
        self.recordings.find(sandbox.name).add_response(real_ms, webhook, url, response)

    def follow(self, news: Journaled) -> None:
        """Adds stored entries to the journal that they belong to, if it is still the same one."""
        journal = self.journals.find(news.sandbox)
        if journal is not None and journal.begun_ms == news.begun_ms:
            journal.follow(news.newest, news.entries)

    @contextlib.contextmanager
    def watched(self, sandbox: Sandbox, happened: H) -> Iterator[H]:
        """Collects what happens in a sandbox until the end."""
        watching = self._watching.setdefault(sandbox.name, [])
        watching.append(happened)
        try:
            yield happened
        finally:
            watching.remove(happened)


def _checked(call: Call, answered: Answered, reply: Reply) -> Reply:
    """The answer, or a loud 500 instead of one that breaks its own schema."""
    broken = reply_problem(call.provider, call.endpoint, reply, refused=answered.refused)
    if broken is None:
        return reply
    number = call.request.entry.number
    message = f"the answer breaks its own schema: {broken}; see entry {number} of the journal"
    log.error("%s %s: %s", call.request.method, call.request.path, message)
    return json_reply(500, {"error": "self-check", "message": message, "journal": number})


def _in_header(reason: str) -> str:
    """The reason in ASCII, on one line. A backslash stays single, because people compare texts to sign by eye."""
    return reason.encode("unicode_escape").decode("ascii").replace("\\\\", "\\")[:4000]

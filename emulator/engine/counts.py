"""What a process has counted since it began, for its metrics."""

from collections import Counter

from emulator.core.sandbox import Note


class Counts:
    """Each counter has few keys: names of the providers' own, and nothing that a client sends."""

    def __init__(self) -> None:
        self.requests: Counter[tuple[str, ...]] = Counter()
        """By provider, endpoint (empty: none was found) and outcome: `ok`, or the name of the error."""
        self.transitions: Counter[tuple[str, ...]] = Counter()
        """By provider, event and the status that it led to."""
        self.attempts: Counter[tuple[str, ...]] = Counter()
        """Attempts to send a webhook, by provider, event and what became of it."""

    def add_request(self, provider: str, endpoint: str, outcome: str) -> None:
        """Counts a request that was answered."""
        self.requests[provider, endpoint, outcome] += 1

    def add_note(self, note: Note) -> None:
        """Counts what happened to an order or a webhook."""
        details = note.details
        if note.kind == "transition":
            self.transitions[note.provider, details["event"], details["status"]] += 1
        elif note.kind == "delivery" and "outcome" in details:
            self.attempts[note.provider, details["event"], details["outcome"]] += 1

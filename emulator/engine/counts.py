"""What a process has counted since it started, for its metrics."""

from collections import Counter

from emulator.core.sandbox import Note


class Counts:
    """Each counter has few keys: the providers' own names, and nothing that a client sends."""

    def __init__(self) -> None:
        self.requests: Counter[tuple[str, ...]] = Counter()
        """By provider, endpoint (empty: no such path) and outcome: `ok`, or the name of the error."""
        self.transitions: Counter[tuple[str, ...]] = Counter()
        """By provider, event and target status."""
        self.attempts: Counter[tuple[str, ...]] = Counter()
        """Attempts to send a webhook, by provider, event and outcome."""

    def add_request(self, provider: str, endpoint: str, outcome: str) -> None:
        """Counts a request that was answered."""
        self.requests[provider, endpoint, outcome] += 1

    def add_note(self, note: Note) -> None:
        """Counts something that happened to an order or a webhook."""
        details = note.details
        if note.kind == "transition":
            self.transitions[note.provider, details["event"], details["status"]] += 1
        elif note.kind == "delivery" and "outcome" in details:
            self.attempts[note.provider, details["event"], details["outcome"]] += 1

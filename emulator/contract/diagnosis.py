"""What a provider has found out about a request that it did not believe, as a value rather than a sentence alone."""

from msgspec import Struct


class Good(Struct, frozen=True):
    """One of the things with which the request would have been believed."""

    name: str
    """What it is, as `plain` or `as sent`."""
    text: str
    """The text to sign, or the line of a header; a secret stands there by its name only."""


class Diagnosis(Struct, frozen=True):
    """Why a signature or a credential was refused: the mistake that explains what came, and what would have been good.

    No secret is in its texts.
    """

    sentence: str
    """What is wrong, and what to do about it. Example: `it is base64, not hex`."""
    found: bool
    """Whether a usual mistake explains what came; else the sentence only says what is known for sure."""
    more: str = ""
    """What the reason says besides."""
    came: str | None = None
    """The text that was signed, or the line of a header as it came; None: nobody knows."""
    good: tuple[Good, ...] = ()
    """What would have been good in its place, the likeliest first."""
    received: str = ""
    """The signature that came, as it was written; empty: none, or there is none to this provider."""
    expected: str = ""
    """The signature of the first good text; empty where nobody here can make it."""
    made_by: str = ""
    """How that is made. Example: `HMAC-SHA256 with the secret of access-default, in hex`."""
    secrets: tuple[str, ...] = ()
    """Secrets that came where they do not belong: nobody is shown them, wherever else in the request they stand."""

    @property
    def reason(self) -> str:
        """All of it in one sentence."""
        return f"{self.sentence}; {self.more}" if self.more else self.sentence

    @property
    def size_bytes(self) -> int:
        """Roughly how much memory it takes."""
        return len(self.reason) + len(self.came or "") + sum(len(each.text) for each in self.good)

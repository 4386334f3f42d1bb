"""What a provider found out about a request that it could not authenticate, as a value rather than one sentence."""

from msgspec import Struct


class Good(Struct, frozen=True):
    """One of the things that would have authenticated the request."""

    name: str
    """What it is, such as `plain` or `as sent`."""
    text: str
    """The text to sign, or a header line; in place of a secret it has the secret's name."""


class Diagnosis(Struct, frozen=True):
    """Why a signature or a credential was refused: the mistake that explains it, and what would have been right.

    Its texts contain no secrets.
    """

    sentence: str
    """What is wrong, and what to do about it. Example: `it is base64, not hex`."""
    found: bool
    """Whether a common mistake explains what came; if not, the sentence says only what is certain."""
    more: str = ""
    """What the reason adds to the sentence."""
    came: str | None = None
    """The text that was signed, or the header line as it came; None: unknown."""
    good: tuple[Good, ...] = ()
    """What would have been right instead, the likeliest first."""
    received: str = ""
    """The signature that came, as it was written; empty: none came, or the provider has no signatures."""
    expected: str = ""
    """The signature of the first right text; empty if it cannot be made here."""
    made_by: str = ""
    """How `expected` is made. Example: `HMAC-SHA256 with the secret of access-default, in hex`."""
    secrets: tuple[str, ...] = ()
    """Secrets that came where they do not belong; they are hidden wherever else in the request they appear."""

    @property
    def reason(self) -> str:
        """The whole reason in one sentence."""
        return f"{self.sentence}; {self.more}" if self.more else self.sentence

    @property
    def size_bytes(self) -> int:
        """Roughly how much memory it takes."""
        return len(self.reason) + len(self.came or "") + sum(len(each.text) for each in self.good)

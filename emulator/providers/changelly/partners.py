"""The two partners of a sandbox, and what its settings say of them. Judges nobody.

The second one sees none of the first one's orders. Assumed: the names, and that there are two.
"""

from collections.abc import Mapping
from typing import Any, Final

from msgspec import Struct

from emulator.providers.changelly.settings import PARTNER

FIRST: Final = "key"
OTHER: Final = "other"
NAMES: Final = (FIRST, OTHER)
"""Each is the beginning of the partner's API keys, `key-<sandbox>` and `other-<sandbox>`."""

_USUAL: Final = {setting.name: setting.default for setting in PARTNER}


class Partner(Struct, frozen=True):
    """Who owns orders."""

    name: str
    """One of NAMES."""
    record: Mapping[str, Any]
    """`mode`, `suspended`, `publicKey`, `callbackUrl` and `callbackPrivateKey`, as the settings of these names."""


def partner_of(settings: Mapping[str, Any], name: str) -> Partner:
    """The partner with one of the NAMES, in a sandbox with these settings."""
    return Partner(name, settings if name == FIRST else {**_USUAL, **settings["otherPartner"]})


def api_key(name: str, sandbox: str) -> str:
    """The API key of a partner in a sandbox."""
    return f"{name}-{sandbox}"

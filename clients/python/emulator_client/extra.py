"""What only some tests need, and what to install for it."""

from __future__ import annotations

from importlib.util import find_spec


def require_cryptography() -> None:
    """Raises ImportError that says what to install, unless RSA signatures can be made and checked."""
    if find_spec("cryptography") is None:
        raise ImportError(
            "Changelly signs with RSA, which takes the package cryptography: "
            "pip install 'payment-provider-emulator-client[changelly]'"
        )

"""The forms of every identifier that Baanx hands out, made from random bytes that the caller brings.

It must never draw chance itself: the same bytes give the same text, in every process and at every time.
Each function takes exactly the number of bytes that the constant beside it names and refuses any other.

Sources: https://docs.baanx.com/api-reference/order/create and
https://docs.baanx.com/api-reference/auth/login, seen 2026-11.
"""

from uuid import UUID

REQUEST_ID_BYTES = 43
ORDER_ID_BYTES = 12
ADDRESS_BYTES = 20
TRANSACTION_HASH_BYTES = 32
UUID_BYTES = 16

US_REGION = "us"
US_TOKEN_PREFIX = "US_"

_BASE58_ALPHABET = "123456789ABCDEFGHJKLMNPQRSTUVWXYZabcdefghijkmnopqrstuvwxyz"
_BASE58_OF_OCTET = bytes(_BASE58_ALPHABET.encode()[octet % 58] for octet in range(256))
_FIRST_DIGITS = _BASE58_ALPHABET[4:].encode()
"""With one of these before 42 others, the number takes exactly 32 bytes."""


def request_id(random_43: bytes) -> str:
    """Gives a payment request id: 43 characters that are the base58 form of 32 bytes.

    Assumed: the form. Clients hand the text to the payment gateway as the payment id.
    Raises ValueError when the bytes are not 43.
    """
    _require_length(random_43, REQUEST_ID_BYTES)
    first = _FIRST_DIGITS[random_43[0] % len(_FIRST_DIGITS)]
    return chr(first) + random_43[1:].translate(_BASE58_OF_OCTET).decode("ascii")


def order_id(random_12: bytes) -> str:
    """Gives an order id: `ord_` and 24 lower-case hex digits. It is safe in a URL path without encoding.

    Assumed: the form; the provider calls the id opaque. Raises ValueError when the bytes are not 12.
    """
    _require_length(random_12, ORDER_ID_BYTES)
    return "ord_" + random_12.hex()


def evm_address(random_20: bytes) -> str:
    """Gives a deposit address: `0x` and 40 lower-case hex digits. Raises ValueError when the bytes are not 20."""
    _require_length(random_20, ADDRESS_BYTES)
    return "0x" + random_20.hex()


def transaction_hash(random_32: bytes) -> str:
    """Gives a transaction hash: `0x` and 64 lower-case hex digits. Raises ValueError when the bytes are not 32.

    Assumed: the length, which is that of the chain; the example of the provider's page is shorter.
    """
    _require_length(random_32, TRANSACTION_HASH_BYTES)
    return "0x" + random_32.hex()


def uuid_v4(random_16: bytes) -> str:
    """Gives the lower-case text of a version 4 UUID that carries these bytes. Raises ValueError when not 16."""
    _require_length(random_16, UUID_BYTES)
    return str(UUID(bytes=random_16, version=4))


def login_token(random_16: bytes, region: str) -> str:
    """Gives the bearer token of a login: `US_` and a UUID for users of region `us`, else the UUID alone.

    Assumed: the form without the prefix; the provider's page shows only the first one.
    """
    prefix = US_TOKEN_PREFIX if region == US_REGION else ""
    return prefix + uuid_v4(random_16)


def oauth_access_token(random_16: bytes) -> str:
    """Gives the access token of an OAuth grant, such as `access_token_3d0f6c1e-9b7a-4f12-8c55-b7a1e2d94c01`."""
    return "access_token_" + uuid_v4(random_16)


def oauth_refresh_token(random_16: bytes) -> str:
    """Gives the refresh token of an OAuth grant, such as `refresh_token_3d0f6c1e-9b7a-4f12-8c55-b7a1e2d94c01`."""
    return "refresh_token_" + uuid_v4(random_16)


def authorization_code(random_16: bytes) -> str:
    """Gives the code that a user's consent yields. Assumed: a UUID; to clients it is opaque."""
    return uuid_v4(random_16)


def _require_length(raw: bytes, expected: int) -> None:
    if len(raw) != expected:
        raise ValueError(f"{expected} random bytes are needed, not {len(raw)}")

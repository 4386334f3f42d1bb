"""The connection to Redis, and messages when it fails. Never shows a password from the URL."""

from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from emulator.stores import StoreError

if TYPE_CHECKING:
    from redis.asyncio import Redis

ANSWER_MS = 5000
"""How long to wait for an answer from Redis."""
_CONNECTIONS = 32


def connect(url: str, *, waits: bool = False) -> tuple["Redis", str]:
    """A client, and the URL without its password, for messages. Raises StoreError for a URL that cannot be meant."""
    from redis.asyncio import BlockingConnectionPool, Redis
    from redis.asyncio.retry import Retry
    from redis.backoff import NoBackoff

    scheme, colon, rest = url.partition(":")
    parts = urlsplit(url)
    answer_s = ANSWER_MS / 1000
    place = f"{scheme}://{parts.netloc.rpartition('@')[2]}{parts.path}"
    try:
        if not parts.hostname or not parts.path.removeprefix("/").isdigit():
            raise ValueError("give host, port and database")
        pool = BlockingConnectionPool.from_url(
            scheme.replace("valkey", "redis") + colon + rest, max_connections=1 if waits else _CONNECTIONS,
            timeout=answer_s, socket_timeout=answer_s, socket_connect_timeout=answer_s, protocol=2,
            retry=Retry(NoBackoff(), 0),
        )  # fmt: skip
        pool.connection_class(**pool.connection_kwargs)  # raises for a query that it does not know
    except (ValueError, TypeError) as error:
        which = f"--store {scheme}: {error}" if parts.hostname is None else f"--store {place}: {error}"
        raise StoreError(f"{which}; write {scheme}://HOST:PORT/DB, such as {scheme}://127.0.0.1:6379/0") from error
    return Redis.from_pool(pool), place


_EXPLANATIONS = (
    ("NOAUTH", "it asks for a password: write redis://:PASSWORD@HOST:PORT/DB"),
    ("invalid username", "it refuses the user or the password: check them in the URL"),
    ("NOPERM", "the user lacks permissions: it needs scripts, and all keys that begin with emulator:"),
    ("OOM", "its memory is full: give it more; it then continues by itself"),
    ("READONLY", "it is a read-only replica: give the address of the primary"),
    ("MISCONF", "it cannot write to its disk: fix that; it then continues by itself"),
    ("DB index", "it has no such database: choose a lower number"),
    ("LOADING", "it is still loading its data: it then continues by itself"),
    ("Authentication", "it asks for a password: write redis://:PASSWORD@HOST:PORT/DB"),
)


def explain(error: Exception, place: str) -> str:
    """What is wrong with Redis, and what to do. Quotes only the first word from Redis: the rest may hold secrets."""
    name, said = type(error).__name__, str(error)
    for word, explanation in _EXPLANATIONS:
        if word in said or word in name:
            return f"{place}: {explanation}"
    if isinstance(error, OSError) or "Connection" in name or "Timeout" in name:
        return f"{place}: it cannot be reached; check that it runs there; the emulator then continues by itself"
    return f"{place}: it refused a command ({name}: {said.partition(' ')[0]})"

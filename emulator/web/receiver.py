"""The emulator's own receiver of webhooks, `/receiver/<sandbox>` on the front door: the one address of its own that
webhooks may go to. It answers 200 with nothing, remembers what came, and says whether it was signed correctly."""

from collections.abc import Mapping
from urllib.parse import urlsplit
from weakref import WeakKeyDictionary

from starlette.types import ASGIApp

from emulator.contract.delivery import Message, Response
from emulator.core.received import Inbox, Verdict, judge
from emulator.core.sandbox import Sandbox
from emulator.core.transaction import Transaction
from emulator.engine.engine import Engine
from emulator.engine.sender import Receive
from emulator.web.without_socket import ask

PATH = "/receiver"


class Receiver:
    """What the receivers of all sandboxes have got. One per process."""

    def __init__(self, engine: Engine) -> None:
        self.engine = engine
        self._inboxes: WeakKeyDictionary[Sandbox, Inbox] = WeakKeyDictionary()

    def inbox(self, sandbox: Sandbox) -> Inbox:
        """What the receiver of a sandbox has got since the sandbox began, or was reset."""
        inbox = self._inboxes.get(sandbox)
        if inbox is None or inbox.life != sandbox.life:
            inbox = self._inboxes[sandbox] = Inbox(sandbox.life)
        return inbox


def receive_for(app: ASGIApp, base_url: str) -> tuple[str, Receive]:
    """What takes webhooks to the receiver of an emulator that has this base URL, but listens nowhere."""

    async def receive(message: Message) -> Response:
        return Response(*await ask(app, "POST", message.url, message.headers, message.body))

    parts = urlsplit(base_url)
    return f"{parts.scheme}://{parts.netloc}", receive


def judge_now(now: Transaction, sandbox: Sandbox, url: str, headers: Mapping[str, str], body: bytes) -> Verdict:
    """Whose webhook a request is that comes now, and whether it is signed as the sandbox signs."""

    def at(instant_ms: int | None) -> Transaction:
        return now if instant_ms is None else Transaction(sandbox, now.library, instant_ms, instant_ms)

    return judge(at, url, headers, body)

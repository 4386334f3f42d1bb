"""A seed file tried in an emulator of its own, which listens nowhere and sends nothing."""

from collections.abc import Callable
from pathlib import Path

from emulator.contract.delivery import Message, Response
from emulator.engine import real_time
from emulator.engine.sender import Sender
from emulator.files.yaml_file import BrokenFiles, FileProblem
from emulator.web.application import Application, Options


def problems_of(path: Path) -> list[FileProblem]:
    """What is wrong with a seed file: all that its schema finds, or else the first thing that cannot be made."""
    try:
        application = Application(Options(port=0, seed_file=path))
        real_time.run(_make(application))
    except BrokenFiles as error:
        return list(error.problems)
    return []


async def _make(application: Application) -> None:
    application.engine.dispatcher.sender = _SendsNothing()
    router = application.router_without_socket("http://localhost")
    try:
        await application.engine.open()
        await application.make_seeds(router)
    finally:
        await application.close()


class _SendsNothing(Sender):
    """Every receiver accepts, and none is called."""

    async def send(self, message: Message, timeout_ms: int, begins: Callable[[], None] = lambda: None) -> Response:
        begins()
        return Response(200, b"success")

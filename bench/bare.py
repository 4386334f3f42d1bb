"""The yardsticks: the least that an ASGI application and a Starlette application can do. Nothing of the emulator."""

import argparse
from typing import Any

import uvicorn

_CHUNK = b"x" * 65_536


def bare_application(answer_bytes: int) -> Any:
    """An ASGI application that reads the body and answers with constant bytes."""
    body = _CHUNK[:answer_bytes]
    headers = [(b"content-type", b"application/json"), (b"content-length", str(len(body)).encode())]

    async def application(scope: Any, receive: Any, send: Any) -> None:
        message = await receive()
        while message.get("more_body", False):
            message = await receive()
        await send({"type": "http.response.start", "status": 200, "headers": headers})
        await send({"type": "http.response.body", "body": body})

    return application


def starlette_application() -> Any:
    """A Starlette application with one route."""
    from starlette.applications import Starlette
    from starlette.requests import Request
    from starlette.responses import PlainTextResponse
    from starlette.routing import Route

    async def index(request: Request) -> PlainTextResponse:
        return PlainTextResponse("ok")

    return Starlette(routes=[Route("/", index)])


def main() -> None:
    """Serves one of the two on loopback, with the same uvicorn settings as the emulator."""
    parser = argparse.ArgumentParser()
    parser.add_argument("kind", choices=["bare", "starlette"])
    parser.add_argument("port", type=int)
    parser.add_argument("--answer-bytes", type=int, default=400)
    options = parser.parse_args()
    application = bare_application(options.answer_bytes) if options.kind == "bare" else starlette_application()
    uvicorn.run(
        application, host="127.0.0.1", port=options.port, http="httptools", loop="uvloop", ws="none", lifespan="off",
        access_log=False, log_config=None, proxy_headers=False, server_header=False, date_header=False,
    )  # fmt: skip


if __name__ == "__main__":
    main()

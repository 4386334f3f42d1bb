"""The running emulator that a command talks to: its flags, its calls, and what is said if it is not there."""

import functools
from collections.abc import Callable, Mapping
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import quote, urlencode, urlsplit

import click

from emulator.cli.options import json_option, option
from emulator.cli.output import EXIT_REFUSED, EXIT_UNREACHABLE, Failed, write_json

CONTROL_PREFIX = "/_emulator"
_TIMEOUT_S = 90
_NO_CONTENT = 204
_HOW = "Start one with `emulator serve`, or say with --url where it is, such as http://127.0.0.1:8900."


@dataclass
class Target:
    """One sandbox of a running emulator."""

    url: str
    """Base URL of the front door, without a slash at its end."""
    sandbox: str
    token: str | None
    as_json: bool

    def ask(self, method: str, path: str, body: Any = None, **query: Any) -> Any:
        """The answer to a call below the sandbox's own path. Raises Failed."""
        return self.ask_emulator(method, f"sandboxes/{self.sandbox}/{path}".rstrip("/"), body, **query)

    def ask_emulator(self, method: str, path: str, body: Any = None, **query: Any) -> Any:
        """The answer to any call of the control API. Raises Failed."""
        from emulator.core import json_text

        content = b"" if body is None else json_text.encode(body)
        return self._ask(method, path, content, query, self.headers())

    def _ask(self, method: str, path: str, content: bytes, query: Mapping[str, Any], headers: Mapping[str, str]) -> Any:
        from http import client  # httpx would take longer to import than all the rest of the command

        wanted = urlencode({name: value for name, value in query.items() if value is not None}, doseq=True)
        try:
            parts = urlsplit(self.control_url)
            connect = {"http": client.HTTPConnection, "https": client.HTTPSConnection}[parts.scheme]
            with closing(connect(parts.hostname or "", parts.port, timeout=_TIMEOUT_S)) as connection:
                connection.request(method, f"{parts.path}/{quote(path)}?{wanted}".rstrip("?"), content, dict(headers))
                answer = connection.getresponse()
                status, body = answer.status, answer.read()
        except KeyError as error:
            raise self.unreachable("the URL must begin with http:// or https://") from error
        except (OSError, client.HTTPException, ValueError) as error:
            raise self.unreachable(str(error) or type(error).__name__) from error
        return self.read(status, body)

    def unreachable(self, why: str) -> Failed:
        """What ends a command if nobody answers."""
        return Failed(f"no emulator can be reached at {self.url}: {why}\n{_HOW}", EXIT_UNREACHABLE)

    def put_file(self, path: str, file: Path) -> Any:
        """The answer to a call that sends a YAML file as it is. Raises Failed."""
        headers = {**self.headers(), "Content-Type": "application/yaml"}
        return self._ask("PUT", f"sandboxes/{self.sandbox}/{path}", file.read_bytes(), {}, headers)

    def read(self, status: int, answer: bytes) -> Any:
        """The JSON of an answer. Raises Failed, in the emulator's own words."""
        from emulator.core import json_text

        try:
            document = json_text.decode(answer) if answer else None
        except json_text.MalformedJson:
            document = None
        if status == _NO_CONTENT or (200 <= status < 300 and isinstance(document, dict)):
            return document
        if not isinstance(document, dict) or "message" not in document:
            told = f"{self.url} answers with {status}, but is no emulator: say with --url where one is"
            raise Failed(told, EXIT_UNREACHABLE)
        how = " (--token, or EMULATOR_CONTROL_TOKEN)" if document.get("error") == "unauthorized" else ""
        raise Failed(f"{document['message']}{how}", EXIT_REFUSED)

    def headers(self) -> dict[str, str]:
        """The headers of each call."""
        return {"Content-Type": "application/json"} | ({"Authorization": f"Bearer {self.token}"} if self.token else {})

    @property
    def control_url(self) -> str:
        """Where the control API is."""
        return self.url + CONTROL_PREFIX

    def show(self, document: Any, text: Callable[[], str]) -> None:
        """Prints an answer: as JSON if that is wanted, else as the text."""
        click.echo(write_json(document) if self.as_json else text())


def with_target(command: Callable[..., Any]) -> Callable[..., Any]:
    """Gives a command the flags that say which emulator and sandbox, and a Target as its first argument."""

    @functools.wraps(command)
    def run(url: str, sandbox: str, token: str | None, as_json: bool, **arguments: Any) -> Any:
        base = url.rstrip("/").removesuffix(CONTROL_PREFIX)
        return command(Target(base, sandbox, token, as_json), **arguments)

    for add in (
        json_option("Print the answer as JSON."),
        click.option("--token", envvar="EMULATOR_CONTROL_TOKEN", show_envvar=True,
                     help="The emulator's --control-token."),
        option("--sandbox", default="default", show_default=True, metavar="NAME", help="Which sandbox."),
        option("--url", default="http://127.0.0.1:8900", show_default=True, metavar="URL",
               help="Where the emulator's front door is."),
    ):  # fmt: skip
        run = add(run)
    return run

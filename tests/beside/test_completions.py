"""What an editor offers while a test is written: asked of Pyright's language server, as editors do."""

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

START = """
from emulator.testing import Emulator

def test_mine(emulator: Emulator) -> None:
    order = emulator.make_order("koywe")
    """
OFFERED = {
    'order["|"]': {"id", "status", "next", "sent"},
    'emulator.advance("1h")[0]["|"]': {"kind", "status"},
    'emulator.webhooks()[0]["attempts"][0]["|"]': {"body", "headers", "answer"},
    'emulator.fire("x", "|")': {"pay", "refund"},
    'emulator.choose(koywe="|")': {"happy", "refund"},
    "emulator.orders(|)": {"provider=", "status="},
}


class Editor:
    """One that talks to the language server over a pipe."""

    def __init__(self, folder: Path) -> None:
        command = [str(Path(sys.executable).with_name("basedpyright-langserver")), "--stdio"]
        self._server = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE)
        self._count = 0
        prefix = Path(sys.prefix)
        where = {"venvPath": str(prefix.parent), "venv": prefix.name}
        (folder / "pyrightconfig.json").write_text(json.dumps(where))
        self._ask(
            "initialize",
            processId=None,
            rootUri=folder.as_uri(),
            capabilities={},
            workspaceFolders=[{"uri": folder.as_uri(), "name": "shop"}],
        )
        self._say("initialized")

    def complete(self, path: Path, text: str) -> set[str]:
        """What is offered at the place of `|`."""
        before, _, after = text.partition("|")
        document = {"uri": path.as_uri(), "languageId": "python", "version": 1, "text": before + after}
        self._say("textDocument/didOpen", textDocument=document)
        line = before.count("\n")
        place = {"line": line, "character": len(before) - before.rfind("\n") - 1}
        found = self._ask("textDocument/completion", textDocument={"uri": path.as_uri()}, position=place)
        self._say("textDocument/didClose", textDocument={"uri": path.as_uri()})
        return {each["label"].strip("\"'") for each in (found or {"items": []})["items"]}

    def close(self) -> None:
        """Ends the server."""
        self._server.kill()
        self._server.communicate()

    def _say(self, method: str, **params: Any) -> None:
        self._write({"method": method, "params": params})

    def _ask(self, method: str, **params: Any) -> Any:
        self._count += 1
        number = self._count
        self._write({"id": number, "method": method, "params": params})
        while True:
            message = self._read()
            if message.get("id") == number and "method" not in message:
                return message["result"]
            if "id" in message:  # the server asks for settings; there are none
                items = message.get("params", {}).get("items", [])
                self._write({"id": message["id"], "result": [None for _ in items]})

    def _write(self, message: dict[str, Any]) -> None:
        assert self._server.stdin is not None
        content = json.dumps({"jsonrpc": "2.0", **message}).encode()
        self._server.stdin.write(b"Content-Length: %d\r\n\r\n%b" % (len(content), content))
        self._server.stdin.flush()

    def _read(self) -> dict[str, Any]:
        assert self._server.stdout is not None
        length = 0
        while line := self._server.stdout.readline().strip():
            name, _, value = line.partition(b":")
            length = int(value) if name.lower() == b"content-length" else length
        assert length, "the language server has ended"
        return dict(json.loads(self._server.stdout.read(length)))


def test_editors_complete_members_names_and_values(tmp_path: Path) -> None:
    editor = Editor(tmp_path)
    try:
        for line, expected in OFFERED.items():
            offered = editor.complete(tmp_path / "test_mine.py", f"{START}{line}\n")
            assert expected <= offered, (line, offered)
    finally:
        editor.close()

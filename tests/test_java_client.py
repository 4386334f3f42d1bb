"""clients/java: its own test passes against this emulator, and the recipes of the docs do what they say.

JUnit and Testcontainers are stood for by the few types of theirs that the recipes name, and by a small runner:
what is tried is the recipe, not those libraries.
"""

import os
import shutil
import subprocess
from collections.abc import Awaitable, Callable, Iterator
from pathlib import Path
from typing import Any

import httpx
import pytest

from emulator.testing import BackgroundServer, Emulator
from emulator.web.application import Options
from tests.test_docs import ROOT, blocks

JAVA = ROOT / "clients" / "java"
SOURCE = JAVA / "emulator" / "client" / "Emulator.java"
TOKEN = "t0ken"
STUBS, SPRING = Path(__file__).parent / "java", Path(__file__).parent / "spring"
_LIMIT_S = 120


def require_java() -> None:
    """Skips the test where there is no JDK; with `--all` that is a failure."""
    for tool in ("javac", "java"):
        if shutil.which(tool) is None:
            pytest.skip(f"{tool} is not installed: clients/java is not tested")


def run(*command: str, **variables: str) -> str:
    """What a command prints; fails with it unless the command succeeds and says nothing on standard error."""
    done = subprocess.run(
        command, env=os.environ | variables, capture_output=True, text=True, timeout=_LIMIT_S
    )  # fmt: skip
    assert (done.returncode, done.stderr) == (0, ""), f"{done.stdout}\n{done.stderr}"
    return done.stdout


def compiled(into: Path, *sources: Path) -> Path:
    """The folder of the classes; a warning is a failure."""
    quickly = ("-J-XX:TieredStopAtLevel=1", "-J-XX:+UseSerialGC")
    run("javac", *quickly, "-Xlint:all", "-Werror", "-d", str(into), *map(str, sources))
    return into


def java(classes: Path, *arguments: str, **variables: str) -> str:
    """What a class prints."""
    return run("java", "-XX:TieredStopAtLevel=1", "-XX:+UseSerialGC", "-cp", str(classes), *arguments, **variables)


@pytest.fixture
def guarded() -> Iterator[str]:
    """The front door of an emulator that wants a token."""
    with BackgroundServer(Options(port=0, self_check=True, control_token=TOKEN)) as server:
        yield server.server.addresses.front


def test_the_java_client_s_own_test_passes(guarded: str, tmp_path: Path) -> None:
    require_java()
    classes = compiled(tmp_path, SOURCE, JAVA / "test" / "EmulatorTest.java")
    checks = (JAVA / "test" / "EmulatorTest.java").read_text("utf-8").count("same(")
    printed = java(classes, "EmulatorTest", guarded, TOKEN)
    assert printed.startswith("checks: ")
    assert int(printed.split()[1]) >= checks - 1  # its declaration


def test_the_java_client_needs_only_the_jdk() -> None:
    imported = [line.split()[-1] for line in SOURCE.read_text("utf-8").splitlines() if line.startswith("import ")]
    assert imported
    assert [name for name in imported if not name.startswith(("java.", "javax.crypto."))] == []


def forward(port_of: Callable[[str], str]) -> Callable[..., Awaitable[None]]:
    """An application that hands on what it gets to this machine, as a container's network does."""

    async def app(scope: dict[str, Any], receive: Any, send: Any) -> None:
        message = await receive()
        headers = dict(scope["headers"])
        port = port_of(headers[b"host"].decode())
        async with httpx.AsyncClient(trust_env=False) as client:
            answer = await client.post(
                f"http://127.0.0.1:{port}{scope['path']}", content=message["body"], headers=list(scope["headers"])
            )
        await send({"type": "http.response.start", "status": answer.status_code, "headers": []})
        await send({"type": "http.response.body", "body": b""})

    return app


def test_the_recipes_of_the_docs_do_what_they_say(emulator_server: BackgroundServer, tmp_path: Path) -> None:
    require_java()
    recipes = [block.text for block in blocks(ROOT / "docs" / "clients.md") if block.language == "java"]
    names = []
    for recipe in recipes:
        name = recipe.split("\nclass ")[1].split()[0]
        (tmp_path / f"{name}.java").write_text(recipe)
        names.append(name)
    assert names == ["ShopTest", "WebhookTest"]
    stubs = sorted(STUBS.rglob("*.java"))
    classes = compiled(tmp_path / "classes", SOURCE, *stubs, *(tmp_path / f"{name}.java" for name in names))
    front = emulator_server.server.addresses.front
    with emulator_server.receive_at("host.testcontainers.internal", forward(lambda host: host.split(":")[1])):
        printed = java(classes, "Runner", *names, EMULATOR_URL=front)
    assert printed.splitlines() == ["ShopTest.aPaidOrderIsCompleted", "WebhookTest.theShopIsToldOfAPayment"]


def test_the_spring_controller_accepts_signed_webhooks_and_refuses_others(emulator: Emulator, tmp_path: Path) -> None:
    require_java()
    page = ROOT / "docs" / "how-to" / "webhooks.md"
    [recipe] = [block.text for block in blocks(page) if block.language == "java"]
    (tmp_path / "KoyweWebhooks.java").write_text(recipe, "utf-8")
    classes = compiled(tmp_path / "classes", tmp_path / "KoyweWebhooks.java", *sorted(SPRING.rglob("*.java")))
    command = ["java", "-cp", str(classes), "Served", "KoyweWebhooks"]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as served:
        assert served.stdout is not None
        emulator.call("POST", "webhooks/subscribe", {"url": f"{served.stdout.readline().strip()}/koywe"})
        emulator.inject("bad-signature", event="order.paid")
        emulator.inject("duplicate", event="order.completed")
        order = emulator.make_order("koywe")
        emulator.advance("1m")
        assert served.communicate()[0].strip() == "4"
    statuses = [webhook["attempts"][0]["status"] for webhook in emulator.webhooks(order["id"])]
    assert statuses == [200, 200, 200, 401, 200, 200]

"""The container image, without a container engine: its steps are followed, and the result is run as a container would
be.
"""

import os
import re
import shutil
import socket
import subprocess
import sys
import tempfile
import threading
from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest

from emulator import __version__
from emulator.providers import NAMES
from emulator.web.application import DEFAULT_PORT
from tests.command import free_block
from tests.dockerfile import Image, build, place, read_instructions
from tests.polling import eventually
from tests.test_locks import pins, versions

pytestmark = pytest.mark.long

ROOT = Path(__file__).parent.parent
STOPS_WITHIN_S = 5


@pytest.fixture(scope="module")
def image() -> Iterator[Image]:
    """What the Dockerfile makes, where anybody can read it."""
    with tempfile.TemporaryDirectory(prefix="image-") as folder:
        os.chmod(folder, 0o755)
        yield build(ROOT, Path(folder))


def installed(image: Image) -> dict[str, str]:
    found = image.root.glob("opt/emulator/lib/python3.*/site-packages/*.dist-info")
    pairs = (path.name.removesuffix(".dist-info").rsplit("-", 1) for path in found)
    return {re.sub("[-_.]+", "-", name).lower(): version for name, version in pairs}


def test_the_image_has_the_emulator_and_what_the_lock_pins_and_nothing_else(image: Image) -> None:
    wanted = versions(pins("requirements.lock"), {})
    assert installed(image) == wanted | {"payment-provider-emulator": __version__}


def test_nothing_but_what_the_lock_pins_is_downloaded(image: Image) -> None:
    pinned = versions([*pins("requirements.lock"), *pins("requirements-build.lock")], {})
    lines = re.findall("^Successfully installed (.*)$", image.log, re.MULTILINE)
    done = dict(each.rsplit("-", 1) for line in lines for each in line.split())
    assert done == pinned | {"payment-provider-emulator": __version__}


def test_the_image_has_no_pip(image: Image) -> None:
    assert [path for path in image.root.rglob("*pip*") if path.name in ("pip", "ensurepip")] == []
    assert not list(image.root.glob("usr/local/lib/python3.*/site-packages/*"))


def test_the_image_has_no_tests_sources_or_locks(image: Image) -> None:
    assert sorted(path.name for path in (image.root / "opt").iterdir()) == ["ca", "emulator", "health.sh"]
    assert list((image.root / "opt/ca").iterdir()) == []
    context = image.root.parent / "context"
    assert {path.name for path in context.iterdir()} == {
        "pyproject.toml", "README.md", "LICENSE", "requirements.lock", "requirements-build.lock",
        "emulator", "schemas", "scenarios", "scripts",
    }  # fmt: skip
    assert [path.name for path in (context / "scripts").iterdir()] == ["health.sh"]
    assert not list(context.rglob("*.pyc"))


def test_the_image_s_ports_follow_the_providers(image: Image) -> None:
    assert image.ports == [*range(DEFAULT_PORT, DEFAULT_PORT + 1 + len(NAMES))]
    published = f"-p {image.ports[0]}-{image.ports[-1]}:{image.ports[0]}-{image.ports[-1]}"
    assert published in (ROOT / "docs" / "containers.md").read_text("utf-8")


def test_the_image_listens_on_all_addresses(image: Image) -> None:
    assert image.environment["EMULATOR_HOST"] == "0.0.0.0"


def test_the_image_has_descriptive_labels(image: Image) -> None:
    labels = {name.removeprefix("org.opencontainers.image."): value for name, value in image.labels.items()}
    assert labels["version"] == __version__
    assert labels["licenses"] == "Apache-2.0"
    assert {"title", "description"} <= labels.keys()


def test_the_image_s_user_is_a_number_and_not_root(image: Image) -> None:
    assert re.fullmatch(r"[1-9][0-9]*:[1-9][0-9]*", image.user)


def test_a_new_volume_at_its_folder_for_certificates_can_be_written_by_every_user(image: Image) -> None:
    assert (image.root / "opt/ca").stat().st_mode & 0o7777 == 0o1777


class Container:
    """The image's command with the image's environment and nothing else: no home, no other variable.

    Where the tests run as root, also as process 1 of a namespace of its own, with nothing on the disk to write to, and
    as the image's user unless that one may not read this Python.
    """

    def __init__(self, image: Image, **variables: str) -> None:
        self.image = image
        path = place(image.environment["PATH"], image.root).replace("$PATH", "/usr/local/bin:/usr/bin:/bin")
        self.environment = image.environment | variables | {"PATH": path}
        entry = shutil.which(image.entry_point[0], path=path)
        assert entry == str(image.root / "opt/emulator/bin/emulator")
        self._alone = isolation(image.user)
        command = [*self._alone, "env", "-i", *(f"{name}={value}" for name, value in self.environment.items()), entry]
        self.process = subprocess.Popen(
            [*command, *image.entry_point[1:]], cwd="/", stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
        )

    @property
    def server_process(self) -> int:
        """The id of the emulator itself; where it is alone in its namespace, it is the child of what made that."""
        outer = self.process.pid
        children = Path(f"/proc/{outer}/task/{outer}/children")
        return int(children.read_text().split()[0]) if self._alone else outer

    def health(self) -> "subprocess.CompletedProcess[str]":
        return check_health(self.image, self.environment)


def check_health(image: Image, environment: dict[str, str]) -> "subprocess.CompletedProcess[str]":
    """Runs the image's health check."""
    command = [place(part, image.root) for part in image.health_check]
    return subprocess.run(command, env=environment, capture_output=True, text=True, timeout=3)


def isolation(user: str) -> list[str]:
    """What to write before a command to run it as in a container; nothing where this is not allowed."""
    if os.geteuid() != 0 or not all(map(shutil.which, ("unshare", "setpriv"))):
        return []
    number, _, group = user.partition(":")
    for become in (f"--reuid {number} --regid {group} --clear-groups", ""):
        shell = f'mount -o remount,bind,ro / && exec setpriv {become} --no-new-privs "$@"'
        alone = ["unshare", "--mount", "--pid", "--fork", "--mount-proc", "sh", "-c", shell, "sh"]
        tried = [*alone, "env", os.path.realpath(sys.executable), "-c", ""]
        if subprocess.run(tried, capture_output=True).returncode == 0:
            return alone
    return []


@pytest.fixture
def container(image: Image) -> Iterator[Container]:
    running = Container(image, EMULATOR_PORT=str(free_block()))
    yield running
    if running.process.poll() is None:
        os.kill(running.server_process, 9)
    running.process.communicate()


def test_the_image_serves_reports_its_health_and_stops_on_sigterm(container: Container) -> None:
    assert container.health().returncode != 0
    eventually(lambda: container.health().returncode == 0 or container.process.poll() is not None, 20)
    assert container.process.poll() is None, container.process.communicate()
    first = int(container.environment["EMULATOR_PORT"])
    for port in range(first, first + 1 + len(NAMES)):
        assert httpx.get(f"http://127.0.0.1:{port}/_emulator/health", verify=False).json() == {"status": "ok"}
    status = Path(f"/proc/{container.server_process}/status")
    if container._alone:
        told = status.read_text()
        assert re.search(r"^NSpid:\t[0-9]+\t1$", told, re.MULTILINE)
        number = container.image.user.partition(":")[0] if "--reuid" in " ".join(container._alone) else "0"
        assert re.search(rf"^Uid:\t{number}\t", told, re.MULTILINE)
    os.kill(container.server_process, 15)
    out, err = container.process.communicate(timeout=STOPS_WITHIN_S)
    assert (container.process.returncode, err) == (0, "")
    assert f":{first}" in out
    assert container.health().returncode != 0


@pytest.mark.parametrize(
    ("answer", "code"),
    [
        (b"HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n", 0),
        (b"HTTP/1.1 503 Service Unavailable\r\nContent-Length: 0\r\n\r\n", 1),
        (b"HTTP/1.1 404 Not Found\r\nX: 200\r\n\r\n", 1),
        (b"hello\r\n", 1),
        (b"", 1),
    ],
)
def test_the_health_check_succeeds_only_if_ready_answers_200(image: Image, answer: bytes, code: int) -> None:
    asked: list[bytes] = []
    with socket.create_server(("127.0.0.1", 0)) as listening:

        def serve() -> None:
            connection, _ = listening.accept()
            with connection:
                while not b"".join(asked).endswith(b"\r\n\r\n"):
                    asked.append(connection.recv(65_536))
                connection.sendall(answer)

        thread = threading.Thread(target=serve)
        thread.start()
        port = listening.getsockname()[1]
        told = check_health(image, {"PATH": os.environ["PATH"], "EMULATOR_PORT": str(port)})
        thread.join(5)
    assert (told.returncode, told.stderr) == (code, "")
    assert b"".join(asked).startswith(b"GET /_emulator/ready HTTP/1.1\r\n")


@pytest.mark.parametrize("value", ["tcp://10.0.0.1:9999", "", None])
def test_the_health_check_uses_the_emulator_s_port(image: Image, value: str | None) -> None:
    variables = {} if value is None else {"EMULATOR_PORT": value}
    told = check_health(image, {"PATH": os.environ["PATH"]} | variables)
    assert told.stdout.startswith(f"port {DEFAULT_PORT}: ")


def test_instructions_are_read_as_an_engine_reads_them() -> None:
    text = "# a comment\nFROM a AS b\nRUN one \\\n# within\n && two\n\nENV A=1\n"
    assert [(name, " ".join(rest.split())) for name, rest in read_instructions(text)] == [
        ("FROM", "a AS b"), ("RUN", "one && two"), ("ENV", "A=1")
    ]  # fmt: skip
    assert place("rm /opt/a /src/b x/opt/c /options", Path("/r")) == "rm /r/opt/a /r/src/b x/opt/c /options"

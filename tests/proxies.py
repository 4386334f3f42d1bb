"""Proxies for tests: the real programs, run as the current user, with their files in a folder."""

import contextlib
import os
import shutil
import socket
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.polling import eventually
from tests.tools import path_of

NGINX = shutil.which("nginx", path="/usr/sbin:/usr/local/sbin:/usr/bin:/usr/local/bin:/opt/homebrew/bin")
_STREAM = Path("/usr/lib/nginx/modules/ngx_stream_module.so")
"""Where Debian has what other builds of nginx have in them."""
_OF_PROCESS = """
daemon off;
pid {folder}/nginx.pid;
error_log {folder}/error.log;
"""
_OF_NGINX = """
events {{}}
http {{
    access_log off;
    client_body_temp_path {folder}/body;
    proxy_temp_path {folder}/proxy;
    fastcgi_temp_path {folder}/fastcgi;
    uwsgi_temp_path {folder}/uwsgi;
    scgi_temp_path {folder}/scgi;
{servers}
}}
"""
_OF_CADDY = """
{{
    admin off
    auto_https disable_redirects
    skip_install_trust
    storage file_system {folder}
    log {{
        level ERROR
    }}
}}
{sites}
"""


def free_ports(count: int) -> list[int]:
    """Free ports, below the range that the system assigns from."""
    for first in range(10_000 + os.getpid() % 100 * 90, 20_000, count):
        ports = [*range(first, first + count)]
        with contextlib.ExitStack() as stack, contextlib.suppress(OSError):
            for port in ports:
                stack.enter_context(socket.create_server(("127.0.0.1", port)))
            return ports
    raise LookupError(f"no {count} free ports in a row")


@contextlib.contextmanager
def nginx(folder: Path, servers: str, ports: list[int]) -> Iterator[None]:
    """nginx with these `server` blocks, once it listens at the ports; without the program the test is left out."""
    with nginx_by(_OF_NGINX.format(folder=folder, servers=servers), folder, ports):
        yield


@contextlib.contextmanager
def nginx_by(configuration: str, folder: Path, ports: list[int]) -> Iterator[None]:
    """The same by a whole configuration."""
    if NGINX is None:
        pytest.skip("there is no nginx here: run scripts/install_tools.sh")
    module = f"load_module {_STREAM};" if _STREAM.exists() else ""
    (folder / "nginx.conf").write_text(f"{module}{_OF_PROCESS.format(folder=folder)}{configuration}")
    with _running([NGINX, "-c", str(folder / "nginx.conf"), "-e", str(folder / "error.log")], ports):
        yield


@contextlib.contextmanager
def caddy(folder: Path, sites: str, ports: list[int]) -> Iterator[None]:
    """Caddy with these sites, once it listens at the ports."""
    (folder / "Caddyfile").write_text(_OF_CADDY.format(folder=folder, sites=sites))
    with _running([path_of("caddy"), "run", "--adapter", "caddyfile", "--config", str(folder / "Caddyfile")], ports):
        yield


@contextlib.contextmanager
def _running(command: list[str], ports: list[int]) -> Iterator[None]:
    """A program that is ended with SIGTERM."""
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True) as process:
        try:
            eventually(lambda: process.poll() is not None or all(map(_is_open, ports)), 20)
            assert process.poll() is None, process.communicate()[0]
            yield
        finally:
            process.terminate()
            process.communicate(timeout=20)


def _is_open(port: int) -> bool:
    try:
        socket.create_connection(("127.0.0.1", port)).close()
    except OSError:
        return False
    return True

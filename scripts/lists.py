"""Renews the lists of providers and ports in files that are otherwise written by hand. `generate_docs.py` calls it.

A list is found by its form: its lines, or its part of a line, stand there one way or another, and are replaced.
"""

import json
import re
from collections.abc import Iterator, Mapping
from pathlib import Path

from emulator.contract.card import Provider
from emulator.web.application import DEFAULT_PORT
from scripts.generate_types import type_name

ROOT = Path(__file__).resolve().parent.parent
_RANGE = rf"\b{DEFAULT_PORT}-\d+:{DEFAULT_PORT}-\d+\b"


def documents(providers: Mapping[str, Provider]) -> dict[Path, str]:
    """The text of each file, by its path. Raises LookupError where a list is no longer found."""
    texts: dict[Path, str] = {}
    for name, pattern, wanted in _lists(providers):
        path = ROOT / name
        before, *others = re.split(pattern, texts.get(path) or path.read_text("utf-8"), flags=re.MULTILINE)
        if not others:
            raise LookupError(f"{name} has nothing like {pattern!r} any more: see to it in {__file__}")
        texts[path] = wanted.join([before, *others])
    return texts


def _lists(providers: Mapping[str, Provider]) -> Iterator[tuple[str, str, str]]:
    """The file, the form of the list, and how it should be."""
    ports = {"front": DEFAULT_PORT} | {name: port for port, name in enumerate(providers, DEFAULT_PORT + 1)}
    published = f"{DEFAULT_PORT}-{max(ports.values())}"
    for name in ("README.md", "compose.yaml", "docs/containers.md"):
        yield name, _RANGE, f"{published}:{published}"
    yield "Dockerfile", r"^EXPOSE .*", f"EXPOSE {' '.join(map(str, ports.values()))}"
    aliases = ", ".join(each.public_hosts[0] for each in providers.values())
    for name in ("docs/containers.md", "examples/tls/compose.yaml"):
        yield name, r"(?<= aliases: \[)[^]]*", aliases
    enum = r'(?<=the name of the folder\.", "enum": )\[[^]]*\]'
    yield "schemas/scenario.schema.json", enum, json.dumps(list(providers))
    yield "README.md", r"(?:^\| \d+ \| `.*\n)+", "".join(_row(ports[name], each) for name, each in providers.items())
    upstreams = [f"        upstream {name} {{ server emulator:{port}; }}\n" for name, port in ports.items()]
    servers = [f"        server {{ listen {port}; proxy_pass {name}; }}\n" for name, port in ports.items()]
    yield "compose.yaml", r"(?:^ +upstream .*\n)+(?:^ +server .*\n)+", "".join([*upstreams, *servers])
    pages, proofs = [], []
    for name, provider in providers.items():
        titled = type_name(provider)
        pages.append(f"      - {titled}: providers/{name}.md\n")
        if (ROOT / "docs" / f"{name}.md").exists():
            pages.append(f"      - {titled} in detail: {name}.md\n")
        proofs.append(f"      - {titled}, claims and tests: conformance/{name}.md\n")
    yield "mkdocs.yml", r"(?:^ +- .*: providers/.*\n(?:^ +- .* in detail: .*\n)?)+", "".join(pages)
    yield "mkdocs.yml", r"(?:^ +- .*: conformance/.*\n)+", "".join(proofs)


def _row(port: int, provider: Provider) -> str:
    prefixes = [f"`{prefix}`" for prefix in provider.route_prefixes if prefix]
    how = f"with and without the {' or '.join(prefixes)} prefix" if prefixes else ""
    return f"| {port} | `{provider.name}`, {how or f'as `https://{provider.public_hosts[0]}` would be'} |\n"

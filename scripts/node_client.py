"""Writes what clients/node has of each provider: how one gets in, and what checks its webhooks' signatures.
`generate_docs.py` calls it.
"""

from collections.abc import Mapping
from pathlib import Path

from emulator.contract.card import Provider

ROOT = Path(__file__).resolve().parent.parent
SOURCES = ROOT / "clients" / "node" / "src"
_FROM_TABLES = "// Made by scripts/generate_docs.py from the tables of the emulator: do not edit."


def documents(providers: Mapping[str, Provider]) -> dict[Path, str]:
    """The text of each file, by its path."""
    folders = {name: ROOT / "emulator" / "providers" / name for name, each in providers.items() if each.webhooks}
    checks = {name: folder / "verify.ts" for name, folder in folders.items()}
    exported = [f'export * from "./verify/{name}.js";\n' for name in checks]
    return {
        SOURCES / "by-provider.ts": _by_provider(providers),
        SOURCES / "verify.ts": "".join([_VERIFY, *exported]),
        **{SOURCES / "verify" / f"{name}.ts": _taken_over(path) for name, path in checks.items()},
    }


def _taken_over(path: Path) -> str:
    made = f"// Made by scripts/generate_docs.py from {path.relative_to(ROOT).as_posix()}: edit that, and run it again."
    return f"{made}\n{path.read_text('utf-8')}"


def _by_provider(providers: Mapping[str, Provider]) -> str:
    credentials = []
    for name, provider in providers.items():
        members = "; ".join(
            f"{member}: string" for member in provider.credentials("default", provider.default_settings)
        )
        credentials.append(f"  {name}: {{ {members}; [member: string]: string }};\n")
    getters = [
        f'  get {name}(): ProviderAccess<"{name}"> {{\n'
        f"    return {{ url: this.urls.{name}, credentials: this.credentials.{name} }};\n"
        "  }\n\n"
        for name in providers
    ]
    return _BY_PROVIDER.format(credentials="".join(credentials), getters="".join(getters).rstrip("\n"))


_VERIFY = f"""{_FROM_TABLES}

// Each function takes the raw body as received, the headers (names in any case) and the receiver's key, and returns
// whether the signature is good. Malformed webhooks are not. The receiver decides how old a webhook may be.

"""
_BY_PROVIDER = (
    _FROM_TABLES
    + """

import type {{ ProviderName }} from "./control.js";

/** The credentials of each provider's client; all of them follow from the sandbox's name. */
export interface Credentials {{
  sandbox: string;
{credentials}}}

/** A provider's base URL and credentials in a sandbox. */
export interface ProviderAccess<P extends keyof Credentials> {{
  /** Base URL, instead of the provider's own. */
  readonly url: string;
  readonly credentials: Credentials[P];
}}

/** Access to each provider, by its name. */
export class ByProvider {{
  readonly urls: Record<ProviderName, string>;
  readonly credentials: Credentials;

  constructor(urls: Record<ProviderName, string>, credentials: Credentials) {{
    this.urls = urls;
    this.credentials = credentials;
  }}

{getters}
}}
"""
)

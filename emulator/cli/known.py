"""The flag `--known`: a file with what is known of the providers, confirmed or corrected."""

from collections.abc import Callable, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

from emulator.cli.options import READ_FILE, option
from emulator.cli.output import EXIT_BROKEN, Failed

if TYPE_CHECKING:
    from emulator.contract.card import Provider


def known_option() -> Callable[[Any], Any]:
    """The flag, with its environment variable."""
    return option(
        "--known",
        type=READ_FILE,
        metavar="FILE",
        help="A file with what you know about the providers: it confirms or corrects what is assumed.",
    )


def load_known(known: Path | None) -> "Mapping[str, Provider]":
    """All providers, with what the file says about them. Raises Failed if the file is broken."""
    from emulator.files.yaml_file import BrokenFiles
    from emulator.web.library import load_providers

    try:
        return load_providers(known)
    except BrokenFiles as error:
        raise Failed(f"--known: the file is broken:\n{error}", EXIT_BROKEN) from error

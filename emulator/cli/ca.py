"""`emulator ca`: the certificate authority that signs what `--tls` serves."""

from pathlib import Path

import click

from emulator.cli.options import WRITTEN_FILE, WRITTEN_FOLDER, option
from emulator.cli.output import EXIT_BROKEN, EXIT_USAGE, Failed


@click.command(
    epilog="""\b
Examples:
  curl --cacert "$(emulator ca)" https://localhost:8443/_emulator/health
  emulator ca --pem >> bundle.pem
  emulator ca --p12 trust.p12    for Java, with the password changeit"""
)
@option("--tls-ca-folder", type=WRITTEN_FOLDER, help="Where it is kept.  [default: the user's state folder]")
@click.option("--pem", is_flag=True, help="Print the certificate instead of its path.")
@click.option("--p12", type=WRITTEN_FILE, help="Write a trust store for Java to this file.")
def ca(tls_ca_folder: Path | None, pem: bool, p12: Path | None) -> None:
    """Print the path of the emulator's own CA certificate; it is made if there is none."""
    from emulator.files.authority import PASSWORD, open_authority

    try:
        authority = open_authority(tls_ca_folder)
        if p12 is not None:
            p12.write_bytes(authority.trust_store())
    except ValueError as error:
        raise Failed(str(error), EXIT_BROKEN) from error
    except OSError as error:
        raise Failed(f"--p12: {error}", EXIT_USAGE) from error
    if pem:
        click.echo(authority.pem, nl=False)
    elif p12 is not None:
        click.echo(f"{p12} is written and trusts it; the password is {PASSWORD}")
    elif authority.path is None:
        raise Failed("there is nowhere to keep it: name a writable folder with --tls-ca-folder", EXIT_BROKEN)
    else:
        click.echo(authority.path)

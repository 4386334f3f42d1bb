"""The emulator's own certificate authority: made once, kept in a folder, trusted by whoever is told to."""

import logging
import os
import ssl
import tempfile
from collections.abc import Sequence
from pathlib import Path

import trustme
from platformdirs import user_state_path

CERTIFICATE, KEY = "emulator-ca.pem", "emulator-ca-key.pem"
PASSWORD = "changeit"
"""The password of a Java trust store, the same as that of Java's own; the store contains no secrets."""
_ORGANIZATION = "payment-provider-emulator"

log = logging.getLogger("emulator")


class Authority:
    """Signs the emulator's certificates. Its own is at `path`; None: it could not be written."""

    def __init__(self, made: trustme.CA, path: Path | None) -> None:
        self._made = made
        self.path = path

    @property
    def pem(self) -> str:
        """Its own certificate."""
        return self._made.cert_pem.bytes().decode("ascii")

    def server_context(self, names: Sequence[str]) -> ssl.SSLContext:
        """The TLS context of a server with these host names and addresses."""
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.set_alpn_protocols(["http/1.1"])
        self._made.issue_cert(*names, organization_name=_ORGANIZATION).configure_cert(context)
        return context

    def trust_store(self) -> bytes:
        """A PKCS #12 file with which Java trusts it (`-Djavax.net.ssl.trustStore`); its password is PASSWORD."""
        from cryptography.hazmat.primitives.serialization import BestAvailableEncryption
        from cryptography.hazmat.primitives.serialization.pkcs12 import PKCS12Certificate, serialize_java_truststore
        from cryptography.x509 import load_pem_x509_certificate

        certificate = load_pem_x509_certificate(self.pem.encode("ascii"))
        entry = PKCS12Certificate(certificate, _ORGANIZATION.encode())
        return serialize_java_truststore([entry], BestAvailableEncryption(PASSWORD.encode()))


def open_authority(folder: Path | None = None) -> Authority:
    """The authority in a folder (by default the user's state folder), created if there is none.

    If nothing can be written, it is a new one that lasts as long as the process. Raises ValueError for files that are
    not an authority."""
    folder = folder or user_state_path(_ORGANIZATION)
    certificate, key = folder / CERTIFICATE, folder / KEY
    try:
        if not certificate.exists():
            folder.mkdir(parents=True, exist_ok=True)
            _write(trustme.CA(organization_name=_ORGANIZATION), certificate, key)
        return Authority(trustme.CA.from_pem(certificate.read_bytes(), key.read_bytes()), certificate)
    except OSError as error:
        log.warning("the certificate authority cannot be kept, and is a new one at each start: %s", error)
        return Authority(trustme.CA(organization_name=_ORGANIZATION), None)
    except ValueError as error:
        raise ValueError(
            f"{certificate} and {KEY} are not a certificate authority: remove both, and start again"
        ) from error


def _write(made: trustme.CA, certificate: Path, key: Path) -> None:
    """Writes the key first, for the owner alone, so that a certificate is never without its key."""
    for path, content, mode in (
        (key, made.private_key_pem.bytes(), 0o600),
        (certificate, made.cert_pem.bytes(), 0o644),
    ):
        handle, name = tempfile.mkstemp(dir=path.parent, prefix=path.name)
        with os.fdopen(handle, "wb") as file:
            file.write(content)
        os.chmod(name, mode)
        os.replace(name, path)

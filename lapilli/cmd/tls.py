"""The files of HTTPS: `osapi_volume_use_ssl`, and [ssl]."""

import ssl
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from lapilli.model.errors import Malformed
from lapilli.model.options import option
from lapilli.settings.settings import Settings


@dataclass(frozen=True)
class TlsSwitch:
    """The option of [DEFAULT]."""

    osapi_volume_use_ssl: bool = option(False, help="Serve HTTPS, with the files of [ssl].")


@dataclass(frozen=True)
class TlsSettings:
    """The options of [ssl]."""

    cert_file: str | None = option(None, help="The API's certificate, with its chain, as PEM.")
    key_file: str | None = option(None, help="Its private key, as PEM (PKCS #8), without a passphrase.")
    ca_file: str | None = option(None, help="Authority whose certificates callers must show. Without it, none.")


def tls_files(settings: Settings) -> dict[str, Any]:
    """granian's options for HTTPS; none for HTTP. Raises `Malformed` for files that cannot be used."""
    files = settings.bind(TlsSettings, "ssl")
    if not settings.bind(TlsSwitch).osapi_volume_use_ssl:
        return {}
    if not files.cert_file or not files.key_file:
        raise Malformed("osapi_volume_use_ssl needs cert_file and key_file in [ssl].")
    try:
        ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER).load_cert_chain(files.cert_file, files.key_file, "")
        key = Path(files.key_file).read_text()
        if files.ca_file:
            ssl.create_default_context(cafile=files.ca_file)
    except OSError as error:  # ssl.SSLError is one
        raise Malformed(f"The files of [ssl] cannot be used: {error}") from error
    if "BEGIN PRIVATE KEY" not in key:
        raise Malformed(
            f"{files.key_file} is not in the form PKCS #8. "
            f"Write it in that form: openssl pkcs8 -topk8 -nocrypt -in {files.key_file} -out NEW"
        )
    options: dict[str, Any] = {"ssl_cert": Path(files.cert_file), "ssl_key": Path(files.key_file)}
    if files.ca_file:
        options |= {"ssl_ca": Path(files.ca_file), "ssl_client_verify": True}
    return options

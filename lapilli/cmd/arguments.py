"""Arguments that several commands take."""

from pathlib import Path

import click

PATH = click.Path(path_type=Path)
DEFAULT_CONFIG = Path("/etc/cinder/cinder.conf")

config_option = click.option(
    "--config",
    "--config-file",
    "config_path",
    type=PATH,
    help="A cinder.conf.  [default: /etc/cinder/cinder.conf, where it exists]",
)


def split_listen(text: str) -> tuple[str, int]:
    """Host and port of `HOST:PORT`, where an IPv6 address stands in brackets."""
    host, _, port = text.rpartition(":")
    if not port.isdigit() or not host:
        raise click.BadParameter(f"{text!r} is not of the form HOST:PORT.", param_hint="--listen")
    return host.strip("[]"), int(port)

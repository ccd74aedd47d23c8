"""Arguments that several commands take."""

from pathlib import Path

import click

PATH = click.Path(path_type=Path)

config_option = click.option(
    "--config",
    "--config-file",
    "config_path",
    type=PATH,
    help="A cinder.conf.  [default: /etc/cinder/cinder.conf, where it exists]",
)

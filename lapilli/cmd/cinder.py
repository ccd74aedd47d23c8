"""The commands under Cinder's names, for the units and scripts of an operator who had Cinder."""

import sys

from lapilli.cmd.main import main


def api() -> None:
    """`cinder-api`."""
    main(["api", *sys.argv[1:]])


def scheduler() -> None:
    """`cinder-scheduler`."""
    main(["scheduler", *sys.argv[1:]])


def volume() -> None:
    """`cinder-volume`."""
    main(["volume", *sys.argv[1:]])


def backup() -> None:
    """`cinder-backup`."""
    main(["backup", *sys.argv[1:]])


def manage() -> None:
    """`cinder-manage`."""
    main(["manage", *sys.argv[1:]])

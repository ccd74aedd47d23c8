"""Finds a target driver by its name: entry points of the group `lapilli.targets`, and Cinder's helper names."""

from typing import Any, Protocol

from lapilli.machine import plug_ins
from lapilli.model.protocols.targets import TargetDriver

GROUP = "lapilli.targets"

# What an operator's `target_helper` says: Cinder names most of them after the program it runs.
_ALIASES = {"tgtadm": "tgt", "lioadm": "lio", "scstadmin": "scst"}


class TargetClass(Protocol):
    """What an entry point names: a class that is built with its filled `Settings`."""

    @property
    def Settings(self) -> type[Any]: ...  # noqa: N802 - it is a class

    def __call__(self, settings: Any) -> TargetDriver: ...


def get(name: str) -> TargetClass:
    """The target driver that `target_helper = name` asks for.

    Raises `Malformed` if there is none, and `BackendFailed` if it is installed but cannot be loaded.
    """
    found: TargetClass = plug_ins.load(GROUP, "Target", name, _ALIASES)
    return found


def known() -> list[str]:
    """The names of the target drivers that are installed, sorted."""
    return plug_ins.known(GROUP)

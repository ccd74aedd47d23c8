"""Finds a target driver by its name: entry points of the group `lapilli.targets`, and Cinder's helper names."""

from importlib.metadata import EntryPoint, entry_points
from typing import Any, Protocol

from lapilli.model.errors import BackendFailed, Malformed
from lapilli.model.protocols import TargetDriver

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
    wanted = _ALIASES.get(name, name)
    found = _installed().get(wanted)
    if found is None:
        alias = f" (which {name} stands for)" if name != wanted else ""
        raise Malformed(f"Target {wanted}{alias} is not part of this release. Known targets: {', '.join(known())}.")
    try:
        target: TargetClass = found.load()
    except (ImportError, AttributeError) as error:
        raise BackendFailed(f"Target {wanted} is installed and cannot be loaded from {found.value}: {error}") from error
    return target


def known() -> list[str]:
    """The names of the target drivers that are installed, sorted."""
    return sorted(_installed())


def _installed() -> dict[str, EntryPoint]:
    return {found.name: found for found in entry_points(group=GROUP)}

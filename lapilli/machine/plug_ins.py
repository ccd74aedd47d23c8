"""The plug-ins that are installed on this computer: entry points, found by their name or by Cinder's for them."""

from collections.abc import Mapping
from importlib.metadata import entry_points
from typing import Any

from lapilli.model.errors import BackendFailed, Malformed


def load(group: str, kind: str, name: str, aliases: Mapping[str, str]) -> Any:
    """What the entry point `name` of the group names; `kind` is what messages call it.

    Raises `Malformed` if there is none, and `BackendFailed` if it is installed but cannot be loaded.
    """
    wanted = aliases.get(name, name)
    installed = {point.name: point for point in entry_points(group=group)}
    if wanted not in installed:
        alias = f" (which {name} stands for)" if name != wanted else ""
        there_is = ", ".join(sorted(installed))
        raise Malformed(
            f"{kind} {wanted}{alias} is not part of this release. Known {kind.lower()}s: {there_is or 'none'}."
        )
    try:
        return installed[wanted].load()
    except (ImportError, AttributeError) as error:
        where = installed[wanted].value
        raise BackendFailed(f"{kind} {wanted} is installed and cannot be loaded from {where}: {error}") from error


def known(group: str) -> list[str]:
    """The names of what is installed, sorted."""
    return sorted({point.name for point in entry_points(group=group)})

"""The plug-ins that are installed on this computer: entry points, found by their name or by Cinder's for them."""

from collections.abc import Mapping
from dataclasses import dataclass
from importlib.metadata import entry_points
from typing import Any, Generic, Protocol, TypeVar

from lapilli.model.errors import BackendFailed, Malformed

Class = TypeVar("Class")
Made_co = TypeVar("Made_co", covariant=True)


class Configured(Protocol[Made_co]):
    """A class that is built with its filled `Settings`."""

    @property
    def Settings(self) -> type[Any]: ...  # noqa: N802 - it is a class

    def __call__(self, settings: Any) -> Made_co: ...


@dataclass(frozen=True)
class PlugIns(Generic[Class]):
    """The plug-ins of one kind, each a `Class`.

    `kind` is what messages call one. `aliases` are what an operator may say instead of a name.
    """

    group: str
    kind: str
    aliases: Mapping[str, str]

    def get(self, name: str) -> Class:
        """The one of that name.

        Raises `Malformed` if there is none, and `BackendFailed` if it is installed but cannot be loaded.
        """
        wanted = self.aliases.get(name, name)
        installed = {point.name: point for point in entry_points(group=self.group)}
        if wanted not in installed:
            alias = f" (which {name} stands for)" if name != wanted else ""
            there_is = ", ".join(sorted(installed)) or "none"
            raise Malformed(
                f"{self.kind} {wanted}{alias} is not part of this release. Known {self.kind.lower()}s: {there_is}."
            )
        try:
            found: Class = installed[wanted].load()
        except (ImportError, AttributeError) as error:
            where = installed[wanted].value
            raise BackendFailed(
                f"{self.kind} {wanted} is installed and cannot be loaded from {where}: {error}"
            ) from error
        return found

    def known(self) -> list[str]:
        """The names of what is installed, sorted."""
        return sorted({point.name for point in entry_points(group=self.group)})

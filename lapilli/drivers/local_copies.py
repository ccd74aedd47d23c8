"""How drivers whose volumes are local files or block devices receive the bytes of others."""

from abc import ABC, abstractmethod
from collections.abc import Callable
from pathlib import Path

from lapilli.machine import block_copy


class LocalCopies(ABC):
    """`ReceivesBytes` for a driver that has a `path`."""

    @abstractmethod
    def path(self, name: str) -> str:
        """The local file or block device that holds the volume's bytes."""

    def check_source(self, name: str, source: str) -> None:
        block_copy.check(Path(source), Path(self.path(name)))

    def receive(self, name: str, source: str, go_on: Callable[[], None]) -> None:
        block_copy.copy(Path(source), Path(self.path(name)), go_on)

    def differs_from(self, name: str, source: str, go_on: Callable[[], None]) -> int | None:
        return block_copy.first_difference(Path(source), Path(self.path(name)), go_on)

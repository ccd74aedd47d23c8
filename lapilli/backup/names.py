"""What the objects of a backup are called, in Cinder's chunked format."""

import re
from dataclasses import dataclass

from lapilli.model.errors import Malformed

_LONGEST_CONTAINER = 255


@dataclass(frozen=True)
class Address:
    """Where a backup's objects lie: their container, and what all their names begin with."""

    container: str
    prefix: str

    @property
    def metadata(self) -> str:
        """The object that lists the others. It is written last: a backup without it is not complete."""
        return f"{self.prefix}_metadata"

    @property
    def digests(self) -> str:
        """The object with the digest of each block, which an incremental backup is made against."""
        return f"{self.prefix}_sha256file"

    def data(self, number: int) -> str:
        """The data object of that number, from 1 on."""
        return f"{self.prefix}-{number:05d}"

    def is_data(self, name: str) -> bool:
        """Whether the name is that of a data object of this backup."""
        return bool(re.fullmatch(r"-[0-9]{5,}", name.removeprefix(self.prefix)))


def check_container(container: str) -> None:
    """Raise `Malformed` unless the name is a plain one, or a path of plain ones that leads downwards."""
    parts = container.split("/")
    is_plain = all(part.isprintable() and not part.startswith(".") and part for part in parts)
    if not is_plain or len(container.encode()) > _LONGEST_CONTAINER:
        raise Malformed(f"Container {container!r} must be a name such as `weekly`, or names with slashes between them.")

"""The contracts of the other services of a cloud, as this one needs them."""

from collections.abc import Iterator, Mapping, Sequence
from contextlib import AbstractContextManager
from typing import Any, Protocol

from lapilli.model.images import Image, NewImage
from lapilli.model.values import Caller


class Images(Protocol):
    """The image service. Where `caller` is given, it is asked in the caller's name, and decides what that may do.

    Without one it is asked as this service. All may raise `NotFound`, `Forbidden`, `Malformed`, `Conflict`, `Refused`
    and `Unavailable`.
    """

    def show(self, id: str, caller: Caller | None = None) -> Image:
        """The image of that id."""

    def find(self, reference: str, caller: Caller | None = None) -> Image:
        """The image of an id, of a URL that ends with one, or of a name; `Taken` if several have it."""

    def create(self, image: NewImage, caller: Caller | None = None) -> Image:
        """Make an image without bytes. If it exists, only say what it is."""

    def set_properties(self, id: str, properties: Mapping[str, str | bool]) -> None:
        """Give the image these properties, or marks such as `protected`, beside those that it has."""

    def delete(self, id: str) -> None:
        """Make the image not exist. If it does not, do nothing."""

    def upload(self, id: str, chunks: Iterator[bytes]) -> None:
        """Give an image its bytes. What `chunks` raises is raised. `Conflict` if the image has bytes already."""

    def download(self, image: Image) -> Iterator[bytes]:
        """The bytes. If it raises `Unavailable`, also after the last chunk, they are not those of the image."""


class Conversions(Protocol):
    """Copies between the bytes of images and those of volumes, on this machine. `name` is the volume's."""

    def fill(self, name: str, target: str, image: Image, chunks: Iterator[bytes]) -> None:
        """Give the volume at the path `target` the disk of the image, whose bytes are `chunks`, and zeros after it.

        Raises `Malformed` for an image that is not what it says, refers to other files, or does not fit. The volume's
        bytes are not defined then. What `chunks` raises is raised.
        """

    def made(
        self, name: str, source: str, disk_format: str, container_format: str
    ) -> AbstractContextManager[Iterator[bytes]]:
        """The bytes of an image made of the volume at the path `source`, to be read within the block."""

    def clean(self, name: str) -> None:
        """Remove what an attempt with the volume of this name has left that died."""


class Servers(Protocol):
    """The compute service."""

    def lists_attachment(self, server_id: str, attachment_id: str) -> bool:
        """Whether the server uses the attachment. Raises `Unavailable` or `Forbidden` when that cannot be known."""

    def tell(self, event: str, volume_id: str, server_ids: Sequence[str]) -> bool:
        """Tell the servers `volume-extended` or `volume-reimaged`; may be told again. False if they were not told."""


class Projects(Protocol):
    """The identity service, as far as projects go."""

    def exists(self, project_id: str) -> bool:
        """Whether there is a project of that id. Raises `Unavailable` or `Forbidden` when that cannot be known."""


class Notifier(Protocol):
    """Tells other services what has changed."""

    def send(self, messages: Sequence[Mapping[str, Any]]) -> None:
        """Send them in this order, and return when none can be lost any more; raise `Unavailable` otherwise.

        A message has `message_id`, `publisher_id`, `event_type`, `priority`, `payload` and `timestamp`. After a fault
        all are sent again.
        """

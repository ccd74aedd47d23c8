"""The image that a request names, asked of the image service in the caller's name."""

from typing import NamedTuple

from lapilli.api import microversions as since
from lapilli.api.request import Request
from lapilli.model.errors import Malformed
from lapilli.model.images import Image
from lapilli.model.protocols.neighbours import Images
from lapilli.operations.image_checks import snapshot_of


class ImageSource(NamedTuple):
    """Where the bytes of a volume come from that was asked for with an image: the image, or what it stands for."""

    image: Image | None = None
    snapshot_id: str | None = None


def image_service(request: Request) -> Images:
    """The image service; `Malformed` if there is none."""
    if request.around.images is None:
        raise Malformed("This service knows no image service; its operator can set glance_api_servers.")
    return request.around.images


def image_source(request: Request, reference: str | None) -> ImageSource:
    """What an `imageRef` means. Without one, nothing."""
    if not reference:
        return ImageSource()
    request.enforce("volume:create_from_image")
    image = image_service(request).find(reference, request.caller)
    snapshot_id = snapshot_of(image) if request.minor >= since.IMAGE_OF_SNAPSHOT else None
    return ImageSource(snapshot_id=snapshot_id) if snapshot_id else ImageSource(image)

"""Images of Glance's API v2.

What a caller asks for is asked of Glance with the caller's own token, so that Glance decides what it may see and make.
What an operation does later goes with this service's login: tokens end, and none is kept.
"""

import hashlib
import os
import re
from collections.abc import Iterator, Mapping
from http import HTTPStatus
from typing import IO, Any, Final
from urllib.parse import unquote, urlsplit

from requests import Response

from lapilli.clients.remote import Remote, refusal
from lapilli.model.errors import Malformed, NotFound, Taken, Unavailable
from lapilli.model.images import Image, NewImage
from lapilli.model.values import Caller

_UUID: Final = re.compile(r"[0-9a-fA-F]{8}(-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}")
_CHUNK_BYTES: Final = 2**20
_PATCH: Final = {"Content-Type": "application/openstack-images-v2.1-json-patch"}
_BYTES: Final = {"Content-Type": "application/octet-stream"}
# What an image has beside the properties that people gave it.
_OWN_FIELDS: Final = frozenset(
    "id name status visibility protected checksum owner size virtual_size container_format disk_format min_disk"
    " min_ram created_at updated_at deleted deleted_at tags self file schema direct_url locations stores"
    " os_hash_algo os_hash_value os_hidden".split()
)


class Glance:
    """The `Images` of a Glance. For all threads."""

    def __init__(self, remote: Remote, *, retries: int = 3, reads_files: bool = False) -> None:
        """`reads_files` takes the bytes from Glance's own files, where it tells their paths."""
        self._remote = remote
        self._retries = retries
        self._reads_files = reads_files

    def show(self, id: str, caller: Caller | None = None) -> Image:
        """The image of that id. Raises `NotFound`."""
        return _image(self._ask("GET", f"/images/{id}", id, caller=caller).json())

    def find(self, reference: str, caller: Caller | None = None) -> Image:
        """The image of a reference: a URL or path that ends with its id, the id, or its name.

        Raises `Malformed` if there is none, and `Taken` if several have the name.
        """
        last = reference.rpartition("/")[2]
        if _UUID.fullmatch(last):
            try:
                return self.show(last, caller)
            except NotFound:
                pass  # a name may look like an id
        # Quoted, for otherwise a colon in it would end an operator. Glance knows no quotes within quotes.
        name = reference if '"' in reference else f'in:"{reference}"'
        answer = self._remote.send("GET", "/images", caller=caller, params={"name": name})
        refused = answer.status_code == HTTPStatus.BAD_REQUEST  # what no image can be called
        found = [] if refused else _accepted(answer, reference).json()["images"]
        if len(found) > 1:
            raise Taken(f"{len(found)} images are called {reference}; give the id of one.")
        if not found:
            raise Malformed("Invalid image identifier or unable to access requested image.")
        return _image(found[0])

    def create(self, image: NewImage, caller: Caller | None = None) -> Image:
        """Make an image without bytes. If it exists, only say what it is."""
        facts = {
            "id": image.id,
            "name": image.name,
            "disk_format": image.disk_format,
            "container_format": image.container_format,
            "visibility": image.visibility,
            "protected": image.protected,
        }
        body = {**image.properties, **{key: value for key, value in facts.items() if value is not None}}
        answer = self._remote.send("POST", "/images", caller=caller, json=body)
        if answer.status_code == HTTPStatus.CONFLICT:
            return self.show(image.id, caller)
        return _image(_accepted(answer, image.id).json())

    def set_properties(self, id: str, properties: Mapping[str, str | bool]) -> None:
        """Give the image these properties beside those that it has."""
        patch = [{"op": "add", "path": f"/{_pointer(key)}", "value": value} for key, value in properties.items()]
        self._ask("PATCH", f"/images/{id}", id, json=patch, headers=_PATCH)

    def delete(self, id: str) -> None:
        """Make the image not exist. If it does not, do nothing."""
        answer = self._remote.send("DELETE", f"/images/{id}")
        if answer.status_code != HTTPStatus.NOT_FOUND:
            _accepted(answer, id)

    def upload(self, id: str, chunks: Iterator[bytes]) -> None:
        """Give an image that has none its bytes. What `chunks` raises is raised, and the image is without bytes."""
        # It also renews a token that is about to end, which could not be done once bytes have been sent.
        self.show(id)
        source = _Source(chunks)
        try:
            answer = self._remote.send_once("PUT", f"/images/{id}/file", data=source, headers=_BYTES)
        except Unavailable:
            if source.error is not None:
                raise source.error from None
            raise
        _accepted(answer, id)

    def download(self, image: Image) -> Iterator[bytes]:
        """The bytes of the image. A connection that breaks is taken up again where it broke.

        After the last chunk the digest is compared: `Unavailable` means that all chunks are to be thrown away.
        """
        digest = _digest(image)
        done_bytes, failures = 0, 0
        while True:
            try:
                for chunk in self._chunks(image, done_bytes):
                    digest.update(chunk)
                    done_bytes += len(chunk)
                    failures = 0
                    yield chunk
                break
            except OSError as error:
                failures += 1
                if failures > self._retries:
                    raise self._remote.unavailable(
                        f"broke off image {image.id} after {done_bytes} B: {error}"
                    ) from error
        if not _is_whole(image, done_bytes, digest):
            raise self._remote.unavailable(f"sent {done_bytes} B for image {image.id}, and not those of the image")

    def _chunks(self, image: Image, offset_bytes: int) -> Iterator[bytes]:
        file = _local_file(image.direct_url) if self._reads_files else None
        if file is not None:
            with file:
                file.seek(offset_bytes)
                while chunk := file.read(_CHUNK_BYTES):
                    yield chunk
            return
        headers = {"Range": f"bytes={offset_bytes}-"} if offset_bytes else {}
        with self._ask("GET", f"/images/{image.id}/file", image.id, headers=headers, stream=True) as answer:
            if offset_bytes and answer.status_code != HTTPStatus.PARTIAL_CONTENT:
                raise OSError("it cannot send the rest of an image")
            yield from answer.iter_content(_CHUNK_BYTES)

    def _ask(self, method: str, path: str, id: str, **options: Any) -> Response:
        return _accepted(self._remote.send(method, path, **options), id)


class _Source:
    """The chunks, as the HTTP library reads them: it must not swallow what they raise."""

    def __init__(self, chunks: Iterator[bytes]) -> None:
        self._chunks = chunks
        self.error: Exception | None = None

    def __iter__(self) -> Iterator[bytes]:
        try:
            yield from self._chunks
        except Exception as error:
            self.error = error
            # Whatever it was: for the library, the connection has broken.
            raise OSError(str(error)) from error


def _accepted(answer: Response, id: str) -> Response:
    if answer.status_code >= HTTPStatus.MULTIPLE_CHOICES:
        raise refusal(answer, "Image", id)
    return answer


def _image(facts: Mapping[str, Any]) -> Image:
    locations = facts.get("locations") or [{}]
    return Image(
        id=facts["id"],
        name=facts.get("name"),
        status=facts["status"],
        size_bytes=facts.get("size") or 0,
        virtual_size_bytes=facts.get("virtual_size"),
        min_disk_gib=facts.get("min_disk") or 0,
        min_ram_mib=facts.get("min_ram") or 0,
        disk_format=facts.get("disk_format"),
        container_format=facts.get("container_format"),
        checksum=facts.get("checksum"),
        hash_algorithm=facts.get("os_hash_algo"),
        hash_value=facts.get("os_hash_value"),
        visibility=facts.get("visibility"),
        protected=bool(facts.get("protected")),
        updated_at=facts.get("updated_at") or "",
        direct_url=facts.get("direct_url") or locations[0].get("url"),
        properties={
            key: value if isinstance(value, str) else str(value)
            for key, value in facts.items()
            if key not in _OWN_FIELDS and value is not None
        },
    )


def _digest(image: Image) -> Any:
    if image.hash_algorithm in hashlib.algorithms_available and image.hash_value:
        return hashlib.new(str(image.hash_algorithm))
    return hashlib.md5(usedforsecurity=False)


def _is_whole(image: Image, size_bytes: int, digest: Any) -> bool:
    expected = image.hash_value if digest.name == image.hash_algorithm else image.checksum
    return size_bytes == image.size_bytes and expected in {None, digest.hexdigest()}


def _local_file(url: str | None) -> IO[bytes] | None:
    parts = urlsplit(url or "")
    path = unquote(parts.path)
    return open(path, "rb") if parts.scheme == "file" and os.access(path, os.R_OK) else None  # noqa: PTH123


def _pointer(key: str) -> str:
    return key.replace("~", "~0").replace("/", "~1")

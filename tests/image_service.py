"""An image service in a directory: what is in it outlives the processes that use it. Everybody sees every image."""

import hashlib
import json
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import asdict, replace
from pathlib import Path
from typing import Any

from lapilli.model.errors import Conflict, Forbidden, Malformed, NotFound, Taken, Unavailable
from lapilli.model.images import Image, NewImage
from lapilli.model.values import Caller

_CHUNK_BYTES = 2**16


class DirectoryImages:
    """An `Images` whose images are files: what is known of one, and its bytes."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    def put(self, id: str, data: bytes, **facts: Any) -> Image:
        """An active image with these bytes."""
        facts = {"disk_format": "raw", "container_format": "bare", "updated_at": "2026-01-01T00:00:00Z", **facts}
        return self._finish(Image(id, facts.pop("name", id), **facts), [data])

    def bytes_of(self, id: str) -> bytes:
        """All that the image holds."""
        return (self._folder / f"{id}.bytes").read_bytes()

    def list(self) -> list[Image]:
        """Every image, by its id."""
        return [self.show(path.stem) for path in sorted(self._folder.glob("*.json"))]

    def show(self, id: str, caller: Caller | None = None) -> Image:
        try:
            return Image(**json.loads(self._facts(id).read_text()))
        except FileNotFoundError:
            raise NotFound("Image", id) from None

    def find(self, reference: str, caller: Caller | None = None) -> Image:
        found = [image for image in self.list() if reference.rpartition("/")[2] in {image.id, image.name}]
        if len(found) > 1:
            raise Taken(f"{len(found)} images are called {reference}.")
        if not found:
            raise Malformed("Invalid image identifier or unable to access requested image.")
        return found[0]

    def create(self, image: NewImage, caller: Caller | None = None) -> Image:
        if not self._facts(image.id).exists():
            facts = {key: value for key, value in asdict(image).items() if value is not None}
            self._write(Image(status="queued", **facts))
        return self.show(image.id)

    def set_properties(self, id: str, properties: Mapping[str, str | bool]) -> None:
        image = self.show(id)
        marks = {key: value for key, value in properties.items() if hasattr(image, key)}
        others = {key: str(value) for key, value in properties.items() if key not in marks}
        self._write(replace(image, **marks, properties={**image.properties, **others}))

    def delete(self, id: str) -> None:
        try:
            if self.show(id).protected:
                raise Forbidden(f"Image {id} is protected.")
        except NotFound:
            return
        self._facts(id).unlink()
        (self._folder / f"{id}.bytes").unlink(missing_ok=True)

    def upload(self, id: str, chunks: Iterator[bytes]) -> None:
        image = self.show(id)
        if image.status == "active":
            raise Conflict(f"Image {id} has bytes already.")
        self._finish(image, chunks)

    def download(self, image: Image) -> Iterator[bytes]:
        data = self.bytes_of(image.id)
        for start in range(0, len(data), _CHUNK_BYTES):
            yield data[start : start + _CHUNK_BYTES]
        if image.hash_value not in {None, hashlib.sha512(data).hexdigest()}:
            raise Unavailable(f"The bytes of image {image.id} are others.")

    def _finish(self, image: Image, chunks: Iterable[bytes]) -> Image:
        self._folder.mkdir(exist_ok=True)
        digest, size_bytes = hashlib.sha512(), 0
        with (self._folder / f"{image.id}.bytes").open("wb") as file:
            for chunk in chunks:
                digest.update(chunk)
                size_bytes += file.write(chunk)
        facts = {"hash_algorithm": digest.name, "hash_value": digest.hexdigest(), "size_bytes": size_bytes}
        return self._write(replace(image, status="active", **facts))

    def _write(self, image: Image) -> Image:
        self._folder.mkdir(exist_ok=True)
        partial = self._facts(image.id).with_suffix(".partial")
        partial.write_text(json.dumps(asdict(image)))
        partial.rename(self._facts(image.id))
        return image

    def _facts(self, id: str) -> Path:
        return self._folder / f"{id}.json"

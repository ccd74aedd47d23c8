"""Images, as the image service knows them."""

from collections.abc import Mapping
from dataclasses import dataclass, field


@dataclass(frozen=True)
class Image:
    """What is known of an image. `properties` are those that people gave it; sizes are 0 or None until it has bytes.

    `hash_algorithm` and `hash_value` are the digest of its bytes, as hashlib calls the one; `checksum` is an MD5.
    """

    id: str
    name: str | None = None
    status: str = "active"
    size_bytes: int = 0
    virtual_size_bytes: int | None = None
    min_disk_gib: int = 0
    min_ram_mib: int = 0
    disk_format: str | None = None
    container_format: str | None = None
    checksum: str | None = None
    hash_algorithm: str | None = None
    hash_value: str | None = None
    visibility: str | None = None
    protected: bool = False
    updated_at: str = ""
    direct_url: str | None = None
    properties: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True)
class NewImage:
    """An image that is to be made. Its id is chosen by who makes it, so that a second attempt finds the first's."""

    id: str
    name: str
    disk_format: str
    container_format: str
    visibility: str | None = None
    protected: bool | None = None
    properties: Mapping[str, str] = field(default_factory=dict)

"""What the workers of a queue are lent for their effects."""

import threading
from collections.abc import Iterator, Sequence
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass
from typing import Protocol

from lapilli.db.engine import Database
from lapilli.model.errors import Malformed
from lapilli.model.protocols.backups import BackupStore, Device
from lapilli.model.protocols.neighbours import Conversions, Images, Servers
from lapilli.model.protocols.storage import StorageDriver
from lapilli.model.protocols.targets import TargetDriver
from lapilli.model.values import Export
from lapilli.scheduler.filters import Filter
from lapilli.scheduler.weighers import Weigher

SCHEDULER_QUEUE = "scheduler"


def volume_queue(service: str) -> str:
    """The queue of a volume service, `host@backend`."""
    return f"volume:{service}"


def backup_queue(host: str) -> str:
    """The queue of a backup service."""
    return f"backup:{host}"


@dataclass(frozen=True)
class Names:
    """How things are called outside the database."""

    volume_template: str = "volume-%s"
    snapshot_template: str = "snapshot-%s"
    target_prefix: str = "iqn.2010-10.org.openstack:"

    def volume(self, id: str) -> str:
        """The volume's name on its backend."""
        return self.volume_template % id

    def snapshot(self, id: str) -> str:
        """The snapshot's name on its backend."""
        return self.snapshot_template % id

    def target(self, volume_id: str) -> str:
        """The IQN of the volume's target."""
        return self.target_prefix + self.volume(volume_id)


class Turns:
    """A lock per name, within this process. One live process serves a backend, so that is enough."""

    def __init__(self) -> None:
        self._guard = threading.Lock()
        self._locks: dict[str, tuple[threading.Lock, int]] = {}

    @contextmanager
    def taken(self, name: str) -> Iterator[None]:
        """Wait for the name's turn, and have it within the block."""
        with self._guard:
            lock, waiting = self._locks.get(name, (threading.Lock(), 0))
            self._locks[name] = lock, waiting + 1
        try:
            with lock:
                yield
        finally:
            with self._guard:
                lock, waiting = self._locks[name]
                if waiting == 1:
                    del self._locks[name]
                else:
                    self._locks[name] = lock, waiting - 1


@dataclass(frozen=True)
class CacheRules:
    """Whose the volumes are that hold images, and how many a backend keeps; 0 is no bound."""

    project_id: str
    user_id: str
    most_gib: int = 0
    most_volumes: int = 0


@dataclass(frozen=True)
class SchedulerDesk:
    """The rules that place volumes."""

    db: Database
    filters: Sequence[Filter]
    weighers: Sequence[Weigher]
    service_down_time_s: float = 60.0
    attempts: int = 3
    """On how many backends a volume is tried before it is in error."""


@dataclass(frozen=True)
class VolumeDesk:
    """One backend: where its bytes lie, and how they are reached."""

    db: Database
    service: str
    driver: StorageDriver
    target: TargetDriver
    names: Names
    turns: Turns
    """Attachments of one volume share its target: whoever changes the target takes the volume's turn first."""

    fixed_credentials: tuple[str, str] | None = None
    """User name and password of all targets, where the operator wants the same for all."""
    takes_discards: bool = False
    images: Images | None = None
    conversions: Conversions | None = None
    cache: CacheRules | None = None
    """Whether volumes that hold images are kept, and for whom."""
    servers: Servers | None = None

    def image_service(self) -> Images:
        """The image service; `Malformed` if there is none."""
        if self.images is None:
            raise Malformed("This volume service knows no image service: see glance_api_servers.")
        return self.images

    def image_tools(self) -> Conversions:
        """What copies between images and volumes; `Malformed` if there is none."""
        if self.conversions is None:
            raise Malformed("This volume service cannot copy images.")
        return self.conversions

    def export_of(self, volume_id: str, number: int, username: str, password: str, size_gib: int) -> Export:
        """The volume's export as it should be."""
        if self.fixed_credentials:
            username, password = self.fixed_credentials
        return Export(
            volume_id=volume_id,
            name=self.names.target(volume_id),
            number=number,
            path=self.driver.path(self.names.volume(volume_id)),
            size_gib=size_gib,
            username=username,
            password=password,
        )


class OpensDevices(Protocol):
    """How a backup service reaches the bytes of a volume: what its volume service said of them becomes a device."""

    def __call__(self, path: str, *, is_written: bool = False) -> AbstractContextManager[Device]:
        """The file or block device at `path`, open; `BackendFailed` if this machine does not reach it."""


@dataclass(frozen=True)
class BackupDesk:
    """A backup service: where its backups go, and how it reaches the bytes of volumes."""

    db: Database
    store: BackupStore
    open_device: OpensDevices
    compression: str = "zlib"
    """One of Cinder's words for the compression of new objects."""

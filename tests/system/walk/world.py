"""A service with two backends and a backup store, in which the walks of the clients begin and end with nothing."""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any, Final

from lapilli.db.engine import Database
from lapilli.targets.tgt_control import TgtControl
from tests.crash.survey import Place, problems
from tests.system.clients import Cinder, OpenStack, Said
from tests.system.service import Service, until

ONE: Final = "node@one"
TWO: Final = "node@two"
SERVER: Final = "44444444-4444-4444-4444-444444444444"
NEEDS_IMAGES: Final[Mapping[str, set[str]]] = {
    "cinder": {"upload-to-image", "reimage"},
    "sdk": {"upload_volume_to_image", "create_image"},
}
"""What needs Keystone and Glance, by the client; `test_walk_images` walks it."""
LEGACY_TYPE: Final = "default_cgsnapshot_type"
"""The group type of consistency groups. It asks for `CONSISTENT` snapshots, which no storage in directories takes."""
CONSISTENT: Final = "consistent_group_snapshot_enabled=<is> True"
_CONFIGURATION: Final = """[DEFAULT]
host = node
cluster = home
default_group_type = bundle
backup_compression_algorithm = zstd
enabled_backends = one,two
[one]
{backend}
directory_path = $state_path/one
[two]
{backend}
directory_path = $state_path/two
"""
_BACKEND: Final = """volume_driver = directory
directory_size_gib = 50
target_helper = tgt
target_ip_address = 127.0.0.1
target_port = {portal}
tgt_control_port = {control}"""
# The names that lists show of a world that nobody has walked in, by the path.
_LISTS: Final[Mapping[str, tuple[str, ...]]] = {
    "/volumes": (),
    "/snapshots": (),
    "/backups": (),
    "/attachments": (),
    "/volume-transfers": (),
    "/groups": (),
    "/group_snapshots": (),
    "/messages": (),
    "/qos-specs": (),
    "/types": ("__DEFAULT__", "fast", "slow"),
    "/group_types": (LEGACY_TYPE,),
}


class World:
    """The service, and what of it can be seen from outside. Volumes of type `fast` are on `ONE`, of `slow` on `TWO`."""

    def __init__(self, service: Service) -> None:
        self.service = service
        control = TgtControl(service.port % 32768, by_socket=True)
        self._places = [Place(ONE, service.data / "one", control), Place(TWO, service.data / "two", control)]

    @property
    def data(self) -> Path:
        """Where its files are; `one` and `two` below it are the backends'."""
        return self.service.data

    def backend_of(self, volume: str) -> str:
        """The backend on whose storage the volume's file is."""
        (place,) = [place for place in self._places if f"volume-{volume}" in place.files()]
        return place.service

    def file_of(self, volume: str) -> Path:
        """The volume's file."""
        return self.data / self.backend_of(volume).partition("@")[2] / f"volume-{volume}"

    def shown(self, kind: str, id: str) -> Any:
        """A resource as the API shows it; `kind` is its name in URLs, without the s."""
        return self.service.ask("GET", f"/{kind}s/{id}")[kind.replace("-", "_")]

    def gone(self, kind: str, id: str) -> None:
        """Wait until the resource is no more."""

        def answer() -> Any:
            return self.service.send("GET", f"/{kind}s/{id}")

        until(lambda: answer().status == 404, lambda: f"{kind} {id} is still there: {answer()}")

    def moved(self, volume: str, backend: str) -> None:
        """Wait until the volume is on a backend, and at rest."""

        def at() -> tuple[str, str, bool]:
            shown = self.shown("volume", volume)
            is_done = shown["migration_status"] in {None, "success"}
            return shown["os-vol-host-attr:host"].partition("#")[0], shown["status"], is_done

        until(lambda: at() == (backend, "available", True), lambda: f"volume {volume} is {at()}: {self.service.said()}")
        assert self.backend_of(volume) == backend

    def write(self, volume: str, data: bytes) -> None:
        """Put bytes at the begin of a volume, as a host would."""
        with self.file_of(volume).open("r+b") as file:
            file.write(data)

    def read(self, volume: str, length: int = 4) -> bytes:
        """The first bytes of a volume."""
        with self.file_of(volume).open("rb") as file:
            return file.read(length)

    def create_types(self) -> None:
        """Make `fast` and `slow`."""
        for name, backend in (("fast", "one"), ("slow", "two")):
            specs = {"volume_backend_name": backend}
            self.service.ask("POST", "/types", {"volume_type": {"name": name, "extra_specs": specs}})

    def left(self) -> list[str]:
        """What is there that was not there at first."""
        found = []
        for path, usual in _LISTS.items():
            every = "?all_tenants=1"
            for listed in self.service.ask("GET", f"{path}{every}").values():
                found += [f"{path}: {each}" for each in listed if each.get("name") not in usual]
        found += [f"{place.service}: {name}" for place in self._places for name in place.files()]
        found += [str(path) for path in (self.data / "backup").rglob("*") if path.is_file()]
        database = Database(f"sqlite:///{self.data / 'lapilli.sqlite'}", pool_size=1)
        with database.read() as tx:
            found += problems(tx, self._places)
        database.close()
        return found


class WalkedCinder(Cinder):
    """`cinder` that remembers which of its sub-commands were called."""

    def __init__(self, endpoint: str, project: str) -> None:
        super().__init__(endpoint, project)
        self.walked: set[str] = set()

    def run(self, *words: str) -> Said:
        said = super().run(*words)
        assert said.code != 2, f"{words} is no way to call it: {said.err}"
        self.walked.add(words[0])
        return said

    def refused(self, *words: str) -> str:
        """What a command says that must fail."""
        said = self.run(*words)
        assert said.code == 1, said
        return said.out + said.err


class WalkedOpenStack(OpenStack):
    """`openstack` that remembers which of the commands `names`, with underlines for blanks, were called."""

    def __init__(self, names: set[str], *options: str) -> None:
        super().__init__(*options)
        self._names = names
        self.walked: set[str] = set()

    def run(self, *words: str) -> Said:
        said = super().run(*words)
        assert said.code != 2, f"{words} is no way to call it: {said.err}"
        begins = {"_".join(words[:count]) for count in range(2, 6)}
        self.walked.update(sorted(begins & self._names, key=len)[-1:])
        return said

    def refused(self, *words: str) -> str:
        """What a command says that must fail."""
        said = self.run(*words)
        assert said.code == 1, said
        return said.out + said.err


class WalkedStorage:
    """The SDK's proxy for block storage, of which it is remembered what was called."""

    def __init__(self, proxy: Any) -> None:
        self._proxy = proxy
        self.walked: set[str] = set()

    def __getattr__(self, name: str) -> Any:
        self.walked.add(name)
        return getattr(self._proxy, name)


@contextmanager
def world(directory: Path) -> Iterator[World]:
    """A new world, for the time of a block."""
    service = Service(directory)
    backend = _BACKEND.format(portal=service.port + 1, control=service.port % 32768)
    service.configure(_CONFIGURATION.format(backend=backend))
    try:
        service.start()
        made = World(service)
        made.create_types()
        yield made
    finally:
        service.remove()

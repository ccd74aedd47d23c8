"""Lapilli as Tempest meets it: each service a process of its own, two backends, and the servers around them."""

import os
import urllib.error
import urllib.request
from collections.abc import Iterator, Mapping
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TypeVar

from lapilli.db import migrate
from lapilli.targets.tgt_control import TgtControl
from tests import mounts
from tests.crash.cluster import Cluster, Daemon
from tests.crash.survey import Place
from tests.servers import MariaDb, RabbitMq
from tests.servers.process import Server, free_port
from tests.system.glance_server import GlanceServer
from tests.system.keystone_server import KeystoneServer
from tests.tempest import seed
from tests.tempest.network import network_service
from tests.tempest.nova_server import NovaServer

AnyServer = TypeVar("AnyServer", bound=Server)

_CONFIGURATION = Path(__file__).with_name("lapilli.conf")
_BACKENDS = ("first", "second")
# Files with holes: little of it is ever written.
_FOLDER_MIB = 64 * 1024
_COMMANDS = {
    "api": ["api"],
    "scheduler": ["scheduler"],
    "volume-first": ["volume", "--backend", "first"],
    "volume-second": ["volume", "--backend", "second"],
    "backup": ["backup"],
}
_NO_COMPUTE = {"nova": "false", "flavor": "", "other_flavor": "", "multiattach_type": ""}


class Lapilli(Cluster):
    """The processes; whoever comes without a token is refused once they are up."""

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}/v3"

    def answers(self) -> bool:
        try:
            urllib.request.urlopen(f"{self.url}/volumes", timeout=5).close()
        except urllib.error.HTTPError as answered:
            return answered.code == 401
        except OSError:
            return False
        return False

    def tell_falls(self) -> None:
        """Print which processes have ended by themselves."""
        for daemon in self.daemons:
            daemon.tend()
            for fall in daemon.falls:
                print(f"lapilli {daemon.name} ended by itself: {fall}")


@dataclass(frozen=True)
class Around:
    """The servers that Lapilli and Nova lean on."""

    keystone: KeystoneServer
    glance: GlanceServer
    broker: RabbitMq
    databases: MariaDb

    def facts(self, directory: Path) -> Mapping[str, str]:
        """What configurations ask for, with a database and a virtual host of one's own."""
        return {
            "broker_url": self.broker.create_vhost(),
            "database_url": self.databases.create_database(),
            "directory": str(directory),
            "glance_url": self.glance.url,
            "keystone_url": self.keystone.url,
            "password": seed.PASSWORD,
            "region": seed.REGION,
        }


@contextmanager
def installed(directory: Path, *, with_nova: bool) -> Iterator[Mapping[str, str]]:
    """A cloud for the time of a block, as the facts that Tempest's configuration asks for. Logs stay in `directory`."""
    with ExitStack() as stack:
        keystone = _serve(stack, KeystoneServer(expiration_s=24 * 3600))
        around = Around(
            keystone, _serve(stack, GlanceServer(keystone)), _serve(stack, RabbitMq()), _serve(stack, MariaDb())
        )
        seed.service_user(keystone, "cinder")
        facts = around.facts(directory)
        folders = {name: _folder(stack, directory / name) for name in _BACKENDS}
        lapilli = _lapilli(directory, facts, folders)
        stack.callback(lapilli.stop)
        lapilli.start()
        for kind in ("block-storage", "volumev3"):
            seed.endpoint(keystone, kind, f"{lapilli.url}/%(project_id)s")
        seed.endpoint(keystone, "network", stack.enter_context(network_service()))
        images = {name: seed.image(keystone, around.glance.url, name) for name in ("image", "other_image")}
        compute = _compute(stack, around, directory, lapilli.url) if with_nova else _NO_COMPUTE
        yield {**facts, **images, **compute}
        lapilli.tell_falls()


def _compute(stack: ExitStack, around: Around, directory: Path, volumes_url: str) -> Mapping[str, str]:
    nova = NovaServer(around.facts(directory), around.databases)
    for name in ("nova", "placement"):
        seed.service_user(around.keystone, name)
    seed.endpoint(around.keystone, "compute", nova.url)
    seed.endpoint(around.keystone, "placement", nova.placement_url)
    _serve(stack, nova)
    return {
        "nova": "true",
        "flavor": seed.flavor(around.keystone, nova.url, "small", ram=64),
        "other_flavor": seed.flavor(around.keystone, nova.url, "large", ram=128),
        "multiattach_type": seed.multiattach_type(around.keystone, volumes_url),
    }


def _serve(stack: ExitStack, server: AnyServer) -> AnyServer:
    stack.callback(server.remove)
    server.start()
    return server


def _folder(stack: ExitStack, directory: Path) -> Path:
    """Where a backend keeps its volumes: for root on xfs, for without reflinks a volume in use has no snapshots."""
    directory.mkdir()
    return stack.enter_context(mounts.image(directory, "xfs", _FOLDER_MIB)) if os.geteuid() == 0 else directory


def _lapilli(directory: Path, facts: Mapping[str, str], folders: Mapping[str, Path]) -> Lapilli:
    port, *target_ports = (free_port() for _ in range(3))
    config = directory / "lapilli.conf"
    ports = {"port": port, "first_port": target_ports[0], "second_port": target_ports[1]}
    kept = {f"{name}_folder": folder for name, folder in folders.items()}
    config.write_text(_CONFIGURATION.read_text().format(**facts, **ports, **kept))
    migrate.upgrade(facts["database_url"])
    daemons = [
        Daemon(name, [*argv, "--config", str(config)], directory / f"{name}.log", serves_http=name == "api")
        for name, argv in _COMMANDS.items()
    ]
    places = [
        Place(f"node@{name}", folders[name], TgtControl(target_port, by_socket=True))
        for name, target_port in zip(_BACKENDS, target_ports, strict=True)
    ]
    return Lapilli(port, daemons, places, target_ports, facts["database_url"])

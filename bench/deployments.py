"""The service under test, in the two ways it is run: all in one process, or as separate processes."""

import os
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Collection, Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Final, Self

from bench.bytecode import environment
from bench.client import Client
from bench.meter import Parts, children
from lapilli.db import migrate
from lapilli.settings.database import sqlalchemy_url
from tests.servers import RabbitMq
from tests.servers.database import DatabaseServer
from tests.servers.process import Server, free_port

_STARTS_WITHIN_S: Final = 60
_ENDS_WITHIN_S: Final = 30
_PROGRAM: Final = Path(sys.executable).with_name("lapilli")
_SETTINGS: Final = """[DEFAULT]
auth_strategy = noauth
host = bench
quota_volumes = -1
quota_snapshots = -1
quota_gigabytes = -1

[directory]
max_over_subscription_ratio = 1000
"""
_SEPARATE: Final = """volume_driver = directory
directory_path = {data}/volumes
target_helper = tgt
target_ip_address = 127.0.0.1
target_port = {target_port}
tgt_control_port = {target_port}

[DEFAULT]
osapi_volume_listen = 127.0.0.1
osapi_volume_listen_port = {port}
osapi_volume_workers = 2
project_id_regex = .*
state_path = {data}
transport_url = {broker}
enabled_backends = directory

[database]
connection = {database}
max_pool_size = 20
"""
POOL: Final = "bench@directory#directory"


class Deployment:
    """A service with a database and data of its own, started and stopped any number of times.

    `commands` are the processes by name; `outside` those that serve it without being started with it.
    """

    def __init__(
        self,
        data: Path,
        port: int,
        database: str,
        commands: Mapping[str, Sequence[str]],
        outside: Mapping[str, set[int]],
    ) -> None:
        self.data = data
        self.database = database
        self._port = port
        self._commands = commands
        self._outside = outside

    @contextmanager
    def running(self) -> Iterator[tuple[Client, Parts]]:
        """The service, ready to work within the block."""
        log = self.data / "log"
        log.write_bytes(b"")
        processes = {name: _start(arguments, log) for name, arguments in self._commands.items()}
        try:
            client = Client(self._port)
            deadline = time.monotonic() + _STARTS_WITHIN_S
            while not ("is ready" in log.read_text() and client.is_answered()):
                if any(process.poll() is not None for process in processes.values()) or time.monotonic() > deadline:
                    raise RuntimeError(f"The service did not start:\n{log.read_text()[-4000:]}")
                time.sleep(0.005)
            yield client, Parts({**{name: {process.pid} for name, process in processes.items()}, **self._outside})
        finally:
            _end(processes.values())


class AllInOne:
    """`lapilli up`: SQLite, and the API under cheroot."""

    label = "all in one, SQLite"

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *exc: object) -> None:
        pass

    @contextmanager
    def deployment(self) -> Iterator[Deployment]:
        """A service that has never run."""
        with _data() as data:
            port = free_port()
            (data / "cinder.conf").write_text(_SETTINGS)
            command = ["up", "--listen", f"127.0.0.1:{port}", "--data", str(data), "--config", f"{data}/cinder.conf"]
            yield Deployment(data, port, f"sqlite:///{data}/lapilli.sqlite", {"lapilli": command}, {})


class Separate:
    """A process for each service, the API under granian, RabbitMQ and a database server."""

    def __init__(self, label: str, kind: type[DatabaseServer]) -> None:
        self.label = f"separate processes, {label}, RabbitMQ"
        self._kind = kind

    def __enter__(self) -> Self:
        self._database, self._broker = self._kind(), RabbitMq()
        self._outside = {"database": _started(self._database), "broker": _started(self._broker)}
        return self

    def __exit__(self, *exc: object) -> None:
        self._broker.remove()
        self._database.remove()

    @contextmanager
    def deployment(self) -> Iterator[Deployment]:
        """A service that has never run, with an empty database."""
        url, broker = self._database.create_database(), self._broker.create_vhost()
        with _data() as data:
            port, config = free_port(), data / "cinder.conf"
            places = {"port": port, "target_port": free_port(), "data": data, "database": url, "broker": broker}
            config.write_text(_SETTINGS + _SEPARATE.format(**places))
            migrate.upgrade(sqlalchemy_url(url))
            commands = {name: [name, "--config", str(config)] for name in ("api", "scheduler", "volume")}
            yield Deployment(data, port, sqlalchemy_url(url), commands, self._outside)
        self._broker.drop_vhost(broker)
        self._database.drop_database(url)


@contextmanager
def _data() -> Iterator[Path]:
    with tempfile.TemporaryDirectory(prefix="lapilli-bench-") as data:
        yield Path(data)


def _start(arguments: Sequence[str], log: Path) -> subprocess.Popen[bytes]:
    with log.open("ab") as end:
        return subprocess.Popen([_PROGRAM, *arguments], env=environment(), stdout=end, stderr=end)


def _started(server: Server) -> set[int]:
    """Start a server; returns the processes that it began with."""
    before = children(os.getpid())
    server.start()
    return children(os.getpid()) - before


def _end(processes: Collection[subprocess.Popen[bytes]]) -> None:
    """End the services, and their target daemons, which would go on."""
    daemons = {child for process in processes for child in children(process.pid) if _is_daemon(child)}
    for process in processes:
        process.terminate()
    for process in processes:
        process.wait(_ENDS_WITHIN_S)
    for daemon in daemons:
        if _is_daemon(daemon):
            os.kill(daemon, signal.SIGKILL)


def _is_daemon(pid: int) -> bool:
    with suppress(FileNotFoundError):
        return Path(f"/proc/{pid}/comm").read_text() == "tgtd\n"
    return False

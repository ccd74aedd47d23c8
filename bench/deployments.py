"""The service under test, in the two ways it is run: all in one process, or as separate processes."""

import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import Final

from bench.client import Client
from bench.meter import Parts, children
from lapilli.cmd.main import lapilli
from lapilli.db import migrate
from tests.servers import MariaDb, PostgreSql, RabbitMq
from tests.servers.process import free_port

_STARTS_WITHIN_S: Final = 60
_SETTINGS: Final = """[DEFAULT]
auth_strategy = noauth
host = bench
quota_volumes = -1
quota_snapshots = -1
quota_gigabytes = -1
max_pool_size = 20
osapi_volume_listen = 127.0.0.1
"""
_SEPARATE: Final = """osapi_volume_listen_port = {port}
osapi_volume_workers = 2
project_id_regex = .*
state_path = {data}
transport_url = {broker}
enabled_backends = directory

[database]
connection = {database}

[directory]
volume_driver = directory
directory_path = {data}/volumes
target_helper = tgt
target_ip_address = 127.0.0.1
target_port = {target_port}
tgt_control_port = {target_port}
"""
POOL: Final = "bench@directory#directory"


class Deployment:
    """A service with a database and data of its own, started and stopped any number of times."""

    def __init__(self, data: Path, database: str, commands: Mapping[str, list[str]], port: int) -> None:
        self.data = data
        self.database = database
        self.port = port
        self.outside: dict[str, set[int]] = {}
        """Processes that serve it without being started with it: database and broker."""
        self._commands = commands

    @contextmanager
    def running(self) -> Iterator[tuple[Client, Parts]]:
        """The service, ready to work within the block."""
        processes: dict[str, subprocess.Popen[bytes]] = {}
        try:
            with (self.data / "log").open("ab") as log:
                for name, arguments in self._commands.items():
                    argv = [sys.executable, "-m", "lapilli", *arguments]
                    processes[name] = subprocess.Popen(argv, stdout=log, stderr=log)
            client = Client(self.port)
            self._await(client, processes)
            yield client, Parts({name: {process.pid} for name, process in processes.items()} | self.outside)
        finally:
            _end(processes.values())

    def _await(self, client: Client, processes: Mapping[str, subprocess.Popen[bytes]]) -> None:
        """Return when the API answers and every service is up, as it says itself."""
        deadline = time.monotonic() + _STARTS_WITHIN_S
        while not client.is_ready():
            ended = [name for name, process in processes.items() if process.poll() is not None]
            if ended or time.monotonic() > deadline:
                log = (self.data / "log").read_text()
                raise RuntimeError(f"{', '.join(ended) or 'the service'} did not start:\n{log[-4000:]}")
            time.sleep(0.005)


def _end(processes: Iterator[subprocess.Popen[bytes]]) -> None:
    daemons = {child for process in processes for child in children(process.pid)}
    for process in processes:
        process.terminate()
    for process in processes:
        process.wait(30)

"""The real commands as processes that can be killed and started again, one by one; those that fall over by themselves
are started again too, and counted.
"""

import http.client
import os
import signal
import subprocess
import sys
import time
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path

from lapilli.db import migrate
from lapilli.db.engine import Database
from lapilli.targets.tgt_control import TgtControl
from tests.crash.survey import Place
from tests.crash.tgt import remove_socket
from tests.servers import RabbitMq
from tests.servers.process import free_port

_LAPILLI = Path(sys.executable).parent / "lapilli"
_DEFAULT = """\
[DEFAULT]
auth_strategy = noauth
host = node
report_interval = 1
backend_stats_polling_interval = 3
quota_volumes = -1
quota_snapshots = -1
quota_gigabytes = -1
"""
_BACKEND = """
[{name}]
volume_driver = directory
directory_path = {directory}/{name}
max_over_subscription_ratio = 20
target_helper = tgt
target_ip_address = 127.0.0.1
target_port = {port}
tgt_control_port = {port}
tgt_state_path = {directory}/tgt-{name}
"""
_SEPARATE = """\
enabled_backends = first,second
state_path = {directory}
osapi_volume_listen = 127.0.0.1
osapi_volume_listen_port = {port}
osapi_volume_workers = 1
transport_url = {amqp}

[database]
connection = {database}
"""


@dataclass
class Daemon:
    """One command of Lapilli's. It dies with the test, however that dies."""

    name: str
    argv: Sequence[str]
    log: Path
    serves_http: bool = False
    kills: int = 0
    falls: list[str] = field(default_factory=list)
    """The last line of the log, each time it ended by itself."""
    _process: subprocess.Popen[bytes] | None = None

    def start(self) -> None:
        with self.log.open("ab") as log:
            self._process = subprocess.Popen(
                ["setpriv", "--pdeathsig=KILL", "--", str(_LAPILLI), *self.argv], stdout=log, stderr=log
            )

    def kill(self) -> None:
        if self._process and self._process.poll() is None:
            self._process.kill()
            self.kills += 1
            self._process.wait()

    def stop(self) -> None:
        """Ask it to end."""
        if self._process and self._process.poll() is None:
            self._process.send_signal(signal.SIGINT)
            self._process.wait(60)

    def tend(self) -> None:
        """Start it again if it has ended by itself."""
        if self._process and self._process.poll() is not None:
            last = self.log.read_text().splitlines()[-1:] or ["no message"]
            self.falls.append(f"{self._process.returncode}, {last[0]}")
            self.start()


@dataclass
class Cluster:
    """All processes of an installation, and where its world is seen from outside."""

    port: int
    daemons: Sequence[Daemon]
    places: Sequence[Place]
    tgt_ports: Sequence[int]
    database_url: str
    broker: RabbitMq | None = None
    tgt_kills: int = 0
    broker_kills: int = 0

    def start(self) -> None:
        for daemon in self.daemons:
            daemon.start()
        self.wait_until_up()

    def stop(self) -> None:
        """End everything, the daemons of the targets last."""
        for daemon in self.daemons:
            with suppress(subprocess.TimeoutExpired):
                daemon.stop()
        for place, port in zip(self.places, self.tgt_ports, strict=True):
            self._end_tgt(place.control)
            remove_socket(port)

    def kill(self, daemon: Daemon) -> None:
        """Kill a process as a power cut would, and start it again."""
        daemon.kill()
        daemon.start()

    def kill_tgt(self, place: Place) -> None:
        """Kill the daemon that exports a backend; its volume service has to notice."""
        self._end_tgt(place.control)
        self.tgt_kills += 1

    def kill_broker(self, broker: RabbitMq) -> None:
        """Kill the broker, and start it again."""
        broker.kill()
        broker.start()
        self.broker_kills += 1

    def answers(self) -> bool:
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=5)
        try:
            connection.request("GET", "/v3/p/volumes?limit=1")
            return connection.getresponse().status == 200
        except OSError:
            return False
        finally:
            connection.close()

    def wait_until_up(self) -> None:
        deadline = time.monotonic() + 60
        while not self.answers():
            assert time.monotonic() < deadline, f"the API does not come up: {self.ends_of_logs()}"
            for daemon in self.daemons:
                daemon.tend()
            time.sleep(0.1)

    def database(self) -> Database:
        return Database(self.database_url, pool_size=2)

    def ends_of_logs(self) -> str:
        return "\n".join(f"{each.name}: {each.log.read_text()[-2000:]}" for each in self.daemons)

    @staticmethod
    def _end_tgt(control: TgtControl) -> None:
        if pid := control.daemon_pid():
            os.kill(pid, signal.SIGKILL)
            while control.daemon_pid() == pid:
                time.sleep(0.01)


def all_in_one(directory: Path) -> Cluster:
    """`lapilli up`, with SQLite."""
    port = free_port()
    config = directory / "lapilli.conf"
    config.write_text(_DEFAULT + "\n[directory]\nmax_over_subscription_ratio = 20\n")
    data = directory / "data"
    argv = ["up", "--listen", f"127.0.0.1:{port}", "--data", str(data), "--config", str(config)]
    place = Place("node@directory", data / "volumes", TgtControl(port % 32768, by_socket=True))
    database = f"sqlite:///{data / 'lapilli.sqlite'}"
    return Cluster(
        port, [Daemon("lapilli up", argv, directory / "up.log", serves_http=True)], [place], [port % 32768], database
    )


def separate(directory: Path, database_url: str, amqp_url: str) -> Cluster:
    """An API, two schedulers, and a volume service for each of two backends."""
    port, *target_ports = (free_port() for _ in range(3))
    config = directory / "lapilli.conf"
    places = []
    text = _DEFAULT + _SEPARATE.format(directory=directory, port=port, amqp=amqp_url, database=database_url)
    for name, target_port in zip(("first", "second"), target_ports, strict=True):
        text += _BACKEND.format(name=name, directory=directory, port=target_port)
        places.append(Place(f"node@{name}", directory / name, TgtControl(target_port, by_socket=True)))
    config.write_text(text)
    migrate.upgrade(database_url)
    commands = {
        "api": ["api"],
        "scheduler 1": ["scheduler"],
        "scheduler 2": ["scheduler"],
        "volume first": ["volume", "--backend", "first"],
        "volume second": ["volume", "--backend", "second"],
    }
    daemons = [
        Daemon(name, [*argv, "--config", str(config)], directory / f"{name}.log", serves_http=name == "api")
        for name, argv in commands.items()
    ]
    return Cluster(port, daemons, places, target_ports, database_url)

"""A private Nova 34 with its fake hypervisor, and Placement: a real client that attaches volumes to no real machine."""

import shutil
import subprocess
import time
import urllib.error
import urllib.request
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from pathlib import Path

from sqlalchemy import create_engine, make_url

from tests.servers import MariaDb
from tests.servers.openstack import place
from tests.servers.process import STOP_S, Server, free_port

_HERE = Path(__file__).parent
_WSGI = {"placement": "placement.wsgi.api", "nova": "nova.wsgi.osapi_compute"}
# Nova reads the arguments of whatever program it runs in.
_APPLICATION = "import sys\nsys.argv = ['{name}']\nfrom {module} import application\n"
_DATABASES = ("nova", "api", "cell0", "placement")
_LOGIN = """auth_url = {keystone_url}
auth_type = password
username = nova
password = {password}
project_name = service
user_domain_id = default
project_domain_id = default
region_name = {region}
"""


class NovaServer(Server):
    """`url` is the API's, `placement_url` Placement's. Both belong into the catalogue before the start."""

    # It fills four databases.
    starts_within_s = 300.0

    def __init__(self, facts: Mapping[str, str], databases: MariaDb) -> None:
        self._place = place("nova")
        super().__init__()
        self._ports = {name: free_port() for name in _WSGI}
        self.url = f"http://127.0.0.1:{self._ports['nova']}/v2.1"
        self.placement_url = f"http://127.0.0.1:{self._ports['placement']}"
        self._facts = {**facts, "directory": str(self.directory)}
        self._facts["login"] = _LOGIN.format(**facts)
        self._urls = {f"{name}_url": _database(databases) for name in _DATABASES}
        self._others: list[subprocess.Popen[bytes]] = []

    def prepare(self) -> None:
        for name, module in _WSGI.items():
            text = (_HERE / f"{name}.conf").read_text().format(**self._facts, **self._urls)
            (self.directory / f"{name}.conf").write_text(text)
            (self.directory / f"served_{name}.py").write_text(_APPLICATION.format(name=name, module=module))
        shutil.copy(_HERE / "hypervisor.py", self.directory)
        shutil.copy(self._place / "etc/nova/api-paste.ini", self.directory)
        for name in ("state", "locks"):
            (self.directory / name).mkdir()
            (self.directory / name).chmod(0o777)
        self.run(self._program("placement-manage"), self._configuration("placement"), "db", "sync")
        self._manage("api_db", "sync")
        self._manage("cell_v2", "map_cell0", "--database_connection", self._urls["cell0_url"])
        self._manage("db", "sync")
        self._manage("cell_v2", "create_cell", "--name", "cell1")

    def start(self) -> None:
        super().start()
        if self._others:
            return
        self._others.append(self.spawn(*self._gunicorn("placement")))
        _await(lambda: _answers(self.placement_url), "Placement does not answer", self)
        hypervisor = [self._program("python"), str(self.directory / "hypervisor.py")]
        for program in ([self._program("nova-conductor")], [self._program("nova-scheduler")], hypervisor):
            self._others.append(self.spawn(*program, self._configuration("nova")))
        _await(self._has_host, "the fake hypervisor does not register", self)

    def kill(self) -> None:
        for process in self._others:
            process.terminate()  # killed at once, Nova's masters would leave their workers behind
        for process in self._others:
            with suppress(subprocess.TimeoutExpired):
                process.wait(STOP_S)
            process.kill()
            process.wait()
        self._others.clear()
        super().kill()

    def command(self) -> Sequence[str]:
        return self._gunicorn("nova")

    def environment(self) -> Mapping[str, str]:
        here = str(self.directory)
        return {"OS_NOVA_CONFIG_DIR": here, "OS_PLACEMENT_CONFIG_DIR": here, "PYTHONWARNINGS": "ignore"}

    def answers(self) -> bool:
        return _answers(self.url)

    def _gunicorn(self, name: str) -> Sequence[str]:
        listen = [f"--bind=127.0.0.1:{self._ports[name]}", "--no-control-socket"]
        return [self._program("gunicorn"), *listen, "--threads=8", "--timeout=300", f"served_{name}:application"]

    def _program(self, name: str) -> str:
        return str(self._place / "bin" / name)

    def _configuration(self, name: str) -> str:
        return f"--config-file={self.directory / name}.conf"

    def _manage(self, *words: str) -> None:
        self.run(self._program("nova-manage"), self._configuration("nova"), *words)

    def _has_host(self) -> bool:
        """Servers are placed on a host once its cell knows it."""
        self._manage("cell_v2", "discover_hosts", "--verbose")
        return "Creating host mapping" in self.end_of_log()


def _await(done: Callable[[], bool], otherwise: str, server: Server) -> None:
    deadline = time.monotonic() + server.starts_within_s
    while not done():
        if time.monotonic() > deadline:
            raise RuntimeError(f"{otherwise}:\n{server.end_of_log()}")
        time.sleep(0.5)


def _database(server: MariaDb) -> str:
    url = server.create_database()
    engine = create_engine(url)
    with engine.connect() as connection:
        # Some of Nova's keys are too long for four bytes per character.
        connection.exec_driver_sql(f"ALTER DATABASE {make_url(url).database} CHARACTER SET utf8mb3")
    engine.dispose()
    return make_url(url).set(drivername="mysql+pymysql").render_as_string(hide_password=False)


def _answers(url: str) -> bool:
    try:
        urllib.request.urlopen(url, timeout=10).close()
    except urllib.error.HTTPError as answered:
        return answered.code < 500
    except OSError:
        return False
    return True

"""The machine of the first seed's operator: its names and addresses, and the servers that its `cinder.conf` counts on.

Database, broker and Keystone are the real ones, at the ports and with the accounts that stand in that file.
"""

import sys
import urllib.request
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path

from tests.crash.cluster import Daemon
from tests.kernel.machine import run, wait_for
from tests.servers import MariaDb, RabbitMq
from tests.system.clients import VERSION, Cinder
from tests.system.glance_server import made
from tests.system.keystone_server import KeystoneServer
from tests.tempest import seed

CONFIGURATION = Path(__file__).parents[1] / "unit/settings/data/two_lvm_backends.conf"
ADDRESS = "192.168.2.30"
_SERVICES = ("api", "scheduler", "volume")


class Database(MariaDb):
    """With the account and the database of `sql_connection`."""

    def __init__(self) -> None:
        super().__init__()
        self._port = 3306
        self.url = "mysql+mysqldb://lapilli:lapilli@127.0.0.1:3306/mysql"

    def prepare(self) -> None:
        super().prepare()
        with self._account.open("a") as account:
            account.write("CREATE DATABASE IF NOT EXISTS cinder;\n")
            account.write("GRANT ALL ON cinder.* TO cinder IDENTIFIED BY 'caldera123';\n")


class Broker(RabbitMq):
    """At the port that `rabbit_port` names. In a guest on a busy machine Erlang takes minutes to start."""

    starts_within_s = 300.0

    def __init__(self) -> None:
        super().__init__()
        self.port = 5672


class Identity(KeystoneServer):
    """At the port that `auth_port` names."""

    def __init__(self) -> None:
        super().__init__()
        self._port = 35357
        self.url = "http://127.0.0.1:35357/v3"

    def add_service_account(self) -> None:
        """What `[keystone_authtoken]` logs in as: the file's own words, asterisks and all."""
        admin = self.administrator()
        project = made(admin, "project", name="services", domain_id="default")
        user = made(admin, "user", name="cinder", password="******", domain_id="default")
        for role in ("admin", "service"):
            admin.put(f"/projects/{project}/users/{user}/roles/{made(admin, 'role', name=role)}")


class AdminCinder(Cinder):
    """`cinder` with the words that a cloud's administrator has in the environment."""

    def __init__(self) -> None:
        who = ["--os-username", "admin", "--os-password", "secret", "--os-project-name", "admin"]
        domains = ["--os-user-domain-id", "default", "--os-project-domain-id", "default"]
        url = ["--os-auth-url", "http://controller:35357/v3"]
        self._options = [*url, *who, *domains, "--os-volume-api-version", VERSION]


def cinder_manage(*words: str) -> str:
    """What `cinder-manage` prints."""
    return run(str(Path(sys.executable).with_name("cinder-manage")), "--config-file", str(CONFIGURATION), *words)


@contextmanager
def controller(logs: Path) -> Iterator[AdminCinder]:
    """The machine with its services up, and `cinder`. What the services print is in `logs`."""
    _name_and_address()
    with ExitStack() as stack:
        database, broker, identity = Database(), Broker(), Identity()
        for server in (database, broker, identity):
            stack.callback(server.remove)
            server.start()
        broker.add_user("guest", "guest")
        identity.add_service_account()
        for kind in ("block-storage", "volumev3"):
            seed.endpoint(identity, kind, "http://controller:8776/v3/%(project_id)s")
        Path("/var/log/cinder").mkdir(parents=True, exist_ok=True)
        cinder_manage("db", "sync")
        for name in _SERVICES:
            daemon = Daemon(name, [name, "--config-file", str(CONFIGURATION)], logs / f"{name}.log")
            stack.callback(daemon.stop)
            daemon.start()
        wait_for(_api_answers)
        yield AdminCinder()


def _name_and_address() -> None:
    run("hostname", "controller")
    with Path("/etc/hosts").open("a") as hosts:
        hosts.write("127.0.0.1 controller caldara01\n")
    run("ip", "link", "add", "storage-net", "type", "dummy")
    run("ip", "address", "add", f"{ADDRESS}/24", "dev", "storage-net")
    run("ip", "link", "set", "storage-net", "up")


def _api_answers() -> bool:
    try:
        with urllib.request.urlopen("http://controller:8776/healthcheck", timeout=10) as answer:
            return bool(answer.status == 200)
    except OSError:
        return False

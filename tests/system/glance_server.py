"""A private Glance 33 on SQLite and files, in a virtual environment of its own that the first run installs."""

import urllib.error
import urllib.request
from collections.abc import Mapping, Sequence
from http import HTTPStatus
from typing import Any

from keystoneauth1.adapter import Adapter

from tests.servers.openstack import place
from tests.servers.process import Server, free_port
from tests.system.keystone_server import KeystoneServer

CONFIGURATION = """[DEFAULT]
enabled_backends = files:file
public_endpoint = {url}
worker_self_reference_url = {url}
show_multiple_locations = true
node_staging_uri = file://{directory}/staging
[database]
connection = sqlite:///{directory}/glance.db
[glance_store]
default_backend = files
[files]
filesystem_store_datadir = {directory}/images
[os_glance_staging_store]
filesystem_store_datadir = {directory}/staging
[os_glance_tasks_store]
filesystem_store_datadir = {directory}/tasks
[keystone_authtoken]
www_authenticate_uri = {keystone}
auth_url = {keystone}
auth_type = password
username = glance
password = secret
project_name = service
user_domain_id = default
project_domain_id = default
service_token_roles = service
service_token_roles_required = true
[paste_deploy]
flavor = keystone
config_file = {paste}
[oslo_messaging_notifications]
driver = noop
[oslo_concurrency]
lock_path = {directory}
"""
# Glance reads the arguments of whatever program it runs in, and its configuration from OS_GLANCE_CONFIG_DIR.
APPLICATION = """import sys
sys.argv = ["glance-api"]
from glance.wsgi.api import application
"""


class GlanceServer(Server):
    """`url` is its endpoint, which it enters into the catalog of `keystone`. That server has to run already."""

    def __init__(self, keystone: KeystoneServer) -> None:
        self._place = place("glance")
        super().__init__()
        self._keystone = keystone
        self._port = free_port()
        self.url = f"http://127.0.0.1:{self._port}"

    def prepare(self) -> None:
        for name in ("images", "staging", "tasks"):
            folder = self.directory / name
            folder.mkdir()
            folder.chmod(0o777)
        text = CONFIGURATION.format(
            directory=self.directory,
            url=self.url,
            keystone=self._keystone.url,
            paste=self._place / "etc/glance/glance-api-paste.ini",
        )
        (self.directory / "glance-api.conf").write_text(text)
        (self.directory / "served.py").write_text(APPLICATION)
        configuration = f"--config-file={self.directory / 'glance-api.conf'}"
        self.run(str(self._place / "bin" / "glance-manage"), configuration, "db_sync")
        self._register(self._keystone.administrator())

    def command(self) -> Sequence[str]:
        listen = f"--bind=127.0.0.1:{self._port}"
        threads = ("--worker-class=gthread", "--threads=4")
        return [str(self._place / "bin" / "gunicorn"), listen, *threads, "--no-control-socket", "served:application"]

    def environment(self) -> Mapping[str, str]:
        return {"OS_GLANCE_CONFIG_DIR": str(self.directory), "PYTHONWARNINGS": "ignore"}

    def answers(self) -> bool:
        try:
            urllib.request.urlopen(self.url, timeout=10)
        except urllib.error.HTTPError as answer:
            return answer.code == HTTPStatus.MULTIPLE_CHOICES
        except (urllib.error.URLError, OSError):
            return False
        return True

    def _register(self, admin: Adapter) -> None:
        """Its user in Keystone, and its endpoints in the catalog."""
        project = made(admin, "project", name="service", domain_id="default")
        user = made(admin, "user", name="glance", password="secret", domain_id="default")
        for role in ("service", "admin"):
            admin.put(f"/projects/{project}/users/{user}/roles/{made(admin, 'role', name=role)}")
        service = made(admin, "service", name="glance", type="image")
        for interface in ("public", "internal", "admin"):
            facts = {"interface": interface, "url": self.url, "service_id": service, "region_id": "RegionOne"}
            admin.post("/endpoints", json={"endpoint": facts})


def made(admin: Adapter, kind: str, *, name: str, **facts: Any) -> str:
    """The id of what has that name in Keystone; it is made if it is not there."""
    found = admin.get(f"/{kind}s", params={"name": name}).json()[f"{kind}s"]
    made = found[0] if found else admin.post(f"/{kind}s", json={kind: {"name": name, **facts}}).json()[kind]
    return str(made["id"])

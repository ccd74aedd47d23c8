"""A service with Keystone and Glance, and the clients as users of them have them."""

import urllib.error
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, Final

import openstack

from tests.system.glance_server import made
from tests.system.image_cloud import ImageCloud
from tests.system.service import Service, until
from tests.system.walk.world import WalkedCinder, WalkedOpenStack

_CONFIGURATION: Final = """[DEFAULT]
host = node
auth_strategy = keystone
[keystone_authtoken]
auth_url = {auth_url}
username = cinder
password = secret
project_name = service
"""


class Guarded(Service):
    """A service that lets nobody in without a token, seen from the clients of Keystone's users."""

    cloud: ImageCloud

    def _answers(self) -> bool:
        assert self._process
        assert self._process.poll() is None, self.said()
        try:
            with urllib.request.urlopen(f"http://127.0.0.1:{self.port}/healthcheck", timeout=10) as answer:
                return bool(answer.status == 200)
        except (urllib.error.URLError, OSError):
            return False

    def cinder(self, user: str) -> WalkedCinder:
        """`cinder` of a user, in the project of the same name."""
        return _Cinder(self._login(user))

    def openstack(self, user: str, names: set[str]) -> WalkedOpenStack:
        """`openstack` of a user, in the project of the same name."""
        return WalkedOpenStack(names, *self._login(user))

    def sdk(self, user: str) -> Any:
        """A connection of a user, in the project of the same name, whose `block_storage` remembers its calls."""
        who = {"username": user, "password": "secret", "project_name": user}
        domains = {"user_domain_id": "default", "project_domain_id": "default"}
        url = self.cloud.keystone.url
        return openstack.connect(auth={"auth_url": url, **who, **domains}, block_storage_default_microversion="3.71")

    def _login(self, user: str) -> list[str]:
        who = ["--os-username", user, "--os-password", "secret", "--os-project-name", user]
        domains = ["--os-user-domain-id", "default", "--os-project-domain-id", "default"]
        return ["--os-auth-url", self.cloud.keystone.url, *who, *domains]

    def rest(self, cinder: WalkedCinder, volume: str) -> Path:
        """Wait until the volume is available; its file."""

        def status() -> str:
            return cinder.ask("show", volume).facts["status"]

        until(lambda: status() == "available" or "error" in status(), status)
        assert status() == "available", self.said()
        return self.data / "volumes" / f"volume-{volume}"


class _Cinder(WalkedCinder):
    def __init__(self, login: list[str]) -> None:
        super().__init__("", "")
        self._options = [*login, "--os-volume-api-version", "3.70"]


@contextmanager
def guarded(directory: Path, cloud: ImageCloud) -> Iterator[Guarded]:
    """The service, which the catalog names for the time of a block."""
    service = Guarded(directory, _CONFIGURATION.format(auth_url=cloud.keystone.url.removesuffix("/v3")))
    service.cloud = cloud
    admin = cloud.keystone.administrator()
    service_id = made(admin, "service", type="volumev3", name="lapilli")
    try:
        service.start()
        url = f"http://127.0.0.1:{service.port}/v3/%(project_id)s"
        endpoint = {"service_id": service_id, "interface": "public", "url": url, "region_id": "RegionOne"}
        admin.post("/endpoints", json={"endpoint": endpoint})
        yield service
    finally:
        service.remove()
        admin.delete(f"/services/{service_id}")

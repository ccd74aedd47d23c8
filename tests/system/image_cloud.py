"""A Keystone and a Glance with two tenants, and the service user `cinder` who acts for both."""

import functools
import io
import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

from keystoneauth1.adapter import Adapter

from lapilli.clients.connect import glance
from lapilli.clients.glance import Glance
from lapilli.clients.settings import GlanceLogin, GlanceSettings, ServiceUserSettings
from lapilli.model.images import Image
from lapilli.model.values import Caller
from tests.system.glance_server import GlanceServer, made
from tests.system.keystone_server import KeystoneServer


@dataclass(eq=False)
class ImageCloud:
    """The servers, and what users and this service see of them."""

    keystone: KeystoneServer
    server: GlanceServer

    def login(self) -> dict[str, Any]:
        """The options of this service's login."""
        url = self.keystone.url.removesuffix("/v3")
        return {"auth_url": url, "username": "cinder", "password": "secret", "project_name": "service"}

    def client(self, *, vouches: bool = False, **settings: Any) -> Glance:
        """The client under test, with changed settings."""
        settings = {"glance_num_retries": 0, **settings}
        service_user = ServiceUserSettings(**self.login(), send_service_user_token=vouches)
        return glance(GlanceSettings(**settings), GlanceLogin(**self.login()), GlanceLogin(), service_user)

    @functools.cache  # noqa: B019 - the cloud lives as long as the session
    def user(self, name: str) -> Adapter:
        """Requests to Glance of `mia` or `ben`, each in a project of the same name."""
        adapter = self.keystone.user(name, "secret", name)
        adapter.endpoint_override = f"{self.server.url}/v2"
        return adapter

    def caller(self, name: str) -> Caller:
        """What this service knows of the user who asks it."""
        user = self.user(name)
        project, token = user.get_project_id(), user.get_token()
        assert project
        assert token
        return Caller(str(user.get_user_id()), project, frozenset({"member"}), is_admin=False, token=token)

    def image(self, data: bytes, *, owner: str = "mia", disk_format: str = "raw", **facts: Any) -> str:
        """A new image of a user's with these bytes; its id."""
        facts = {"name": uuid.uuid4().hex, "disk_format": disk_format, "container_format": "bare", **facts}
        image_id = self.user(owner).post("/images", json=facts).json()["id"]
        kind = {"Content-Type": "application/octet-stream"}
        self.user(owner).put(f"/images/{image_id}/file", data=io.BytesIO(data), headers=kind)
        return str(image_id)

    def seen(self, image_id: str, name: str = "mia") -> dict[str, Any]:
        """The image as a user sees it."""
        return dict(self.user(name).get(f"/images/{image_id}").json())

    def bytes_of(self, image_id: str, name: str = "mia") -> bytes:
        """The image's bytes, as a user downloads them."""
        return bytes(self.user(name).get(f"/images/{image_id}/file").content)


def content(client: Glance, image: Image) -> bytes:
    """All that the client downloads."""
    return b"".join(client.download(image))


@contextmanager
def image_cloud() -> Iterator[ImageCloud]:
    """The servers, started and removed."""
    keystone = KeystoneServer()
    servers: list[Any] = [keystone]
    try:
        keystone.start()
        glance_server = GlanceServer(keystone)
        servers.insert(0, glance_server)
        glance_server.start()
        admin = keystone.administrator()
        for name, project, roles in (
            ("mia", "mia", ["member"]),
            ("ben", "ben", ["member"]),
            ("cinder", "service", ["admin", "service"]),
        ):
            project_id = made(admin, "project", name=project, domain_id="default")
            user_id = made(admin, "user", name=name, password="secret", domain_id="default")
            for role in roles:
                admin.put(f"/projects/{project_id}/users/{user_id}/roles/{made(admin, 'role', name=role)}")
        yield ImageCloud(keystone, glance_server)
    finally:
        for server in servers:
            server.remove()

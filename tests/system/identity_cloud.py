"""A Keystone with the project `lab`, its users, and the service users `cinder` and `nova`."""

import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from typing import Any

from keystoneauth1.adapter import Adapter

from lapilli.api.identity.settings import KeystoneSettings
from tests.system.keystone_server import KeystoneServer


@dataclass(frozen=True)
class IdentityCloud:
    """The server, and what its administrator does. All passwords are `secret`."""

    server: KeystoneServer
    admin: Adapter
    lab_id: str

    @property
    def auth_url(self) -> str:
        return self.server.url.removesuffix("/v3")

    def settings(self, **changes: Any) -> KeystoneSettings:
        """The service's own login."""
        settings = KeystoneSettings(
            auth_url=self.auth_url,
            username="cinder",
            password="secret",
            project_name="service",
            http_request_max_retries=0,
        )
        return replace(settings, **changes)

    def token(self, user: str, project: str) -> str:
        """A new token of the user in the project."""
        return str(self.server.user(user, "secret", project).get_token())

    def scoped_token(self, user: str, scope: object) -> str:
        """A new token of the user with the scope of that form."""
        about = {"name": user, "password": "secret", "domain": {"id": "default"}}
        return self._token({"methods": ["password"], "password": {"user": about}}, scope)

    def restricted_token(self, service: str, method: str, path: str) -> str:
        """A token of a new application credential of mia's with one access rule."""
        made = self.credential(access_rules=[{"service": service, "method": method, "path": path}])
        return self._token({"methods": ["application_credential"], "application_credential": made})

    def credential(self, **facts: Any) -> dict[str, str]:
        """Id and secret of a new application credential of mia's."""
        mia = self.server.user("mia", "secret", "lab")
        url = f"/users/{mia.get_user_id()}/application_credentials"
        made = mia.post(url, json={"application_credential": {"name": uuid.uuid4().hex, **facts}}).json()
        return {key: made["application_credential"][key] for key in ("id", "secret")}

    def _token(self, identity: object, scope: object = None) -> str:
        auth = {"identity": identity, **({"scope": scope} if scope else {})}
        answer = self.admin.post("/auth/tokens", json={"auth": auth}, authenticated=False)
        return str(answer.headers["X-Subject-Token"])

    def create(self, kind: str, **facts: Any) -> str:
        """Make a user, project, service … of Keystone's; its id."""
        return str(self.admin.post(f"/{kind}s", json={kind: facts}).json()[kind]["id"])

    def role_id(self, name: str) -> str:
        found = self.admin.get("/roles", params={"name": name}).json()["roles"]
        return str(found[0]["id"]) if found else self.create("role", name=name)

    def user_id(self, name: str) -> str:
        return str(self.admin.get("/users", params={"name": name}).json()["users"][0]["id"])

    def add_user(self, name: str, project_id: str, *roles: str) -> None:
        user_id = self.create("user", name=name, password="secret", domain_id="default")
        for role in roles:
            self.admin.put(f"/projects/{project_id}/users/{user_id}/roles/{self.role_id(role)}")

    def add_endpoint(self, kind: str, url: str) -> None:
        """Name a service in the catalog."""
        service_id = self.create("service", type=kind, name=kind)
        for interface in ("public", "internal"):
            self.create("endpoint", service_id=service_id, interface=interface, url=url, region_id="RegionOne")


@contextmanager
def identity_cloud() -> Iterator[IdentityCloud]:
    """The server with its users, started and removed."""
    server = KeystoneServer()
    try:
        server.start()
        admin = server.administrator()
        lab_id, service_id = (
            str(
                admin.post("/projects", json={"project": {"name": name, "domain_id": "default"}}).json()["project"][
                    "id"
                ]
            )
            for name in ("lab", "service")
        )
        cloud = IdentityCloud(server, admin, lab_id)
        cloud.add_user("mia", lab_id, "member")
        cloud.add_user("ray", lab_id, "reader")
        cloud.add_user("ada", lab_id, "admin")
        cloud.add_user("eve", lab_id, "auditor")
        cloud.add_user("cinder", service_id, "service", "admin")
        cloud.add_user("nova", service_id, "service", "admin")
        yield cloud
    finally:
        server.remove()

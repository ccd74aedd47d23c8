"""What a new cloud needs: the services' users, their catalogue, and images to make volumes from."""

import os
from typing import Any

from keystoneauth1.adapter import Adapter

from tests.system.keystone_server import KeystoneServer

REGION = "RegionOne"
PASSWORD = "secret"
_IMAGE_BYTES = 1024**2


def service_user(keystone: KeystoneServer, name: str) -> None:
    """A user of the project `service` with the roles that services have."""
    admin = keystone.administrator()
    project_id = _made(admin, "project", name="service", domain_id="default")
    user_id = _made(admin, "user", name=name, password=PASSWORD, domain_id="default")
    for role in ("admin", "service"):
        admin.put(f"/projects/{project_id}/users/{user_id}/roles/{_made(admin, 'role', name=role)}")


def endpoint(keystone: KeystoneServer, kind: str, url: str) -> None:
    """A service's place in the catalogue, by its type."""
    admin = keystone.administrator()
    service_id = _made(admin, "service", name=kind, type=kind)
    for interface in ("public", "internal", "admin"):
        facts = {"service_id": service_id, "interface": interface, "url": url, "region_id": REGION}
        admin.post("/endpoints", json={"endpoint": facts})


def image(keystone: KeystoneServer, glance_url: str, name: str) -> str:
    """A public raw image of 1 MiB of noise; its id."""
    images = Adapter(keystone.administrator().session, endpoint_override=f"{glance_url}/v2")
    wish = {"name": name, "disk_format": "raw", "container_format": "bare", "visibility": "public"}
    image_id = str(images.post("/images", json=wish).json()["id"])
    content_type = {"Content-Type": "application/octet-stream"}
    images.put(f"/images/{image_id}/file", data=os.urandom(_IMAGE_BYTES), headers=content_type)
    return image_id


def flavor(keystone: KeystoneServer, nova_url: str, name: str, *, ram: int) -> str:
    """A flavour of servers with `ram` MiB; its id."""
    compute = Adapter(keystone.administrator().session, endpoint_override=nova_url)
    wish = {"name": name, "ram": ram, "vcpus": 1, "disk": 1}
    return str(compute.post("/flavors", json={"flavor": wish}).json()["flavor"]["id"])


def multiattach_type(keystone: KeystoneServer, volumes_url: str) -> str:
    """A type whose volumes several servers may share; its name."""
    volumes = Adapter(keystone.administrator().session, endpoint_override=volumes_url)
    wish = {"name": "shared", "extra_specs": {"multiattach": "<is> True"}}
    return str(volumes.post("/types", json={"volume_type": wish}).json()["volume_type"]["name"])


def _made(admin: Adapter, kind: str, *, name: str, **facts: Any) -> str:
    """The id of what has that name; it is made if it is not there."""
    found = admin.get(f"/{kind}s", params={"name": name}).json()[f"{kind}s"]
    made = found[0] if found else admin.post(f"/{kind}s", json={kind: {"name": name, **facts}}).json()[kind]
    return str(made["id"])

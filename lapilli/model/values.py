"""Values that rooms hand each other. All are frozen, and none does I/O."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Self

Connector = Mapping[str, Any]
"""What a host says of itself (os-brick's connector properties): `initiator`, `host`, `ip`, `multipath` …"""

FIXED_KEY_ID = "00000000-0000-0000-0000-000000000000"
"""The id of the one key of Cinder's ConfKeyManager. It is shown to hosts, but not where keys of volumes are told."""

GIB = 1024**3
"""Bytes in a GiB, the unit of every size on the wire."""


@dataclass(frozen=True)
class Location:
    """Where a volume lives: `host@backend#pool`, each part optional after the first."""

    host: str
    backend: str | None = None
    pool: str | None = None

    @classmethod
    def parse(cls, text: str) -> Self:
        """Read `host[@backend][#pool]`; the first `@` and the first `#` separate."""
        service, _, pool = text.partition("#")
        host, _, backend = service.partition("@")
        return cls(host, backend or None, pool or None)

    @property
    def service(self) -> str:
        """`host@backend`, the name of the volume service that owns the pool."""
        return f"{self.host}@{self.backend}" if self.backend else self.host

    def __str__(self) -> str:
        return f"{self.service}#{self.pool}" if self.pool else self.service


@dataclass(frozen=True)
class Export:
    """A volume's target, as its row says it should be.

    `number` is unique among the exports of a target service (tgt's tid). `path` is the local file or device behind it,
    `size_gib` how large the initiators should see it.
    """

    volume_id: str
    name: str
    number: int
    path: str
    size_gib: int
    username: str
    password: str
    read_only: bool = False


@dataclass(frozen=True)
class ExportGrant:
    """What an initiator needs to log in: `driver_volume_type` and the `data` of a Cinder connection info."""

    driver_volume_type: str
    data: Mapping[str, Any]


@dataclass(frozen=True)
class Caller:
    """Who asks: the identity behind a request, as the token says."""

    user_id: str
    project_id: str
    roles: frozenset[str]
    is_admin: bool
    request_id: str = ""
    service_roles: frozenset[str] = frozenset()
    domain_id: str | None = None
    system_scope: bool = False
    token: str = field(default="", repr=False)
    user_domain_id: str | None = None
    project_domain_id: str | None = None
    is_admin_project: bool = True

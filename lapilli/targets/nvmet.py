"""Targets made by nvmet, the kernel's NVMe target: NVMe over TCP, or over RDMA where kernel and network have it."""

import base64
import hashlib
import hmac
import re
import zlib
from collections.abc import Mapping, Sequence
from typing import Any

from lapilli.machine.kernel_targets import nvmet
from lapilli.machine.kernel_targets.configfs import check_rdma
from lapilli.model.errors import BackendFailed, Malformed
from lapilli.model.values import Connector, Export, ExportGrant
from lapilli.targets.kernel_targets import Losses, check_portals
from lapilli.targets.nvmet_settings import NvmetSettings

# As os-brick names what nvmet calls `rdma`.
_TOLD = {"tcp": "tcp", "rdma": "RoCEv2"}


class NvmetTarget:
    """One subsystem per volume, with one namespace, and a rule for each host that may connect.

    A new subsystem has no rule, so no host may connect before the first `grant`. A rule is for the name that a host
    gives itself; it is proven only with `nvmet_dhchap_secret`. Everything lives in the kernel: it goes on while this
    service is away, and is lost when the machine starts again (`generation` differs).
    """

    Settings = NvmetSettings
    storage_protocol = "NVMe-oF"

    def __init__(self, settings: NvmetSettings) -> None:
        self._settings = settings
        self._losses = Losses(nvmet.subsystems)
        self._is_prepared = False

    def check(self) -> None:
        if self._settings.target_secondary_ip_addresses and self._settings.nvmeof_conn_info_version == 1:
            raise BackendFailed("target_secondary_ip_addresses can only be told with nvmeof_conn_info_version = 2.")
        self.ensure()
        if self._settings.transport == "rdma":
            check_rdma("nvmet_tcp")
        check_portals(self._settings, nvmet.portals())

    def ensure(self) -> None:
        if not self._is_prepared or not nvmet.is_ready(self._settings.transport):
            nvmet.prepare(self._settings.transport, bool(self._settings.nvmet_dhchap_secret))
            self._is_prepared = True

    def generation(self) -> str:
        return self._losses.generation()

    def stop(self) -> None:
        """Nothing: the kernel is not ours to stop, and its subsystems serve on."""

    def export(self, export: Export) -> None:
        if export.read_only:
            raise BackendFailed(f"nvmet cannot keep hosts from writing, so {export.name} cannot be read-only.")
        self.ensure()
        number, first_port = self._settings.nvmet_ns_id, self._settings.nvmet_port_id
        nvmet.make_subsystem(export.name, export.path, export.volume_id, number, self._portals, first_port)
        self._losses.made(export.name)

    def grant(self, export: Export, initiator: str, *, multipath: bool = False) -> ExportGrant:  # noqa: ARG002 - NVMe lists all portals
        key = self._key_of(initiator)
        self.ensure()
        if not nvmet.admit(export.name, initiator, key):
            self.export(export)
            if not nvmet.admit(export.name, initiator, key):
                raise BackendFailed(f"nvmet lost the subsystem {export.name} while it was made.")
        return ExportGrant("nvmeof", {**self._where(export), **({"dhchap_key": key} if key else {})})

    def revoke(self, export: Export, initiator: str) -> None:
        if nvmet.is_ready(self._settings.transport):
            nvmet.expel(export.name, initiator, self._portals, self._settings.nvmet_port_id)

    def unexport(self, export: Export) -> None:
        self._losses.removed(export.name)
        if nvmet.is_ready(self._settings.transport):
            nvmet.remove_subsystem(export.name)

    def resized(self, export: Export) -> None:
        """See the protocol. The hosts are told, and look by themselves."""
        if nvmet.is_ready(self._settings.transport):
            nvmet.resize(export.name)

    def exports(self) -> Sequence[str]:
        return [name for name in nvmet.subsystems() if name.startswith(self._settings.target_prefix)]

    def sessions(self, name: str) -> Sequence[str] | None:
        return nvmet.connected(name)

    def check_connector(self, connector: Connector) -> str:
        host = connector.get("nqn")
        if not isinstance(host, str) or not re.fullmatch(r"nqn\.[^\s,/]{1,219}", host):
            raise Malformed(
                "The connector has no NVMe host name (nqn: nqn.…); "
                "is nvme-cli installed on that host, with a name in /etc/nvme/hostnqn?"
            )
        return host

    @property
    def _portals(self) -> list[list[str]]:
        port, transport = str(self._settings.target_port), self._settings.transport
        return [[address, port, transport] for address in self._settings.addresses]

    def _where(self, export: Export) -> Mapping[str, Any]:
        """The data of Cinder's connection info, in the form that the settings ask for."""
        told = [[address, port, _TOLD[transport]] for address, port, transport in self._portals]
        number = str(self._settings.nvmet_ns_id)
        if self._settings.nvmeof_conn_info_version == 1:
            address, port, _ = told[0]
            transport = self._settings.transport
            where = {"target_portal": address, "target_port": port, "nqn": export.name}
            return {**where, "transport_type": transport, "ns_id": number}
        return {"target_nqn": export.name, "vol_uuid": export.volume_id, "portals": told, "ns_id": number}

    def _key_of(self, host: str) -> str:
        """The host's DH-CHAP key: the same whenever it is asked for, so that the kernel may lose it."""
        if not self._settings.nvmet_dhchap_secret:
            return ""
        key = hmac.digest(self._settings.nvmet_dhchap_secret.encode(), host.encode(), hashlib.sha256)
        return f"DHHC-1:00:{base64.b64encode(key + zlib.crc32(key).to_bytes(4, 'little')).decode()}:"

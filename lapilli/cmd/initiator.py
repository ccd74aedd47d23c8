"""This machine as an initiator: os-brick where the kernel has one."""

import contextlib
import importlib.util
import shutil
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from lapilli.machine.run import run
from lapilli.model.errors import BackendFailed, CommandFailed, Unavailable

_TRANSPORT = Path("/sys/class/iscsi_transport")
_NAME = Path("/etc/iscsi/initiatorname.iscsi")
_ELSEWISE = "Programs such as QEMU reach the volume without it: lapilli attach --userspace (see docs/attach.md)."


def kernel_initiator() -> str | None:
    """The name of this machine's kernel as an initiator, or None if it has none."""
    with contextlib.suppress(OSError):
        for line in _NAME.read_text().splitlines():
            if line.startswith("InitiatorName="):
                return line.partition("=")[2].strip()
    return None


class Initiator:
    """Connects this machine's kernel to volumes. Must be root. Raises `Unavailable` where the kernel cannot."""

    def __init__(self) -> None:
        _check()
        # os-brick brings oslo.service along, which must be told to use threads before anything of it runs.
        from oslo_service import backend  # type: ignore[import-untyped]  # noqa: PLC0415

        backend.init_backend(backend.BackendType.THREADING)
        import os_brick  # type: ignore[import-untyped]  # noqa: PLC0415
        from os_brick import exception, privileged  # noqa: PLC0415
        from os_brick.initiator import connector  # type: ignore[import-untyped]  # noqa: PLC0415
        from oslo_concurrency import lockutils  # noqa: PLC0415
        from oslo_config import cfg  # noqa: PLC0415

        cfg.CONF([], project="lapilli")
        lockutils.set_defaults("/run/lock/lapilli")
        os_brick.setup(cfg.CONF)
        privileged.default.set_client_mode(False)
        self._connector = connector
        self._fault = exception.BrickException

    def properties(self, address: str) -> Mapping[str, Any]:
        """What this machine says of itself; `address` is the one that it is reached at."""
        about: Mapping[str, Any] = self._connector.get_connector_properties(
            None, address, multipath=False, enforce_multipath=False
        )
        if not about.get("initiator"):
            raise Unavailable("This machine has no name as initiator: see /etc/iscsi/initiatorname.iscsi.")
        return about

    def connect(self, connection: Mapping[str, Any]) -> Path:
        """Log in, and return the volume's block device. If it is connected, only say where."""
        try:
            found = self._of(connection).connect_volume(dict(connection))
        except self._fault as error:
            raise BackendFailed(f"The volume cannot be connected: {error}") from error
        return Path(found["path"])

    def disconnect(self, connection: Mapping[str, Any]) -> None:
        """Write out what is in memory, and log out. If it is not connected, do nothing."""
        try:
            self._of(connection).disconnect_volume(dict(connection), None)
        except self._fault as error:
            raise BackendFailed(f"The volume cannot be disconnected: {error}") from error

    def paths(self, connection: Mapping[str, Any]) -> list[Path]:
        """The block devices of the volume that are there now."""
        return [Path(path).resolve() for path in self._of(connection).get_volume_paths(dict(connection))]

    def _of(self, connection: Mapping[str, Any]) -> Any:
        return self._connector.InitiatorConnector.factory(connection["driver_volume_type"], None)


def _check() -> None:
    if not _TRANSPORT.exists():
        try:
            run(["modprobe", "iscsi_tcp"])
        except CommandFailed as failed:
            raise Unavailable(f"This kernel has no iSCSI initiator (module iscsi_tcp). {_ELSEWISE}") from failed
    if shutil.which("iscsiadm", path="/usr/sbin:/sbin:/usr/bin:/bin") is None:
        raise Unavailable(f"There is no iscsiadm: install open-iscsi. {_ELSEWISE}")
    # futurist is what oslo.service needs for threads, and does not require.
    if missing := [name for name in ("os_brick", "futurist") if importlib.util.find_spec(name) is None]:
        raise Unavailable(f"{missing[0]} is not installed: pip install 'lapilli[attach]'. {_ELSEWISE}")

"""This machine as an initiator: os-brick where the kernel has one."""

import importlib.util
import logging
import shutil
import sys
import warnings
from collections.abc import Mapping
from copy import deepcopy
from pathlib import Path
from typing import Any, Final

from lapilli.machine.files import faults
from lapilli.machine.run import run
from lapilli.model.errors import BackendFailed, CommandFailed, Unavailable

_ISCSI: Final = "iscsi"
_NVME: Final = "nvmeof"
# Of each protocol: what the kernel has of it, the module that brings it, the program, and that program's package.
_NEEDS: Final = {
    _ISCSI: (Path("/sys/class/iscsi_transport/tcp"), "iscsi_tcp", "iscsiadm", "open-iscsi"),
    _NVME: (Path("/dev/nvme-fabrics"), "nvme_tcp", "nvme", "nvme-cli"),
}
_NAME: Final = Path("/etc/iscsi/initiatorname.iscsi")
_NQN: Final = Path("/etc/nvme/hostnqn")
_LOCKS: Final = Path("/run/lock/lapilli")
_SBIN: Final = "/usr/sbin:/sbin:/usr/bin:/bin"
_ELSEWISE: Final = "Programs such as QEMU reach the volume without it: lapilli attach --userspace (see docs/attach.md)."


def kernel_names() -> list[str]:
    """The names of this machine's kernel as an initiator: its IQN and its NQN, those that it has."""
    names = []
    if _NAME.exists():
        lines = _NAME.read_text().splitlines()
        names += [line.partition("=")[2].strip() for line in lines if line.startswith("InitiatorName=")]
    if _NQN.exists():
        names.append(_NQN.read_text().strip())
    return [name for name in names if name]


class Initiator:
    """Connects this machine's kernel to volumes. Must be root. Raises `Unavailable` where the kernel cannot."""

    def __init__(self) -> None:
        self._lacks = _check()
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # of how os-brick's libraries are made; nothing that an operator could mend
            connector, nvmeof, faults_of_brick = _os_brick()
        with faults(_LOCKS):
            _LOCKS.mkdir(parents=True, exist_ok=True)
        self._connector = connector
        self._nvmeof = nvmeof
        self._faults = faults_of_brick
        self._has_multipathd = _runs("multipathd", "show", "status")
        self._hints = _Hints()

    def properties(self, address: str, *, multipath: bool | None) -> Mapping[str, Any]:
        """What this machine says of itself; `address` is the one that it is reached at.

        `multipath` None is: as this machine can. True raises `Unavailable` where multipathd does not run.
        """
        if multipath and not self._has_multipathd:
            raise Unavailable("multipathd does not run: start it, or attach without --multipath.")
        about: dict[str, Any] = self._connector.get_connector_properties(None, address, False, False)
        if not about.get("initiator") and not about.get("nqn"):
            raise Unavailable("This machine has no name as initiator: see /etc/iscsi/initiatorname.iscsi.")
        can = self._has_multipathd or bool(about.get("nvme_native_multipath"))
        return {**about, "multipath": can and multipath is not False}

    def has_multipath(self, connection: Mapping[str, Any]) -> bool:
        """Whether this machine makes one device of several paths. NVMe needs no multipathd for it."""
        return self._has_multipathd or connection["driver_volume_type"] == _NVME

    def connect(self, connection: Mapping[str, Any], *, multipath: bool) -> Path:
        """Log in, and return the volume's block device. If it is connected, only say where."""
        if connection["driver_volume_type"] in self._lacks:
            raise Unavailable(self._lacks[connection["driver_volume_type"]])
        try:
            found = self._of(connection, multipath=multipath).connect_volume(deepcopy(dict(connection)))
        except self._faults as error:
            raise BackendFailed(f"The volume cannot be connected: {error} {self._hints}".rstrip()) from error
        return Path(found["path"])

    def disconnect(self, connection: Mapping[str, Any], *, multipath: bool, lost: bool = False) -> None:
        """Write out what is in memory, and log out. If it is not connected, do nothing.

        A volume that is `lost` cannot be written to any more: what is in memory is dropped.
        """
        if connection["driver_volume_type"] in self._lacks:
            return
        paths = self.paths(connection, multipath=multipath)
        found = {"type": "block", "path": str(paths[0])} if paths else {}
        connector = self._of(connection, multipath=multipath)
        try:
            connector.disconnect_volume(deepcopy(dict(connection)), found, force=lost, ignore_errors=lost)
        except self._faults as error:
            raise BackendFailed(f"The volume cannot be disconnected: {error}") from error

    def rescan(self, connection: Mapping[str, Any], *, multipath: bool) -> int:
        """Look how large a connected volume is now, and return its size in bytes."""
        try:
            return int(self._of(connection, multipath=multipath).extend_volume(deepcopy(dict(connection))))
        except self._faults as error:
            raise BackendFailed(f"The volume's size cannot be read: {error}") from error

    def paths(self, connection: Mapping[str, Any], *, multipath: bool) -> list[Path]:
        """The block devices of the volume that are there now, the one to use first."""
        connector = self._of(connection, multipath=multipath)
        asked: Any = deepcopy(dict(connection))
        if connection["driver_volume_type"] == _NVME:
            asked = self._nvmeof.NVMeOFConnProps(asked, find_controllers=True)
        paths = sorted(Path(path).resolve() for path in connector.get_volume_paths(asked))
        return [*_maps_of(paths), *paths]

    def _of(self, connection: Mapping[str, Any], *, multipath: bool) -> Any:
        factory = self._connector.InitiatorConnector.factory
        return factory(connection["driver_volume_type"], None, use_multipath=multipath)


class _Hints(logging.Handler):
    """What os-brick warned of last. Most of it means nothing; when something fails it says why."""

    def __init__(self) -> None:
        super().__init__(logging.WARNING)
        self._last = ""
        log = logging.getLogger("os_brick")
        log.addHandler(self)
        log.propagate = False

    def emit(self, record: logging.LogRecord) -> None:
        self._last = record.getMessage()

    def __str__(self) -> str:
        return self._last


def _runs(*argv: str) -> bool:
    try:
        run(argv)
    except CommandFailed:
        return False
    return True


def _os_brick() -> tuple[Any, Any, tuple[type[Exception], ...]]:
    """os-brick's connectors, those for NVMe, and what they raise; ready to do their work in this process."""
    # Its libraries do without eventlet where that is not installed; to load it takes as long as all the rest.
    sys.modules.setdefault("eventlet", None)  # type: ignore[arg-type]
    # It brings oslo.service along, which must be told to use threads before anything of it runs.
    from oslo_service import backend  # type: ignore[import-untyped]  # noqa: PLC0415

    backend.init_backend(backend.BackendType.THREADING)
    import os_brick  # type: ignore[import-untyped]  # noqa: PLC0415
    from os_brick import exception, privileged  # noqa: PLC0415
    from os_brick.initiator import connector  # type: ignore[import-untyped]  # noqa: PLC0415
    from os_brick.initiator.connectors import nvmeof  # type: ignore[import-untyped]  # noqa: PLC0415
    from oslo_concurrency import lockutils, processutils  # noqa: PLC0415
    from oslo_config import cfg  # noqa: PLC0415

    cfg.CONF([], project="lapilli", default_config_files=[])
    lockutils.set_defaults(str(_LOCKS))
    os_brick.setup(cfg.CONF)
    privileged.default.set_client_mode(False)
    return connector, nvmeof, (exception.BrickException, processutils.ProcessExecutionError)


def _maps_of(paths: list[Path]) -> list[Path]:
    """The multipath devices that lie on the paths."""
    holders = {holder for path in paths for holder in Path("/sys/class/block", path.name, "holders").glob("dm-*")}
    return [
        Path("/dev", each.name)
        for each in sorted(holders)
        if Path("/sys/class/block", each.name, "dm/uuid").read_text().startswith("mpath-")
    ]


def _check() -> Mapping[str, str]:
    """Why each protocol cannot be used that this machine lacks; `Unavailable` if it lacks them all."""
    lacks = {}
    for protocol, (there, module, program, package) in _NEEDS.items():
        if not there.exists():
            try:
                run(["modprobe", module])
            except CommandFailed:
                lacks[protocol] = f"This kernel has no {_called(protocol)} initiator (module {module}). {_ELSEWISE}"
                continue
        if shutil.which(program, path=_SBIN) is None:
            lacks[protocol] = f"There is no {program}: install {package}. {_ELSEWISE}"
    if len(lacks) == len(_NEEDS):
        raise Unavailable(lacks[_ISCSI])
    # futurist is what oslo.service needs for threads, and does not require.
    if missing := [name for name in ("os_brick", "futurist") if importlib.util.find_spec(name) is None]:
        raise Unavailable(f"{missing[0]} is not installed: pip install 'lapilli[attach]'. {_ELSEWISE}")
    return lacks


def _called(protocol: str) -> str:
    return {_ISCSI: "iSCSI", _NVME: "NVMe over TCP"}[protocol]

"""Targets made by LIO, the kernel's SCSI target: iSCSI, or iSER where the kernel and the network have it."""

from collections.abc import Sequence
from typing import Final

from lapilli.machine.kernel_targets import lio
from lapilli.machine.kernel_targets.configfs import check_rdma
from lapilli.model.errors import BackendFailed
from lapilli.model.values import GIB, Connector, Export, ExportGrant
from lapilli.targets import iscsi
from lapilli.targets.kernel_targets import Losses, check_portals
from lapilli.targets.lio_settings import LioSettings

_LUN: Final = 0


class LioTarget:
    """One target per volume, with LUN 0, and a rule with a CHAP account for each initiator that may log in.

    A new target has no rule, so nobody may log in before the first `grant`. Everything lives in the kernel: it goes on
    while this service is away, and is lost when the machine starts again (`generation` differs). A changed
    `iscsi_write_cache` is for new exports, since nobody who is logged in is disturbed for it.
    """

    Settings = LioSettings
    storage_protocol = "iSCSI"

    def __init__(self, settings: LioSettings) -> None:
        self._settings = settings
        self._losses = Losses(lio.targets)

    @property
    def _iser(self) -> bool:
        return self._settings.target_protocol == "iser"

    def check(self) -> None:
        self.ensure()
        if self._iser:
            check_rdma("iscsi")
        check_portals(self._settings, lio.portals())

    def ensure(self) -> None:
        if not lio.is_ready(self._iser):
            lio.prepare(self._iser)

    def generation(self) -> str:
        return self._losses.generation()

    def stop(self) -> None:
        """Nothing: the kernel is not ours to stop, and its targets serve on."""

    def export(self, export: Export) -> None:
        self.ensure()
        lio.make_target(
            _name(export),
            export.path,
            export.size_gib * GIB,
            export.volume_id.replace("-", "").lower()[:32],
            self._settings.portals,
            self._iser,
            self._settings.iscsi_write_cache == "on",
            export.read_only,
        )
        self._losses.made(_name(export))

    def grant(self, export: Export, initiator: str, *, multipath: bool = False) -> ExportGrant:
        who = (initiator, export.username, export.password, export.read_only)
        self.ensure()
        if not lio.admit(_name(export), *who):
            self.export(export)
            if not lio.admit(_name(export), *who):
                raise BackendFailed(f"LIO lost the target {_name(export)} while it was made.")
        data = iscsi.login(export, _name(export), _LUN, self._settings.portals, multipath=multipath)
        return ExportGrant(self._settings.target_protocol, data)

    def revoke(self, export: Export, initiator: str) -> None:
        if lio.is_ready(self._iser):
            lio.expel(_name(export), initiator)

    def unexport(self, export: Export) -> None:
        self._losses.removed(_name(export))
        if lio.is_ready(self._iser):
            lio.remove_target(_name(export))

    def resized(self, export: Export) -> None:
        """See the protocol. Those who are logged in see the new size when they ask for it (a rescan)."""
        if lio.is_ready(self._iser):
            lio.resize(_name(export), export.size_gib * GIB)

    def exports(self) -> Sequence[str]:
        return [name for name in lio.targets() if name.startswith(self._settings.target_prefix.lower())]

    def sessions(self, name: str) -> Sequence[str]:
        return sorted(lio.sessions(name))

    def check_connector(self, connector: Connector) -> str:
        return iscsi.initiator_of(connector)


def _name(export: Export) -> str:
    """The kernel has names of targets in small letters only."""
    return export.name.lower()

"""Targets made by tgt, the SCSI target that runs as a plain program: iSCSI (or iSER) without a kernel module."""

import threading
import time
from collections.abc import Callable, Collection, Mapping, Sequence
from typing import Any, Final

from lapilli.model.errors import BackendFailed
from lapilli.model.values import Connector, Export, ExportGrant
from lapilli.targets import iscsi, tgt_shown
from lapilli.targets.tgt_control import Answer, Request, TgtControl
from lapilli.targets.tgt_daemon import TgtDaemon
from lapilli.targets.tgt_settings import TgtSettings
from lapilli.targets.tgt_shown import ShownTarget

_LUN: Final = 1
_ANY_ADDRESS: Final = "0.0.0.0"  # noqa: S104 - as tgtd shows it
_SETTLES_WITHIN_S: Final = 10
# Page 8 of the mode pages, "caching": the 0x04 bit in the first byte lets writes stay in the page cache.
_CACHING_PAGE: Final = "8:0:18:{:#x}:0:0xff:0xff:0:0:0xff:0xff:0xff:0xff:0x80:0x14:0:0:0:0:0:0"
# An account belongs to the daemon, not to a target: nobody may bind one between the look "does another target use it"
# and its removal.
_ACCOUNTS = threading.Lock()


class TgtTarget:
    """One target per volume, with LUN 1, one CHAP account, and a rule for each initiator that may log in.

    A new target has no rule, so nobody may log in before the first `grant`. tgtd keeps everything in memory: after it
    starts again (`generation` differs) all exports and grants must be made again. It never shows a password, so an
    account that exists is taken to have the right one: a new password needs a new user name.
    """

    Settings = TgtSettings
    storage_protocol = "iSCSI"

    def __init__(self, settings: TgtSettings, control: TgtControl | None = None) -> None:
        self._settings = settings
        self._control = control or TgtControl(
            settings.tgt_control_port, settings.target_protocol, socket_base=settings.socket_base
        )
        self._daemon = TgtDaemon(settings)

    def check(self) -> None:
        lld = self._settings.target_protocol
        if f"    {lld}: ready" not in self._control.show("system", -1, Answer.NO_DRIVER):
            raise BackendFailed(f"tgtd cannot serve {lld}: see its log, or choose another target_protocol.")
        listening = tgt_shown.portals(self._control.show("portal"))
        for portal in self._settings.portals:
            anywhere = f"{'[::]' if portal.startswith('[') else _ANY_ADDRESS}:{self._settings.target_port}"
            if portal not in listening and anywhere not in listening:
                raise BackendFailed(
                    f"tgtd does not listen on {portal}, but on {', '.join(listening) or 'nothing'}: "
                    "set target_ip_address and target_port to an address of this machine and a free port."
                )

    def ensure(self) -> None:
        self._daemon.ensure()

    def generation(self) -> str:
        return self._daemon.generation()

    def stop(self) -> None:
        self._daemon.stop()

    def export(self, export: Export) -> None:
        new = Request("new", "target", export.number, words={"targetname": export.name})
        if self._control.ask(new, Answer.TARGET_EXISTS) is Answer.TARGET_EXISTS and not self._adopt(export):
            self._control.ask(new)
        self._make_lun(export)
        if self._bind_account(export) is Answer.NO_TARGET:
            raise BackendFailed(f"tgtd lost the target {export.name} while it was made.")

    def grant(self, export: Export, initiator: str, *, multipath: bool = False) -> ExportGrant:
        rule = Request("bind", "target", export.number, words={"initiator-name": initiator})
        # The account comes first: a target without one lets everybody in who has the initiator's name.
        if self._bind_account(export) is Answer.NO_TARGET:
            self.export(export)
        self._control.ask(rule, Answer.ACL_EXISTS)
        return ExportGrant(self._settings.target_protocol, self._login(export, multipath=multipath))

    def revoke(self, export: Export, initiator: str) -> None:
        rule = Request("unbind", "target", export.number, words={"initiator-name": initiator})
        if self._control.ask(rule, Answer.NO_ACL, Answer.NO_TARGET) is not Answer.NO_TARGET:
            self._end_sessions(export.number, initiator)

    def unexport(self, export: Export) -> None:
        shown = self._find(export.name)
        if shown:
            self._close(shown)
        # Before the target: of a stray nothing else knows the account.
        self._delete_accounts(export.name, {export.username, *(shown.accounts if shown else ())} - {""})
        if shown:
            self._delete(shown)

    def resized(self, export: Export) -> None:
        """See the protocol. While a session is open the old size stays.

        tgtd reads the size when it opens the file, so the LUN must go for a moment, and an initiator that asks for it
        then gets an I/O error (ILLEGAL REQUEST, LOGICAL UNIT NOT SUPPORTED). A size that comes late is better than a
        guest whose disk failed; the next `export` without a session makes it right.
        """
        shown = self._find(export.name)
        if shown and self._is_outgrown(shown, export):
            self._remove_lun(shown.tid)
            self._make_lun(export)

    def exports(self) -> Sequence[str]:
        names = tgt_shown.names(self._control.show("lld"))
        return [name for name in names if name.startswith(self._settings.target_prefix)]

    def sessions(self, name: str) -> Sequence[str]:
        shown = self._find(name)
        conn = self._control.show("conn", shown.tid, Answer.NO_TARGET) if shown else ""
        return sorted({each.initiator for each in tgt_shown.connections(conn)})

    def check_connector(self, connector: Connector) -> str:
        return iscsi.initiator_of(connector)

    def _find(self, name: str) -> ShownTarget | None:
        found = tgt_shown.targets(self._control.show("target"))
        return next((target for target in found if target.name == name), None)

    def _adopt(self, export: Export) -> bool:
        """Look at what is in the export's place: true if it is its target, now without a LUN that is not right."""
        found = list(tgt_shown.targets(self._control.show("target")))
        there = next((target for target in found if target.tid == export.number), None)
        if there and there.name != export.name:
            raise BackendFailed(
                f"Target {export.number} of tgtd is {there.name}, so {export.name} cannot be made: "
                "delete the other one, or give this service a tgtd of its own (tgt_control_port)."
            )
        shown = next((target for target in found if target.name == export.name), None)
        if shown and shown.tid != export.number:
            self._remove(shown)
        elif shown and (shown.of_lun(_LUN, "Backing store path") != export.path or self._is_outgrown(shown, export)):
            self._remove_lun(shown.tid)
        return there is not None

    def _is_outgrown(self, shown: ShownTarget, export: Export) -> bool:
        size = shown.of_lun(_LUN, "Size")
        return size not in ("", tgt_shown.size(export.size_gib)) and not shown.has_sessions

    def _make_lun(self, export: Export) -> None:
        words = {"path": export.path, "bstype": "rdwr"}
        if self._settings.iscsi_target_flags:
            words["bsoflags"] = self._settings.iscsi_target_flags
        new = Request("new", "logicalunit", export.number, _LUN, words=words)
        if self._control.ask(new, Answer.LUN_EXISTS, Answer.INVALID) is Answer.INVALID:
            raise BackendFailed(f"tgtd cannot open {export.path}: does it exist, and is iscsi_target_flags right?")
        # tgtd makes the identity of a LUN of its numbers alone, so that the volumes of two machines, and those that
        # had a number one after the other, would be the same disk to multipath.
        identity = export.volume_id.replace("-", "")[:32]
        page = _CACHING_PAGE.format(0x14 if self._settings.iscsi_write_cache == "on" else 0x10)
        facts = {"scsi_id": identity, "scsi_sn": identity, "readonly": str(int(export.read_only)), "mode_page": page}
        self._control.ask(Request("update", "logicalunit", export.number, _LUN, words=facts))

    def _bind_account(self, export: Export) -> Answer:
        """Ask for the export's account at each login; the answer is `NO_TARGET` if there is nothing to bind to."""
        bind = Request("bind", "account", export.number, words={"user": export.username})
        fine = (Answer.ACCOUNT_EXISTS, Answer.NO_TARGET)
        with _ACCOUNTS:
            answer = self._control.ask(bind, *fine, Answer.NO_ACCOUNT)
            if answer is not Answer.NO_ACCOUNT:
                return answer
            words = {"user": export.username, "password": export.password}
            self._control.ask(Request("new", "account", words=words), Answer.ACCOUNT_EXISTS)
            return self._control.ask(bind, *fine)

    def _delete_accounts(self, target: str, usernames: Collection[str]) -> None:
        """Take away those that no target has but this one."""
        with _ACCOUNTS:
            # Without a look this would take an account away from all targets that share it (a fixed chap_username).
            others = [each for each in tgt_shown.targets(self._control.show("target")) if each.name != target]
            for name in usernames:
                if not any(name in other.accounts for other in others):
                    self._control.ask(Request("delete", "account", words={"user": name}), Answer.NO_ACCOUNT)

    def _remove(self, shown: ShownTarget) -> None:
        """End a target with all its sessions."""
        self._close(shown)
        self._delete(shown)

    def _close(self, shown: ShownTarget) -> None:
        """End all sessions; first the rules, so that nobody comes back meanwhile."""
        for initiator in shown.initiators:
            rule = Request("unbind", "target", shown.tid, words={"initiator-name": initiator})
            self._control.ask(rule, Answer.NO_ACL, Answer.NO_TARGET)
        if shown.has_sessions:
            self._end_sessions(shown.tid)

    def _delete(self, shown: ShownTarget) -> None:
        gone = Request("delete", "target", shown.tid, force=True)
        _settle(
            lambda: self._control.ask(gone, Answer.NO_TARGET, Answer.LUN_ACTIVE) is not Answer.LUN_ACTIVE,
            f"target {shown.name} still does I/O",
        )

    def _remove_lun(self, tid: int) -> None:
        gone = Request("delete", "logicalunit", tid, _LUN)
        _settle(
            lambda: self._control.ask(gone, Answer.NO_LUN, Answer.LUN_ACTIVE) is not Answer.LUN_ACTIVE,
            f"the LUN of target {tid} still does I/O",
        )

    def _end_sessions(self, tid: int, initiator: str = "") -> None:
        """Close the initiator's connections (everybody's, if it is empty) until tgtd shows none."""

        def closed() -> bool:
            shown = tgt_shown.connections(self._control.show("conn", tid, Answer.NO_TARGET))
            left = [each for each in shown if initiator in ("", each.initiator)]
            for each in left:
                cut = Request("delete", "conn", tid, sid=each.sid, cid=each.cid)
                self._control.ask(cut, Answer.NO_SESSION, Answer.NO_CONNECTION, Answer.NO_TARGET)
            return not left

        _settle(closed, f"target {tid} still has a session of {initiator or 'an initiator'}")

    def _login(self, export: Export, *, multipath: bool) -> Mapping[str, Any]:
        return iscsi.login(export, export.name, _LUN, self._settings.portals, multipath=multipath)


def _settle(done: Callable[[], bool], otherwise: str) -> None:
    """Try until it is done; `BackendFailed` if it is not within some seconds."""
    deadline = time.monotonic() + _SETTLES_WITHIN_S
    while not done():
        if time.monotonic() > deadline:
            raise BackendFailed(f"tgtd: {otherwise} after {_SETTLES_WITHIN_S} s.")
        time.sleep(0.01)

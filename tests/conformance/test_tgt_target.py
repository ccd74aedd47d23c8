"""The `tgt` target conforms with both ways to its daemon, repairs what a crash leaves, and the suite notices faults."""

import os
import re
import signal
import subprocess
import time
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from lapilli.model.errors import BackendFailed
from lapilli.model.protocols.targets import TargetDriver
from lapilli.model.values import Export, ExportGrant
from lapilli.targets.tgt import TgtTarget
from lapilli.targets.tgt_control import Answer, Request, TgtControl
from lapilli.targets.tgt_daemon import TgtDaemon
from lapilli.targets.tgt_settings import TgtSettings
from lapilli.targets.tgt_shown import ShownTarget
from tests.conformance import targets
from tests.conformance.target_lab import ALICE, BOB, Check, Initiator, TargetLab
from tests.conformance.targets import CHECKS, FILES, ISCSI, MANY, NUMBERED, TELLING, WRITE_PROTECTING, name_of
from tests.servers.process import free_port


class Tgt:
    """A tgtd for tests, and `tgtadm` as a second opinion."""

    def __init__(self, directory: Path) -> None:
        port = free_port()
        # The control port is a number in a file's name, so a free TCP port is as good as any.
        self.settings = TgtSettings(
            "iscsi", "127.0.0.1", port, tgt_control_port=port, tgt_state_path=str(directory / "tgt")
        )
        self.daemon = TgtDaemon(self.settings)

    def adm(self, line: str) -> str:
        argv = ["tgtadm", "-C", str(self.settings.tgt_control_port), "--lld", "iscsi", *line.split()]
        return subprocess.run(argv, capture_output=True, text=True, check=True).stdout

    def sessions(self, export: Export) -> set[str]:
        shown = self.adm("--op show --mode target").partition(f": {export.name}\n")[2].partition("\nTarget ")[0]
        return set(re.findall(r"Initiator: (\S+)", shown))

    def crash(self) -> None:
        control = TgtControl(self.settings.tgt_control_port)
        pid = control.daemon_pid()
        assert pid
        os.kill(pid, signal.SIGKILL)
        while control.daemon_pid() == pid:
            time.sleep(0.001)
        self.daemon.ensure()

    def lab(self, directory: Path, kind: type[TgtTarget] = TgtTarget, *, by_socket: bool = True) -> TargetLab:
        def start() -> TargetDriver:
            return kind(self.settings, TgtControl(self.settings.tgt_control_port, by_socket=by_socket))

        return TargetLab(start, self.sessions, self.crash, directory)

    def stop(self) -> None:
        self.daemon.stop()
        for end in ("", ".lock"):
            Path(f"/var/run/tgtd/socket.{self.settings.tgt_control_port}{end}").unlink(missing_ok=True)

    def clear(self) -> None:
        for number in re.findall(r"^Target (\d+):", self.adm("--op show --mode target"), re.MULTILINE):
            self.adm(f"--op delete --mode target --tid {number} --force")
        for user in self.adm("--op show --mode account").split()[2:]:
            self.adm(f"--op delete --mode account --user {user}")


@pytest.fixture(scope="module")
def running(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Tgt]:
    tgt = Tgt(tmp_path_factory.mktemp("tgt"))
    tgt.daemon.ensure()
    yield tgt
    tgt.stop()


@pytest.fixture
def tgt(running: Tgt) -> Iterator[Tgt]:
    yield running
    running.clear()


@pytest.fixture(params=["socket", "tgtadm"])
def target_lab(request: pytest.FixtureRequest, tgt: Tgt, tmp_path: Path) -> TargetLab:
    return tgt.lab(tmp_path, by_socket=request.param == "socket")


@pytest.mark.parametrize("check", [*CHECKS, *FILES, *ISCSI, *MANY, *NUMBERED, *TELLING, *WRITE_PROTECTING], ids=name_of)
def test_tgt_conforms(check: Check, target_lab: TargetLab) -> None:
    """Every check of the suite holds, through the socket and through tgtadm."""
    check(target_lab)


# What tgtadm has done when a crash came; {n} is the number, {t} the name, {p} the path, {u} the user.
_MADE = [
    "--op new --mode target --tid {n} --targetname {t}",
    "--op new --mode logicalunit --tid {n} --lun 1 --bstype rdwr --backing-store {p}",
    "--op new --mode account --user {u} --password {w}",
    "--op bind --mode account --tid {n} --user {u}",
    "--op bind --mode target --tid {n} --initiator-name " + ALICE,
]


@pytest.mark.parametrize("steps", [*[range(end) for end in range(6)], [0, 2], [0, 4], [0, 1, 4], [2], [0, 2, 3]])
def test_half_made_targets_are_repaired(steps: list[int], target_lab: TargetLab, tgt: Tgt) -> None:
    """Whatever of the target exists, export and grant make the rest, and its password is asked for."""
    export = target_lab.export("volume-a")
    for step in steps:
        facts = {"n": export.number, "t": export.name, "p": export.path, "u": export.username, "w": export.password}
        tgt.adm(_MADE[step].format(**facts))
    driver = target_lab.start()
    driver.export(export)
    alice = Initiator.of(ALICE, driver.grant(export, ALICE))
    assert alice.write(0, 0x77, 4096)
    assert not alice.but(auth_username="", auth_password="").may_log_in()
    assert not replace(alice, name=BOB).may_log_in()
    driver.unexport(export)
    assert tgt.adm("--op show --mode target") == ""
    assert tgt.adm("--op show --mode account") == ""


@pytest.mark.parametrize("steps", [range(end) for end in range(1, 6)])
def test_half_made_targets_are_removed(steps: range, target_lab: TargetLab, tgt: Tgt) -> None:
    """Unexport leaves nothing of any of them."""
    export = target_lab.export("volume-a")
    for step in steps:
        facts = {"n": export.number, "t": export.name, "p": export.path, "u": export.username, "w": export.password}
        tgt.adm(_MADE[step].format(**facts))
    target_lab.start().unexport(export)
    assert tgt.adm("--op show --mode target") == ""
    assert tgt.adm("--op show --mode account") == ""


def test_a_shared_account_stays(target_lab: TargetLab) -> None:
    """With one user name for all, unexporting one target leaves the others closed to those without the password."""
    first = target_lab.export("volume-a")
    second = replace(target_lab.export("volume-b"), username=first.username, password=first.password)
    driver = target_lab.start()
    driver.export(first)
    driver.export(second)
    alice = Initiator.of(ALICE, driver.grant(second, ALICE))
    driver.unexport(first)
    assert alice.may_log_in()
    assert not alice.but(auth_username="", auth_password="").may_log_in()


def test_a_stray_takes_its_account_along(target_lab: TargetLab, tgt: Tgt) -> None:
    """Its row has gone, so nobody says the account; one that another target has, too, stays."""
    stray, second, third = (target_lab.export(name) for name in ("volume-a", "volume-b", "volume-c"))
    third = replace(third, username=second.username, password=second.password)
    driver = target_lab.start()
    for export in (stray, second, third):
        driver.export(export)
    for export, left in ((stray, [second.username]), (second, [second.username]), (third, [])):
        driver.unexport(Export(export.volume_id, export.name, 0, "", 0, "", ""))
        assert tgt.adm("--op show --mode account").split()[2:] == left
    assert tgt.adm("--op show --mode target") == ""


def test_a_stray_that_was_half_removed_goes_whole(tgt: Tgt, tmp_path: Path) -> None:
    """Killed at its last step, the removal leaves a target without an account; the second call leaves nothing."""
    lab = tgt.lab(tmp_path)
    export = lab.export("volume-a")
    lab.start().export(export)
    stray = Export(export.volume_id, export.name, 0, "", 0, "", "")
    with pytest.raises(KeyboardInterrupt):
        DiesAtLast(tgt.settings).unexport(stray)
    assert tgt.adm("--op show --mode account").split()[2:] == []
    assert lab.start().exports() == [export.name]
    lab.start().unexport(stray)
    assert lab.start().exports() == []


class DiesAtLast(TgtTarget):
    """Its process ends before the target goes."""

    def _delete(self, shown: ShownTarget) -> None:
        raise KeyboardInterrupt


def test_volumes_have_their_own_identity(tgt: Tgt, tmp_path: Path) -> None:
    """The volume's id names the disk, whatever numbers the target has had, so multipath never joins two volumes."""
    lab = tgt.lab(tmp_path)
    first = lab.export("volume-a")
    second = replace(lab.export("volume-b"), number=first.number)
    driver, pages = lab.start(), []
    for export in (first, first, second):
        driver.export(export)
        alice = Initiator.of(ALICE, driver.grant(export, ALICE))
        pages.append((alice.page(0x80), alice.page(0x83)))
        driver.unexport(export)
    assert pages[0] == pages[1] != pages[2]
    assert first.volume_id.replace("-", "") in pages[0][0]


def test_several_portals_are_served_and_told(tmp_path: Path) -> None:
    """Secondary addresses, IPv6 among them, are listened on and stand in the lists; each lets an initiator in."""
    tgt = Tgt(tmp_path)
    settings = replace(tgt.settings, target_secondary_ip_addresses=("127.0.0.2", "::1"))
    port = settings.target_port
    TgtDaemon(settings).ensure()
    try:
        driver = TgtTarget(settings)
        driver.check()
        export = tgt.lab(tmp_path).export("volume-a")
        driver.export(export)
        data = driver.grant(export, ALICE).data
        assert data["target_portals"] == [f"127.0.0.1:{port}", f"127.0.0.2:{port}", f"[::1]:{port}"]
        assert data["target_iqns"] == [export.name] * 3
        assert data["target_luns"] == [1, 1, 1]
        for portal in data["target_portals"]:
            assert Initiator(ALICE, data).but(target_portal=portal).may_log_in()
    finally:
        tgt.stop()


def test_check_says_what_is_wrong(tgt: Tgt) -> None:
    """A portal that tgtd does not have, and a transport that this machine cannot do, are found before any export."""
    TgtTarget(tgt.settings).check()
    with pytest.raises(BackendFailed, match=r"does not listen on 127\.0\.0\.9"):
        TgtTarget(replace(tgt.settings, target_ip_address="127.0.0.9")).check()
    with pytest.raises(BackendFailed, match="cannot serve iser"):
        TgtTarget(replace(tgt.settings, target_protocol="iser")).check()


class AsksNoPassword(TgtTarget):
    """Targets have no account."""

    def _bind_account(self, export: Export) -> Answer:
        return Answer.DONE


class OpensToAll(TgtTarget):
    """A grant to one is a grant to all."""

    def grant(self, export: Export, initiator: str, *, multipath: bool = False) -> ExportGrant:
        anybody = Request("bind", "target", export.number, words={"initiator-address": "ALL"})
        self._control.ask(anybody, Answer.ACL_EXISTS)
        return ExportGrant("iscsi", self._login(export, multipath=multipath))


class LeavesSessions(TgtTarget):
    """Revoking keeps new sessions out, and the old ones in."""

    def _end_sessions(self, tid: int, initiator: str = "") -> None:
        pass


class EndsEverybodysSessions(TgtTarget):
    """Revoking throws out all initiators."""

    def _end_sessions(self, tid: int, initiator: str = "") -> None:
        super()._end_sessions(tid)


class StartsOver(TgtTarget):
    """A second export makes the target anew."""

    def export(self, export: Export) -> None:
        self.unexport(export)
        super().export(export)


class TrustsNumbers(TgtTarget):
    """Takes whatever target has the number."""

    def _adopt(self, export: Export) -> bool:
        return True


class TellsNobody(TgtTarget):
    """As if no host were logged in."""

    def sessions(self, name: str) -> list[str]:
        return []


class NeverGrows(TgtTarget):
    """The size of a target is what it was first."""

    def _is_outgrown(self, shown: ShownTarget, export: Export) -> bool:
        return False


class GrowsAtAnyCost(TgtTarget):
    """The LUN is replaced under those who use it."""

    def _is_outgrown(self, shown: ShownTarget, export: Export) -> bool:
        return True


@pytest.mark.parametrize(
    ("kind", "check"),
    [
        (AsksNoPassword, targets.passwords_are_asked_for),
        (OpensToAll, targets.strangers_are_refused),
        (OpensToAll, targets.two_initiators_share_an_export),
        (LeavesSessions, targets.revoking_ends_one_initiators_sessions),
        (EndsEverybodysSessions, targets.revoking_ends_one_initiators_sessions),
        (StartsOver, targets.exporting_again_disturbs_nobody),
        (TrustsNumbers, targets.another_volumes_target_is_left_alone),
        (TrustsNumbers, targets.a_target_of_another_file_is_replaced),
        (TellsNobody, targets.who_is_logged_in_is_told),
        (NeverGrows, targets.a_grown_volume_is_seen),
        (GrowsAtAnyCost, targets.exporting_again_disturbs_nobody),
    ],
)
def test_the_suite_notices_a_broken_target(kind: type[TgtTarget], check: Check, tgt: Tgt, tmp_path: Path) -> None:
    """Each wrong target fails the check that is there for its fault."""
    with pytest.raises((AssertionError, BackendFailed, pytest.fail.Exception)):
        check(tgt.lab(tmp_path, kind))

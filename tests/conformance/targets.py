"""What every iSCSI target driver has to do: one list of checks, each run on a `TargetLab`.

A driver's own test file makes a lab and runs them:

    @pytest.mark.parametrize("check", CHECKS, ids=name_of)
    def test_conforms(check, target_lab):
        check(target_lab)
"""

import os
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from pathlib import Path

import pytest

from lapilli.model.errors import BackendFailed, Malformed
from lapilli.model.values import GIB
from tests.conformance.target_lab import ALICE, BOB, MIB, Check, Initiator, TargetLab


def name_of(check: Check) -> str:
    return check.__name__


def bytes_reach_the_volume(lab: TargetLab) -> None:
    """What an initiator writes is in the volume's file, and nothing else is; its size is the volume's."""
    driver, export = lab.start(), lab.export("volume-a", 2)
    driver.export(export)
    alice = Initiator.of(ALICE, driver.grant(export, ALICE))
    assert alice.write(MIB, 0xAB, MIB)
    assert lab.read(export, 0, 3 * MIB) == bytes(MIB) + b"\xab" * MIB + bytes(MIB)
    assert alice.size_bytes() == 2 * GIB


def a_grant_says_where(lab: TargetLab) -> None:
    """The connection info has the keys of Cinder, and lists of portals when the host does multipath."""
    driver, export = lab.start(), lab.export("volume-a")
    driver.export(export)
    grant = driver.grant(export, ALICE)
    assert grant.driver_volume_type == "iscsi"
    single = {
        "target_discovered": False,
        "target_portal": grant.data["target_portal"],
        "target_iqn": export.name,
        "target_lun": grant.data["target_lun"],
        "auth_method": "CHAP",
        "auth_username": export.username,
        "auth_password": export.password,
    }
    assert grant.data == single
    lists = {"target_portals": "target_portal", "target_iqns": "target_iqn", "target_luns": "target_lun"}
    assert driver.grant(export, ALICE, multipath=True).data == single | {
        plural: [single[key]] for plural, key in lists.items()
    }


def strangers_are_refused(lab: TargetLab) -> None:
    """Without a grant, without the password, or with neither, nobody is let in."""
    driver, export = lab.start(), lab.export("volume-a")
    driver.export(export)
    assert not Initiator.of(ALICE, driver.grant(export, BOB)).may_log_in()
    alice = Initiator.of(ALICE, driver.grant(export, ALICE))
    assert alice.may_log_in()
    assert not alice.but(auth_password="not-the-password").may_log_in()
    assert not alice.but(auth_username="", auth_password="").may_log_in()
    other = lab.export("volume-b")
    driver.export(other)
    driver.grant(other, ALICE)
    assert not alice.but(target_iqn=other.name).may_log_in()


def a_new_target_is_closed(lab: TargetLab) -> None:
    """An export alone lets nobody in, not even with its credentials."""
    driver, first, second = lab.start(), lab.export("volume-a"), lab.export("volume-b")
    driver.export(first)
    driver.export(second)
    data = dict(driver.grant(first, ALICE).data)
    data |= {"target_iqn": second.name, "auth_username": second.username, "auth_password": second.password}
    assert not Initiator(ALICE, data).may_log_in()


def two_initiators_share_an_export(lab: TargetLab) -> None:
    """Both are let in, and see the same bytes; a grant given twice is one."""
    driver, export = lab.start(), lab.export("volume-a")
    driver.export(export)
    alice = Initiator.of(ALICE, driver.grant(export, ALICE))
    bob = Initiator.of(BOB, driver.grant(export, BOB))
    assert driver.grant(export, ALICE).data == alice.data
    assert alice.write(0, 0x11, MIB)
    assert bob.reads(0, 0x11, MIB)
    driver.revoke(export, ALICE)
    assert not alice.may_log_in()


def revoking_ends_one_initiators_sessions(lab: TargetLab) -> None:
    """The one is out and stays out, the other goes on; a second revoke does nothing."""
    driver, export = lab.start(), lab.export("volume-a")
    driver.export(export)
    alice = Initiator.of(ALICE, driver.grant(export, ALICE))
    bob = Initiator.of(BOB, driver.grant(export, BOB))
    with alice.session(), alice.session(), bob.session() as bobs:
        assert lab.sessions(export) == {ALICE, BOB}
        for _ in range(2):
            driver.revoke(export, ALICE)
            assert lab.sessions(export) == {BOB}
        assert not alice.may_log_in()
        assert bobs.io("write -P 0x22 0 4k")
    driver.revoke(replace(export, number=next(lab.numbers)), ALICE)


def exporting_again_disturbs_nobody(lab: TargetLab) -> None:
    """A service that restarts exports and grants what it finds; those who are logged in do not notice."""
    export = lab.export("volume-a")
    lab.start().export(export)
    alice = Initiator.of(ALICE, lab.start().grant(export, ALICE))
    with alice.busy() as writer:
        lab.wait_for_session(export, ALICE)
        for _ in range(10):
            driver = lab.start()
            driver.export(export)
            driver.grant(export, ALICE)
            driver.resized(export)
        assert writer.poll() is None
        assert lab.sessions(export) == {ALICE}


def unexporting_twice_is_unexporting(lab: TargetLab) -> None:
    """The target ends with its sessions, be they busy; the second call does nothing, and others are untouched."""
    driver, export, other = lab.start(), lab.export("volume-a"), lab.export("volume-b")
    for each in (export, other):
        driver.export(each)
    alice = Initiator.of(ALICE, driver.grant(export, ALICE))
    bob = Initiator.of(BOB, driver.grant(other, BOB))
    with alice.busy(), bob.session() as bobs:
        lab.wait_for_session(export, ALICE)
        assert set(driver.exports()) == {export.name, other.name}
        for _ in range(2):
            driver.unexport(export)
            assert driver.exports() == [other.name]
        assert lab.sessions(export) == set()
        assert not alice.may_log_in()
        assert bobs.io("read 0 4k")
    driver.export(export)
    assert not alice.may_log_in()


def a_target_of_another_file_is_replaced(lab: TargetLab) -> None:
    """A target that serves what the row does not say serves the row's file after the next export."""
    driver, export = lab.start(), lab.export("volume-a")
    wrong = lab.export("wrong")
    driver.export(replace(export, path=wrong.path))
    driver.export(export)
    alice = Initiator.of(ALICE, driver.grant(export, ALICE))
    assert alice.write(0, 0x33, 4096)
    assert lab.read(export, 0, 4096) == b"\x33" * 4096
    assert lab.read(wrong, 0, 4096) == bytes(4096)


def a_target_of_an_old_number_is_replaced(lab: TargetLab) -> None:
    """A volume has one target, the one with the number of its row."""
    driver, export = lab.start(), lab.export("volume-a")
    driver.export(export)
    moved = replace(export, number=next(lab.numbers))
    driver.export(moved)
    assert driver.exports() == [export.name]
    assert Initiator.of(ALICE, driver.grant(moved, ALICE)).may_log_in()


def another_volumes_target_is_left_alone(lab: TargetLab) -> None:
    """A number that is another target's is refused with both names, and nothing is taken from the other."""
    driver, export = lab.start(), lab.export("volume-a")
    intruder = replace(lab.export("volume-b"), number=export.number)
    driver.export(export)
    alice = Initiator.of(ALICE, driver.grant(export, ALICE))
    with pytest.raises(BackendFailed, match=r"volume-a.*volume-b"):
        driver.export(intruder)
    driver.unexport(intruder)
    assert driver.exports() == [export.name]
    assert alice.may_log_in()


def read_only_is_enforced(lab: TargetLab) -> None:
    """Writes fail on a read-only export, and work again after it is exported otherwise."""
    driver, export = lab.start(), lab.export("volume-a")
    driver.export(replace(export, read_only=True))
    alice = Initiator.of(ALICE, driver.grant(export, ALICE))
    assert not alice.write(0, 0x44, 4096)
    assert alice.reads(0, 0, 4096)
    driver.export(export)
    assert alice.write(0, 0x44, 4096)


def a_grown_volume_is_seen(lab: TargetLab) -> None:
    """After `resized` a login sees the new size; it may be called again."""
    driver, export = lab.start(), lab.export("volume-a")
    driver.export(export)
    alice = Initiator.of(ALICE, driver.grant(export, ALICE))
    assert alice.write(0, 0x55, 4096)
    os.truncate(export.path, 3 * GIB)
    for _ in range(2):
        driver.resized(replace(export, size_gib=3))
        assert alice.size_bytes() == 3 * GIB
    assert alice.reads(0, 0x55, 4096)


def growing_breaks_no_io(lab: TargetLab) -> None:
    """Whoever writes goes on writing, and the new size is seen at the latest after the next export."""
    driver, export = lab.start(), lab.export("volume-a")
    driver.export(export)
    alice = Initiator.of(ALICE, driver.grant(export, ALICE))
    grown = replace(export, size_gib=2)
    with alice.session() as session:
        os.truncate(export.path, 2 * GIB)
        driver.resized(grown)
        assert session.io("write -P 0x66 0 4k")
    driver.revoke(export, ALICE)
    driver.export(grown)
    driver.grant(grown, ALICE)
    assert alice.size_bytes() == 2 * GIB


def lost_targets_are_made_again(lab: TargetLab) -> None:
    """After the target's side died, the same calls bring back what was there; a grant alone is enough."""
    driver, exports = lab.start(), [lab.export("volume-a"), lab.export("volume-b")]
    for export in exports:
        driver.export(export)
        assert Initiator.of(ALICE, driver.grant(export, ALICE)).write(0, export.number, 4096)
    lab.crash()
    driver.export(exports[0])
    for export in exports:
        alice = Initiator.of(ALICE, driver.grant(export, ALICE))
        assert alice.reads(0, export.number, 4096)


def what_is_gone_is_gone(lab: TargetLab) -> None:
    """Taking away works on targets that died with their daemon, or never were."""
    driver, export = lab.start(), lab.export("volume-a")
    driver.revoke(export, ALICE)
    driver.resized(export)
    driver.unexport(export)
    assert driver.exports() == []


def a_missing_file_is_explained(lab: TargetLab) -> None:
    """A volume that is not there cannot be exported; the error has its path, and its file makes it good."""
    driver, export = lab.start(), lab.export("volume-a")
    path = Path(export.path)
    path.rename(f"{path}-away")
    with pytest.raises(BackendFailed, match=str(path)):
        driver.export(export)
    Path(f"{path}-away").rename(path)
    driver.export(export)
    assert Initiator.of(ALICE, driver.grant(export, ALICE)).may_log_in()


def fifty_at_once(lab: TargetLab) -> None:
    """Fifty attachments in parallel get fifty targets, and go as they came."""
    driver = lab.start()
    exports = [lab.export(f"volume-{number}") for number in range(50)]
    with ThreadPoolExecutor(25) as threads:
        list(threads.map(driver.export, exports))
        grants = list(threads.map(lambda export: driver.grant(export, ALICE), exports))
        assert sorted(driver.exports()) == sorted(export.name for export in exports)
        assert all(Initiator.of(ALICE, grant).may_log_in() for grant in grants[::10])
        list(threads.map(lambda export: driver.revoke(export, ALICE), exports))
        list(threads.map(driver.unexport, exports))
    assert driver.exports() == []


def hosts_say_who_they_are(lab: TargetLab) -> None:
    """The initiator's name is read from the connector; a host without a usable one is refused."""
    driver = lab.start()
    assert driver.check_connector({"initiator": ALICE, "host": "h"}) == ALICE
    for connector in ({}, {"initiator": None}, {"initiator": ""}, {"initiator": "alice"}, {"initiator": "iqn.a,b"}):
        with pytest.raises(Malformed, match="initiator"):
            driver.check_connector(connector)


CHECKS: list[Check] = [
    bytes_reach_the_volume,
    a_grant_says_where,
    strangers_are_refused,
    a_new_target_is_closed,
    two_initiators_share_an_export,
    revoking_ends_one_initiators_sessions,
    exporting_again_disturbs_nobody,
    unexporting_twice_is_unexporting,
    a_target_of_another_file_is_replaced,
    a_target_of_an_old_number_is_replaced,
    another_volumes_target_is_left_alone,
    read_only_is_enforced,
    a_grown_volume_is_seen,
    growing_breaks_no_io,
    lost_targets_are_made_again,
    what_is_gone_is_gone,
    a_missing_file_is_explained,
    fifty_at_once,
    hosts_say_who_they_are,
]

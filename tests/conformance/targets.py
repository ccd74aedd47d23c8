"""What every target driver has to do: lists of checks, each run on a `TargetLab`.

`CHECKS` are for all, and so are `MANY`, which take time and need not be done for each way to the same target. `ISCSI`
are for those that speak iSCSI, `NUMBERED` for those whose targets have the number of the row, `WRITE_PROTECTING` for
those that can keep a host from writing, and `TELLING` for those that tell who is logged in. A driver's own test file
makes a lab and runs them:

    @pytest.mark.parametrize("check", CHECKS, ids=name_of)
    def test_conforms(check, target_lab):
        check(target_lab)
"""

from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from pathlib import Path

import pytest

from lapilli.model.errors import BackendFailed, Malformed
from lapilli.model.protocols.targets import ShowsSessions
from lapilli.model.values import GIB
from tests.conformance.target_lab import MIB, Check, Initiator, TargetLab


def name_of(check: Check) -> str:
    return check.__name__


def bytes_reach_the_volume(lab: TargetLab) -> None:
    """What an initiator writes is in the volume's file, and nothing else is; its size is the volume's."""
    driver, export = lab.start(), lab.export("volume-a", 2)
    driver.export(export)
    alice = lab.login(lab.alice, driver.grant(export, lab.alice))
    assert alice.write(MIB, 0xAB, MIB)
    assert lab.read(export, 0, 3 * MIB) == bytes(MIB) + b"\xab" * MIB + bytes(MIB)
    assert alice.size_bytes() == 2 * GIB


def a_grant_says_where(lab: TargetLab) -> None:
    """The connection info has the keys of Cinder, and lists of portals when the host does multipath."""
    driver, export = lab.start(), lab.export("volume-a")
    driver.export(export)
    grant = driver.grant(export, lab.alice)
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
    assert driver.grant(export, lab.alice, multipath=True).data == single | {
        plural: [single[key]] for plural, key in lists.items()
    }


def strangers_are_refused(lab: TargetLab) -> None:
    """Without a grant nobody is let in, nor with that of another."""
    driver, export = lab.start(), lab.export("volume-a")
    driver.export(export)
    assert not lab.login(lab.alice, driver.grant(export, lab.bob)).may_log_in()
    assert lab.login(lab.alice, driver.grant(export, lab.alice)).may_log_in()


def passwords_are_asked_for(lab: TargetLab) -> None:
    """Without the password, or with that of another target, nobody is let in."""
    driver, export = lab.start(), lab.export("volume-a")
    driver.export(export)
    alice = Initiator.of(lab.alice, driver.grant(export, lab.alice))
    assert alice.may_log_in()
    assert not alice.but(auth_password="not-the-password").may_log_in()
    assert not alice.but(auth_username="", auth_password="").may_log_in()
    other = lab.export("volume-b")
    driver.export(other)
    driver.grant(other, lab.alice)
    assert not alice.but(target_iqn=other.name).may_log_in()


def a_new_target_is_closed(lab: TargetLab) -> None:
    """An export alone lets nobody in, not even with its credentials."""
    driver, first, second = lab.start(), lab.export("volume-a"), lab.export("volume-b")
    driver.export(first)
    driver.export(second)
    alice = lab.login(lab.alice, driver.grant(first, lab.alice))
    assert alice.may_log_in()
    assert not alice.at(second).may_log_in()


def two_initiators_share_an_export(lab: TargetLab) -> None:
    """Both are let in, and see the same bytes; a grant given twice is one."""
    driver, export = lab.start(), lab.export("volume-a")
    driver.export(export)
    alice = lab.login(lab.alice, driver.grant(export, lab.alice))
    bob = lab.login(lab.bob, driver.grant(export, lab.bob))
    assert driver.grant(export, lab.alice).data == alice.data
    assert alice.write(0, 0x11, MIB)
    assert bob.reads(0, 0x11, MIB)
    driver.revoke(export, lab.alice)
    assert not alice.may_log_in()


def revoking_ends_one_initiators_sessions(lab: TargetLab) -> None:
    """The one is out and stays out, the other goes on; a second revoke does nothing."""
    driver, export = lab.start(), lab.export("volume-a")
    driver.export(export)
    alice = lab.login(lab.alice, driver.grant(export, lab.alice))
    bob = lab.login(lab.bob, driver.grant(export, lab.bob))
    with alice.session(), alice.session(), bob.session() as bobs:
        assert lab.sessions(export) == {lab.alice, lab.bob}
        for _ in range(2):
            driver.revoke(export, lab.alice)
            assert lab.sessions(export) == {lab.bob}
        assert not alice.may_log_in()
        assert bobs.writes(0, 0x22, 4096)
    driver.revoke(replace(export, number=next(lab.numbers)), lab.alice)


def who_is_logged_in_is_told(lab: TargetLab) -> None:
    """By their names, target by target, until they are out; of a target that has gone, nobody."""
    driver, export, other = lab.start(), lab.export("volume-a"), lab.export("volume-b")
    assert isinstance(driver, ShowsSessions)
    for each in (export, other):
        driver.export(each)
    alice = lab.login(lab.alice, driver.grant(export, lab.alice))
    bob = lab.login(lab.bob, driver.grant(export, lab.bob))
    (name,) = (each for each in driver.exports() if each.lower() == export.name.lower())
    assert driver.sessions(name) == []
    with alice.session(), bob.session():
        assert driver.sessions(name) == sorted([lab.alice, lab.bob])
        assert driver.sessions(other.name) == []
        driver.revoke(export, lab.alice)
        assert driver.sessions(name) == [lab.bob]
        driver.unexport(export)
        assert driver.sessions(name) == []


def exporting_again_disturbs_nobody(lab: TargetLab) -> None:
    """A service that restarts exports and grants what it finds; those who are logged in do not notice."""
    export = lab.export("volume-a")
    lab.start().export(export)
    alice = lab.login(lab.alice, lab.start().grant(export, lab.alice))
    with alice.busy() as writer:
        lab.wait_for_session(export, lab.alice)
        for _ in range(10):
            driver = lab.start()
            driver.export(export)
            driver.grant(export, lab.alice)
            driver.resized(export)
        assert writer.poll() is None
        assert lab.sessions(export) == {lab.alice}


def unexporting_twice_is_unexporting(lab: TargetLab) -> None:
    """The target ends with its sessions, be they busy; the second call does nothing, and others are untouched."""
    driver, export, other = lab.start(), lab.export("volume-a"), lab.export("volume-b")
    for each in (export, other):
        driver.export(each)
    alice = lab.login(lab.alice, driver.grant(export, lab.alice))
    bob = lab.login(lab.bob, driver.grant(other, lab.bob))
    with alice.busy(), bob.session() as bobs:
        lab.wait_for_session(export, lab.alice)
        assert set(driver.exports()) == {export.name, other.name}
        for _ in range(2):
            driver.unexport(export)
            assert driver.exports() == [other.name]
        assert lab.sessions(export) == set()
        assert not alice.may_log_in()
        assert bobs.reads(0, 4096)
    driver.export(export)
    assert not alice.may_log_in()


def a_target_of_another_file_is_replaced(lab: TargetLab) -> None:
    """A target that serves what the row does not say serves the row's file after the next export."""
    driver, export = lab.start(), lab.export("volume-a")
    wrong = lab.export("wrong")
    driver.export(replace(export, path=wrong.path))
    driver.export(export)
    alice = lab.login(lab.alice, driver.grant(export, lab.alice))
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
    assert lab.login(lab.alice, driver.grant(moved, lab.alice)).may_log_in()


def another_volumes_target_is_left_alone(lab: TargetLab) -> None:
    """A number that is another target's is refused with both names, and nothing is taken from the other."""
    driver, export = lab.start(), lab.export("volume-a")
    intruder = replace(lab.export("volume-b"), number=export.number)
    driver.export(export)
    alice = lab.login(lab.alice, driver.grant(export, lab.alice))
    with pytest.raises(BackendFailed, match=r"volume-a.*volume-b"):
        driver.export(intruder)
    driver.unexport(intruder)
    assert driver.exports() == [export.name]
    assert alice.may_log_in()


def read_only_is_enforced(lab: TargetLab) -> None:
    """Writes fail on a read-only export, and work again after it is exported otherwise."""
    driver, export = lab.start(), lab.export("volume-a")
    protected = replace(export, read_only=True)
    driver.export(protected)
    alice = lab.login(lab.alice, driver.grant(protected, lab.alice))
    assert not alice.write(0, 0x44, 4096)
    assert alice.reads(0, 0, 4096)
    driver.export(export)
    assert alice.write(0, 0x44, 4096)


def a_grown_volume_is_seen(lab: TargetLab) -> None:
    """After `resized` a login sees the new size; it may be called again."""
    driver, export = lab.start(), lab.export("volume-a")
    driver.export(export)
    alice = lab.login(lab.alice, driver.grant(export, lab.alice))
    assert alice.write(0, 0x55, 4096)
    grown = lab.grow(export, 3)
    for _ in range(2):
        driver.resized(grown)
        assert alice.size_bytes() == 3 * GIB
    assert alice.reads(0, 0x55, 4096)


def growing_breaks_no_io(lab: TargetLab) -> None:
    """Whoever writes goes on writing, and the new size is seen at the latest after the next export."""
    driver, export = lab.start(), lab.export("volume-a")
    driver.export(export)
    alice = lab.login(lab.alice, driver.grant(export, lab.alice))
    with alice.session() as session:
        grown = lab.grow(export, 2)
        driver.resized(grown)
        assert session.writes(0, 0x66, 4096)
    driver.revoke(export, lab.alice)
    driver.export(grown)
    driver.grant(grown, lab.alice)
    assert alice.size_bytes() == 2 * GIB


def lost_targets_are_made_again(lab: TargetLab) -> None:
    """After the target's side died, the same calls bring back what was there; a grant alone is enough."""
    driver, exports = lab.start(), [lab.export("volume-a"), lab.export("volume-b")]
    for export in exports:
        driver.export(export)
        assert lab.login(lab.alice, driver.grant(export, lab.alice)).write(0, export.number, 4096)
    lab.crash()
    driver.export(exports[0])
    for export in exports:
        alice = lab.login(lab.alice, driver.grant(export, lab.alice))
        assert alice.reads(0, export.number, 4096)


def what_is_gone_is_gone(lab: TargetLab) -> None:
    """Taking away works on targets that died with their daemon, or never were."""
    driver, export = lab.start(), lab.export("volume-a")
    driver.revoke(export, lab.alice)
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
    assert lab.login(lab.alice, driver.grant(export, lab.alice)).may_log_in()


def fifty_at_once(lab: TargetLab) -> None:
    """Fifty attachments in parallel get fifty targets, and go as they came."""
    driver = lab.start()
    exports = [lab.export(f"volume-{number}") for number in range(50)]
    with ThreadPoolExecutor(25) as threads:
        list(threads.map(driver.export, exports))
        grants = list(threads.map(lambda export: driver.grant(export, lab.alice), exports))
        assert sorted(driver.exports()) == sorted(export.name for export in exports)
        assert all(lab.login(lab.alice, grant).may_log_in() for grant in grants[::10])
        list(threads.map(lambda export: driver.revoke(export, lab.alice), exports))
        list(threads.map(driver.unexport, exports))
    assert driver.exports() == []


def hosts_say_who_they_are(lab: TargetLab) -> None:
    """The initiator's name is read from the connector; a host without a usable one is refused."""
    driver = lab.start()
    assert driver.check_connector({"initiator": lab.alice, "host": "h"}) == lab.alice
    for connector in ({}, {"initiator": None}, {"initiator": ""}, {"initiator": "alice"}, {"initiator": "iqn.a,b"}):
        with pytest.raises(Malformed, match="initiator"):
            driver.check_connector(connector)


CHECKS: list[Check] = [
    bytes_reach_the_volume,
    strangers_are_refused,
    a_new_target_is_closed,
    two_initiators_share_an_export,
    revoking_ends_one_initiators_sessions,
    exporting_again_disturbs_nobody,
    unexporting_twice_is_unexporting,
    a_target_of_another_file_is_replaced,
    a_grown_volume_is_seen,
    growing_breaks_no_io,
    lost_targets_are_made_again,
    what_is_gone_is_gone,
]
MANY: list[Check] = [fifty_at_once]
FILES: list[Check] = [a_missing_file_is_explained]
ISCSI: list[Check] = [a_grant_says_where, passwords_are_asked_for, hosts_say_who_they_are]
NUMBERED: list[Check] = [a_target_of_an_old_number_is_replaced, another_volumes_target_is_left_alone]
TELLING: list[Check] = [who_is_logged_in_is_told]
WRITE_PROTECTING: list[Check] = [read_only_is_enforced]

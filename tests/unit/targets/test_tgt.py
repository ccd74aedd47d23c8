"""The settings of `tgt`, and what it says without a daemon. What it does is in tests/conformance."""

from dataclasses import replace
from pathlib import Path

import pytest

from lapilli.model.errors import BackendFailed, Malformed
from lapilli.model.protocols.targets import HasDaemon, TargetDriver
from lapilli.model.values import Export
from lapilli.targets.tgt import TgtTarget
from lapilli.targets.tgt_settings import TgtSettings
from tests.servers.process import free_port

EXPORT = Export("0b1c", "iqn.2010-10.org.openstack:volume-a", 1, "/volumes/a", 1, "user", "password")


def test_portals_are_written_as_initiators_want_them() -> None:
    """The first address first, IPv6 in brackets, all with the one port."""
    settings = TgtSettings(target_ip_address="10.0.0.1", target_secondary_ip_addresses=("fd00::1", "[fd00::2]"))
    assert settings.portals == ["10.0.0.1:3260", "[fd00::1]:3260", "[fd00::2]:3260"]


def test_without_a_daemon_everything_says_what_to_do() -> None:
    """No call pretends to work when tgtd is not there."""
    target: TargetDriver = TgtTarget(TgtSettings(tgt_control_port=32123))
    for call in (
        target.check,
        target.exports,
        lambda: target.export(EXPORT),
        lambda: target.grant(EXPORT, "iqn.a:b"),
        lambda: target.revoke(EXPORT, "iqn.a:b"),
        lambda: target.unexport(EXPORT),
        lambda: target.resized(EXPORT),
    ):
        with pytest.raises(BackendFailed, match=r"control port 32123.*install the package tgt"):
            call()
    assert TgtTarget(TgtSettings(tgt_control_port=32123)).generation() == ""


def test_the_target_looks_after_its_daemon(tmp_path: Path) -> None:
    """What the target is asked to do for its daemon is done, so that a service needs to know the target alone."""
    port = free_port()
    target = TgtTarget(TgtSettings("iscsi", "127.0.0.1", port, tgt_control_port=port, tgt_state_path=str(tmp_path)))
    assert isinstance(target, HasDaemon)
    target.ensure()
    try:
        target.check()
        first = target.generation()
    finally:
        target.stop()
    with pytest.raises(BackendFailed):
        target.check()
    target.ensure()
    try:
        assert target.generation() not in ("", first)
    finally:
        target.stop()


@pytest.mark.parametrize("name", ["iqn.a:b\n", "iqn.a,b", "\0"])
def test_what_tgt_cannot_hold_is_refused(name: str) -> None:
    """tgtd cuts at commas and has no quotes, so nothing that holds one is sent."""
    with pytest.raises(Malformed, match=r"targetname.*must not contain commas"):
        TgtTarget(TgtSettings(tgt_control_port=32123)).export(replace(EXPORT, name=name))

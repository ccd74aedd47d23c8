"""What tgtd prints is read as it is meant. Its text is the real one of version 1.0.85."""

from lapilli.targets import tgt_shown

TARGETS = """\
Target 1: iqn.2010-10.org.openstack:volume-a
    System information:
        Driver: iscsi
        State: ready
    I_T nexus information:
        I_T nexus: 6
            Initiator: iqn.me alias: none
            Connection: 0
                IP Address: 127.0.0.1
    LUN information:
        LUN: 0
            Type: controller
            Size: 0 MB, Block size: 1
            Backing store path: None
        LUN: 1
            Type: disk
            Size: 1074 MB, Block size: 512
            Backing store path: /volumes/a
    Account information:
        user
        ours (outgoing)
    ACL information:
        iqn.me
        iqn.you
Target 12: iqn.2010-10.org.openstack:volume-b
    System information:
        Driver: iscsi
    I_T nexus information:
    LUN information:
        LUN: 0
            Size: 0 MB, Block size: 1
            Backing store path: None
    Account information:
    ACL information:
"""
CONNECTIONS = """\
Session: 6
    Connection: 0
        Initiator: iqn.me
        IP Address: 127.0.0.1
Session: 4
    Connection: 1
        Initiator: iqn.you
        IP Address: 127.0.0.1
"""
DRIVERS = """\
LLDs:
    iscsi: ready
        Target 1: iqn.2010-10.org.openstack:volume-a
        Target 12: iqn.other: odd
    iser: error
"""


def test_targets_are_told_apart() -> None:
    """Number, name, LUN, sessions and rules belong to the right target; a LUN that is missing has no facts."""
    first, second = tgt_shown.targets(TARGETS)
    assert (first.tid, first.name) == (1, "iqn.2010-10.org.openstack:volume-a")
    assert (second.tid, second.name) == (12, "iqn.2010-10.org.openstack:volume-b")
    assert first.of_lun(1, "Backing store path") == "/volumes/a"
    assert first.of_lun(1, "Size") == tgt_shown.size(1)
    assert second.of_lun(1, "Backing store path") == ""
    assert (first.has_sessions, second.has_sessions) == (True, False)
    assert (first.initiators, second.initiators) == (["iqn.me", "iqn.you"], [])
    assert (first.accounts, second.accounts) == (["user"], [])


def test_nothing_is_nothing() -> None:
    """Empty answers have no targets, names, portals or connections."""
    assert list(tgt_shown.targets("")) == []
    assert list(tgt_shown.connections("")) == []
    assert tgt_shown.names("LLDs:\n    iscsi: ready\n") == tgt_shown.portals("") == []


def test_connections_have_their_session() -> None:
    """Each with session, connection and initiator."""
    first, second = tgt_shown.connections(CONNECTIONS)
    assert (first.sid, first.cid, first.initiator) == (6, 0, "iqn.me")
    assert (second.sid, second.cid, second.initiator) == (4, 1, "iqn.you")


def test_names_and_portals() -> None:
    """The short lists."""
    assert tgt_shown.names(DRIVERS) == ["iqn.2010-10.org.openstack:volume-a", "iqn.other: odd"]
    assert tgt_shown.portals("Portal: [::1]:3260,1\nPortal: 10.0.0.1:3260,1\n") == ["[::1]:3260", "10.0.0.1:3260"]


def test_sizes_that_differ_look_different() -> None:
    """Tgtd rounds, but never two sizes of whole GiB to the same number."""
    shown = [tgt_shown.size(size_gib) for size_gib in [*range(1, 200), *range(65000, 65100)]]
    assert len(set(shown)) == len(shown)

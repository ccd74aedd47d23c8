"""Groups with the bytes of others: all their volumes, or none; and what may not change meanwhile."""

import pytest

from lapilli.db import quotas, services, snapshots, volumes
from lapilli.db.listing import Page
from lapilli.model.errors import Conflict, NotFound, QuotaExceeded
from lapilli.operations import delete_snapshot, extend_volume
from lapilli.operations.admission import Rules
from tests.unit.operations import group_lab as g
from tests.unit.operations.lab import RULES, STRANGER, TENANT, Lab, fail


def mark(lab: Lab, name: str, byte: bytes) -> None:
    with (lab.first.directory / name).open("r+b") as file:
        file.write(byte)


def first_byte(lab: Lab, name: str) -> bytes:
    with (lab.first.directory / name).open("rb") as file:
        return file.read(1)


def two_volumes(lab: Lab) -> tuple[str, str, str]:
    """A group with volumes of 1 GiB of `a` and 2 GiB of `b`; the ids of all three."""
    group_id = g.make_group(lab)
    one, two = g.make_member(lab, group_id, 1), g.make_member(lab, group_id, 2)
    mark(lab, f"volume-{one}", b"a")
    mark(lab, f"volume-{two}", b"b")
    return group_id, one, two


def test_of_a_group(lab: Lab) -> None:
    """Each volume is copied where its original lies, into a group of the same type."""
    group_id, one, two = two_volumes(lab)
    copy_id = g.begin_copy(lab, group_id=group_id)
    assert g.status(lab, copy_id) == "creating"
    assert {volume.status for volume in g.members(lab, copy_id)} == {"creating"}
    lab.work()
    row, of = g.group(lab, copy_id), g.group(lab, group_id)
    assert (row.status, row.source_group_id, row.group_snapshot_id) == ("available", group_id, None)
    assert (row.host, row.group_type_id, row.name) == (of.host, of.group_type_id, "copy")
    copies = {volume.source_volid: volume for volume in g.members(lab, copy_id)}
    assert copies.keys() == {one, two}
    for origin, size_gib, byte in ((one, 1, b"a"), (two, 2, b"b")):
        volume = copies[origin]
        assert (volume.status, volume.size_gib, volume.host, volume.name) == ("available", size_gib, of.host, None)
        assert volume.service_uuid is not None
        assert first_byte(lab, f"volume-{volume.id}") == byte
    assert lab.allocated(lab.first) == (6, 4)
    g.make_member(lab, copy_id)
    assert lab.see(quotas.usage, "p")["groups"] == 2


def test_of_a_group_snapshot(lab: Lab) -> None:
    """The bytes are those of the snapshot's time, and so are the sizes."""
    group_id, one, _two = two_volumes(lab)
    snapshot_id = g.make_group_snapshot(lab, group_id)
    mark(lab, f"volume-{one}", b"z")
    lab.ask(extend_volume.admit, TENANT, RULES, one, 3, online=True)
    lab.work()
    copy_id = g.begin_copy(lab, snapshot_id=snapshot_id)
    lab.work()
    copies = sorted(g.members(lab, copy_id), key=lambda volume: volume.size_gib)
    assert [(volume.status, volume.size_gib) for volume in copies] == [("available", 1), ("available", 2)]
    assert [first_byte(lab, f"volume-{volume.id}") for volume in copies] == [b"a", b"b"]
    assert {volume.snapshot_id for volume in copies} == {piece.id for piece in g.pieces(lab, snapshot_id)}
    assert g.group(lab, copy_id).group_snapshot_id == snapshot_id


def test_no_space(lab: Lab) -> None:
    """Without room for all, there is none of them; the group in error is deleted with its volumes."""
    group_id = g.make_group(lab)
    for size_gib in (5, 6):
        g.make_member(lab, group_id, size_gib)
    copy_id = g.begin_copy(lab, group_id=group_id)
    lab.work()
    assert g.status(lab, copy_id) == "error"
    assert [(volume.status, volume.host) for volume in g.members(lab, copy_id)] == [("error", None)] * 2
    assert "CapacityFilter refused" in lab.operation(copy_id).error
    assert (lab.allocated(lab.first), len(lab.first.files())) == ((11, 2), 2)
    g.delete(lab, copy_id, with_volumes=True)
    lab.work()
    assert g.status(lab, copy_id) == "gone"
    assert lab.allocated(lab.first) == (11, 2)


def test_fault_of_the_backend(lab: Lab) -> None:
    """If one copy fails, the others go, and their space is given back."""
    group_id, _one, _two = two_volumes(lab)
    calls = iter(range(2))
    lab.first.driver.before["create_volume_from_volume"] = lambda: next(calls) and fail()
    copy_id = g.begin_copy(lab, group_id=group_id)
    lab.work()
    assert g.status(lab, copy_id) == "error"
    assert {volume.status for volume in g.members(lab, copy_id)} == {"error"}
    assert (lab.allocated(lab.first), len(lab.first.files())) == ((3, 2), 2)


def test_originals_stay_as_they_are(lab: Lab) -> None:
    """What is copied is neither deleted nor grown until the copies are made."""
    group_id, one, _two = two_volumes(lab)
    snapshot_id = g.make_group_snapshot(lab, group_id)
    g.begin_copy(lab, snapshot_id=snapshot_id)
    with pytest.raises(Conflict, match="being copied"):
        g.delete_snapshot(lab, snapshot_id)
    lab.work()
    g.begin_copy(lab, group_id=group_id)
    lab.ask(extend_volume.admit, TENANT, RULES, one, 3, online=True)
    lab.round()
    assert lab.status(one) == "extending"
    lab.work()
    assert (lab.status(one), lab.volume(one).size_gib) == ("available", 3)
    assert {volume.size_gib for volume in lab.see(volumes.list_page, Page(None))} == {1, 2, 3}
    g.delete_snapshot(lab, snapshot_id)
    lab.work()
    g.begin_copy(lab, group_id=group_id)
    with pytest.raises(Conflict, match="being copied"):
        g.delete(lab, group_id, with_volumes=True)
    lab.work()


def test_refused(lab: Lab) -> None:
    """Empty sources, sources that are not available, those of others, and quotas; nothing is left of a refusal."""
    empty = g.make_group(lab)
    with pytest.raises(Conflict, match="empty"):
        g.begin_copy(lab, group_id=empty)
    group_id, one, _two = two_volumes(lab)
    snapshot_id = g.make_group_snapshot(lab, group_id)
    for source in ({"group_id": group_id}, {"snapshot_id": snapshot_id}):
        with pytest.raises(NotFound):
            g.begin_copy(lab, caller=STRANGER, **source)
        for resource, limit in {"groups": 2, "volumes": 3, "gigabytes": 5, "volumes___DEFAULT__": 3}.items():
            g.limit(lab, resource, limit)
            with pytest.raises(QuotaExceeded, match=resource):
                g.begin_copy(lab, rules=Rules(quota=g.UNLIMITED), **source)
        g.limit(lab)
        lab.db.write(lambda tx: services.change(tx, "cinder-volume", lab.first.service, frozen=True))
        with pytest.raises(Conflict, match="frozen"):
            g.begin_copy(lab, **source)
        lab.db.write(lambda tx: services.change(tx, "cinder-volume", lab.first.service, frozen=False))
    lab.db.write(lambda tx: volumes.set_status(tx, one, "error"))
    piece = g.pieces(lab, snapshot_id)[0].id
    lab.db.write(lambda tx: snapshots.set_status(tx, piece, "error"))
    for source in ({"group_id": group_id}, {"snapshot_id": snapshot_id}):
        with pytest.raises(Conflict, match="must be available"):
            g.begin_copy(lab, **source)
    assert lab.see(quotas.usage, "p")["groups"] == 2


def test_volumes_in_use(lab: Lab) -> None:
    """Volumes that are written to need storage that copies them as of one moment."""
    group_id, one, _two = two_volumes(lab)
    lab.attach(one)
    lab.tell(lab.first, copies_snapshots=True)
    for begin in (lambda: g.begin_copy(lab, group_id=group_id), lambda: g.begin_group_snapshot(lab, group_id)):
        with pytest.raises(Conflict, match="one moment"):
            begin()
    lab.tell(lab.first, copies_snapshots=False)
    copy_id = g.begin_copy(lab, group_id=group_id)
    lab.work()
    assert g.status(lab, copy_id) == "available"


def test_a_piece_is_not_deleted_alone(lab: Lab) -> None:
    """A snapshot that is part of a group snapshot goes with it only."""
    group_id, _one, _two = two_volumes(lab)
    piece = g.pieces(lab, g.make_group_snapshot(lab, group_id))[0]
    with pytest.raises(Conflict, match="part of group snapshot"):
        lab.ask(delete_snapshot.admit, TENANT, piece.id)

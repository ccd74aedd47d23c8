"""What lies on the storage is compared with the rows; what is just being made or deleted is not found."""

import uuid

import pytest
from sqlalchemy import delete, update

from lapilli.db import schema
from lapilli.operations import compare_volumes
from tests.unit.operations.lab import Backend, Lab


def found(backend: Backend, *shares: str) -> list[tuple[str, str]]:
    """Kinds, and the first word about each."""
    findings = compare_volumes.findings(backend.desk, frozenset(shares))
    assert all(each.is_problem and not each.can_fix and each.remedy for each in findings)
    return [(each.kind, each.what) for each in findings]


def test_what_is_right_is_not_found(lab: Lab) -> None:
    """Volumes, snapshots, and things with names of their own."""
    volume_id = lab.create(12)
    lab.snapshot(volume_id)
    (lab.first.directory / "somebody-elses").touch()
    (lab.first.directory / "volume-of-mine").touch()
    assert found(lab.first) == found(lab.second) == []


def test_bytes_without_a_row(lab: Lab) -> None:
    """A volume or a snapshot that the database does not know, or has on another backend."""
    unknown, elsewhere = str(uuid.uuid4()), lab.create(12)
    (lab.second.directory / f"snapshot-{unknown}").touch()
    (lab.second.directory / f"volume-{elsewhere}").touch()
    (lab.second.directory / f"volume-{unknown}").touch()
    before = lab.second.files()
    kinds = found(lab.second)
    assert [kind for kind, _ in kinds] == ["orphan-snapshot", "orphan-volume", "orphan-volume"]
    assert any(f"by its row it is on {lab.first.pool}" in what for _, what in kinds)
    assert sum("the database has none of that id" in what for _, what in kinds) == 2
    assert lab.second.files() == before


def test_backends_that_share_a_storage(lab: Lab) -> None:
    """The others' volumes and snapshots are no orphans."""
    volume_id = lab.create(8)
    for name in (f"volume-{volume_id}", f"snapshot-{lab.snapshot(volume_id)}"):
        (lab.first.directory / name).rename(lab.second.directory / name)
    assert len(found(lab.second)) == 2
    assert found(lab.second, lab.first.service) == []


def test_rows_without_bytes(lab: Lab) -> None:
    """Volumes and snapshots that are gone from the storage, or too small."""
    whole, gone, small = lab.create(3), lab.create(3), lab.create(3)
    snapshot_id = lab.snapshot(whole)
    (lab.first.directory / f"snapshot-{snapshot_id}").unlink()
    (lab.first.directory / f"volume-{gone}").unlink()
    with (lab.first.directory / f"volume-{small}").open("r+b") as file:
        file.truncate(2 * 1024**3)
    kinds = dict(found(lab.first))
    assert set(kinds) == {"missing-volume", "missing-snapshot", "small-volume"}
    assert gone in kinds["missing-volume"]
    assert snapshot_id in kinds["missing-snapshot"]
    assert f"{small} has 3 GiB, but volume-{small} has 2." in kinds["small-volume"]


@pytest.mark.parametrize("status", ["error", "error_deleting", "creating", "deleting"])
def test_in_some_statuses_bytes_are_not_expected(lab: Lab, status: str) -> None:
    """Nobody can say what there should be."""
    volume_id = lab.create(12)
    (lab.first.directory / f"volume-{volume_id}").unlink()
    assert [kind for kind, _ in found(lab.first)] == ["missing-volume"]
    lab.db.write(lambda tx: tx.execute(update(schema.volumes).values(status=status)))
    assert found(lab.first) == []


@pytest.mark.parametrize("moment", ["made", "deleted"])
def test_what_changes_meanwhile_is_not_found(lab: Lab, moment: str) -> None:
    """A volume that comes or goes between the looks."""
    volume_id = lab.create(12) if moment == "deleted" else ""
    path = lab.first.directory / f"volume-{volume_id}"

    def change() -> None:
        del lab.first.driver.before["existing"]
        if moment == "made":
            lab.create(12)

    def forget() -> None:
        lab.db.write(lambda tx: tx.execute(delete(schema.volumes)))

    lab.first.driver.before["existing"] = change
    if moment == "deleted":
        existing = lab.first.driver.plugin.existing

        def seen_then_gone() -> object:
            there = existing()
            path.unlink()
            forget()
            return there

        lab.first.driver.plugin.existing = seen_then_gone
    assert found(lab.first) == []

"""Questions about backups, on every database."""

from sqlalchemy import Connection

from lapilli.db import backups, invariants, quotas
from lapilli.db.engine import Database
from lapilli.db.listing import Page
from tests.conformance.databases import new_id

_VOLUME = "22222222-0000-4000-8000-000000000002"


def _add(tx: Connection, time: str, *, parent: str | None = None, project: str = "p", is_complete: bool = True) -> str:
    """A backup of 3 GiB whose data are of that time."""
    backup_id = new_id()
    about = {"project_id": project, "user_id": "u", "volume_id": _VOLUME, "size_gib": 3}
    backups.add(tx, id=backup_id, parent_id=parent, data_timestamp=time, metadata={"k": time}, **about)
    if is_complete:
        backups.move(tx, backup_id, "created")
    return backup_id


def test_the_newest_is_the_one_with_the_youngest_data(db: Database) -> None:
    """Of the project's own that are complete, and before a time if one is given."""

    def work(tx: Connection) -> None:
        first, second = _add(tx, "2026-01-01T00:00:00.000000"), _add(tx, "2026-02-01T00:00:00.000000")
        _add(tx, "2026-03-01T00:00:00.000000", is_complete=False)
        _add(tx, "2026-04-01T00:00:00.000000", project="q")
        newest = backups.lock_newest(tx, _VOLUME, "p")
        older = backups.lock_newest(tx, _VOLUME, "p", "2026-02-01T00:00:00.000000")
        assert newest is not None
        assert older is not None
        assert (newest.id, older.id) == (second, first)
        assert backups.lock_newest(tx, _VOLUME, "p", "2026-01-01T00:00:00.000000") is None
        assert backups.lock_newest(tx, new_id(), "p") is None

    db.write(work)


def test_a_chain_begins_with_the_full_one(db: Database) -> None:
    """And ends with the one that is asked for; all but the last have dependents."""

    def work(tx: Connection) -> None:
        full = _add(tx, "2026-01-01T00:00:00.000000")
        second = _add(tx, "2026-02-01T00:00:00.000000", parent=full)
        third = _add(tx, "2026-03-01T00:00:00.000000", parent=second)
        rows = backups.chain(tx, third)
        assert [row.id for row in rows] == [full, second, third]
        assert [bool(row.has_dependent_backups) for row in rows] == [True, True, False]
        assert [row.id for row in backups.chain(tx, full)] == [full]
        page = Page("p", conditions=[backups.has_metadata("k", "2026-02-01T00:00:00.000000")])
        assert [row.id for row in backups.list_page(tx, page)] == [second]
        assert backups.count(tx, page) == 1
        for row in reversed(rows):  # from the end, as the references want it
            backups.move(tx, row.id, "delete")
            backups.move(tx, row.id, "deleted")

    db.write(work)


def test_usage_counts_every_row_of_the_project(db: Database) -> None:
    """Numbers and GiB, whatever the status; none is none."""

    def work(tx: Connection) -> None:
        _add(tx, "2026-01-01T00:00:00.000000")
        _add(tx, "2026-02-01T00:00:00.000000", is_complete=False)
        used = quotas.usage(tx, "p")
        assert (used["backups"], used["backup_gigabytes"]) == (2, 6)
        used = quotas.usage(tx, "nobody")
        assert (used["backups"], used["backup_gigabytes"]) == (0, 0)

    db.write(work)


def test_a_backup_that_nobody_works_on_is_found(db: Database) -> None:
    """`creating` without an operation breaks an invariant."""
    backup_id = db.write(lambda tx: _add(tx, "2026-01-01T00:00:00.000000", is_complete=False))
    with db.read() as tx:
        (violation,) = invariants.check(tx)
    assert violation.name == "transient_backup_is_held"
    assert violation.row["id"] == backup_id


def test_hosts_change_together(db: Database) -> None:
    """All backups of a host go to another; a second call finds none."""

    def work(tx: Connection) -> None:
        backups.change(tx, _add(tx, "2026-01-01T00:00:00.000000"), host="a")
        assert [backups.change_host(tx, "a", "b") for _ in range(2)] == [1, 0]
        assert [row.host for row in backups.list_all(tx)] == ["b"]

    db.write(work)

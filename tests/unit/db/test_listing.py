"""Lists in pages."""

import random
from collections.abc import Sequence
from functools import partial
from typing import Any

import pytest
from sqlalchemy import Connection, insert, update

from lapilli.db import volumes
from lapilli.db.engine import Database
from lapilli.db.listing import Page
from lapilli.db.schema import volumes as table
from lapilli.model.errors import NotFound
from tests.conformance.databases import TYPE, add_volume, new_id

# The wire's keys for volumes, by the column that each is.
SORT_KEYS = "id status size_gib availability_zone name bootable created_at updated_at host volume_type_id".split()


def fill(tx: Connection) -> list[str]:
    """Volumes with many ties and many NULLs; a few of them another project's."""
    pick = random.Random(7).choice
    rows = [
        {
            "id": new_id(),
            "project_id": "p" if number % 5 else "q",
            "user_id": "u",
            "name": pick([None, "", "a", "A", "b", "é", "z" * 200]),
            "size_gib": pick([1, 2]),
            "charged_gib": 1,
            "status": pick(["available", "error"]),
            "availability_zone": pick([None, "nova", "zone1"]),
            "host": pick([None, "h@b#p", "h@b#r"]),
            "bootable": pick([True, False]),
            "volume_type_id": TYPE,
            "created_at": f"2026-01-01T00:00:00.00000{pick([1, 2, 3])}",
            "updated_at": pick([None, "2026-01-02T00:00:00.000000"]),
        }
        for number in range(60)
    ]
    tx.execute(insert(table), rows)
    return [str(row["id"]) for row in rows if row["project_id"] == "p"]


def pages(tx: Connection, limit: int, **page: Any) -> list[str]:
    """The ids of all rows, page by page behind the marker of the last."""
    found: list[str] = []
    while True:
        marker = found[-1] if found else None
        rows = volumes.list_page(tx, Page("p", limit=limit, marker=marker, **page))
        found += [row.id for row in rows]
        if len(rows) < limit:
            return found


def lowest_first(value: Any) -> tuple[bool, Any]:
    return (value is not None and value != "", value if value is not None else "")


@pytest.mark.parametrize("key", SORT_KEYS)
def test_pages_in_both_directions(db: Database, key: str) -> None:
    """Page by page every row comes once, in order, and NULL is the lowest value."""
    mine = db.write(fill)
    with db.read() as tx:
        up, down = (pages(tx, 7, sort=[(key, is_descending)]) for is_descending in (False, True))
        values = [getattr(volumes.get(tx, volume_id, "p"), key) for volume_id in up]
    assert sorted(up) == sorted(mine)
    assert up == down[::-1]
    # Text is ordered by its bytes, as PostgreSQL's C locale, SQLite and MariaDB's binary collation do.
    assert [lowest_first(value) for value in values] == sorted(lowest_first(value) for value in values)


def test_two_keys_in_two_directions(db: Database) -> None:
    """Keys may be mixed; the rest follows the first."""
    mine = db.write(fill)
    sort: Sequence[tuple[str, bool]] = [("status", True), ("name", False)]
    with db.read() as tx:
        found = pages(tx, 4, sort=sort)
        rows = [volumes.get(tx, volume_id, "p") for volume_id in found]
    assert sorted(found) == sorted(mine)
    assert [row.status for row in rows] == sorted((row.status for row in rows), reverse=True)
    for status in ("available", "error"):
        names = [row.name or "" for row in rows if row.status == status]
        assert names == sorted(names)


def test_filter_limit_offset_count(db: Database) -> None:
    """Filters narrow the list and its count; limit and offset cut the list only."""
    db.write(fill)
    page = Page("p", conditions=[table.c.status == "error"])
    with db.read() as tx:
        every = [row.id for row in volumes.list_page(tx, page)]
        part = Page("p", conditions=page.conditions, limit=3, offset=2)
        assert [row.id for row in volumes.list_page(tx, part)] == every[2:5]
        assert volumes.count(tx, part) == len(every)
        assert volumes.list_page(tx, Page("p", limit=0)) == []
        assert volumes.list_page(tx, Page("nobody")) == []
        assert len(volumes.list_page(tx, Page(None))) == 60


def test_marker_of_another_project(db: Database) -> None:
    """A marker that the caller cannot see is as little there as one that never was."""
    db.write(lambda tx: add_volume(tx, project_id="p"))
    theirs = db.write(lambda tx: add_volume(tx, project_id="q"))
    with db.read() as tx:
        for marker in (theirs, "none"):
            with pytest.raises(NotFound, match=f"Volume {marker} could not be found"):
                volumes.list_page(tx, Page("p", marker=marker))
        assert [row.id for row in volumes.list_page(tx, Page(None, marker=theirs))] != [theirs]


def test_rows_that_come_and_go_between_pages(db: Database) -> None:
    """What neither comes nor goes is shown once, whatever happens around it."""
    mine = db.write(fill)
    with db.read() as tx:
        first = [row.id for row in volumes.list_page(tx, Page("p", limit=10))]
    for number in range(5):
        db.write(partial(add_volume, name=f"new{number}"))
    db.write(lambda tx: tx.execute(table.delete().where(table.c.id.in_(first[:5]))))
    db.write(lambda tx: tx.execute(update(table).where(table.c.id == first[7]).values(name="renamed")))
    with db.read() as tx:
        rest = [row.id for row in volumes.list_page(tx, Page("p", marker=first[-1]))]
    assert sorted(first + rest) == sorted(mine)

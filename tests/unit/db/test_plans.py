"""How the databases answer a list: along an index that is in the list's order, so that a page costs its own rows."""

from collections.abc import Iterator, Sequence
from typing import Any

import pytest
from sqlalchemy import ColumnElement, Connection, event, insert, text

from lapilli.db import volumes
from lapilli.db.engine import Database
from lapilli.db.listing import Page
from lapilli.db.schema import metadata, volume_metadata, volume_types
from lapilli.db.schema import volumes as table
from tests.conformance.databases import TYPE

ROWS = 10_000
# One row in a hundred, as a page of 1,000 rows is of a table of 100,000: planners choose by that share.
PAGE = 100
SORT_KEYS = "id status size_gib availability_zone name bootable created_at updated_at host volume_type_id".split()
FILTERS: dict[str, ColumnElement[bool]] = {
    "name": table.c.name_key == "volume 77",
    "status": table.c.status == "available",
    "rare_status": table.c.status == "error",
    "bootable": table.c.bootable == True,  # noqa: E712 - SQL
    "consumes_quota": table.c.consumes_quota == True,  # noqa: E712
    "migration_status": table.c.migration_status == "migrating",
    "availability_zone": table.c.availability_zone_key == "zone1",
    "group_id": table.c.group_id == "none",
    "size_gib": table.c.size_gib == 7,
    "created_at": table.c.created_at > "2026-01-02",
    "updated_at": table.c.updated_at_key > "2026-02-27",
    "metadata": volumes.has_metadata("k", "9"),
}


def row(number: int) -> dict[str, Any]:
    """Rows of ten projects; one of them has half of them all."""
    shuffled = number * 7919 % ROWS
    time = f"2026-{1 + shuffled // 10000:02}-{1 + shuffled // 400 % 25:02}T00:00:{shuffled % 60:02}.{shuffled:06}"
    return {
        "id": f"{number * 48271 % 2**31:08x}-0000-4000-8000-{number:012}",
        "project_id": "p" if number % 2 else f"q{number % 9}",
        "user_id": "u",
        "name": f"volume {shuffled % 5000}" if number % 3 else None,
        "size_gib": number % 40,
        "charged_gib": number % 40,
        "status": "error" if number % 500 == 1 else "in-use" if number % 3 else "available",
        "volume_type_id": TYPE,
        "availability_zone": f"zone{number % 3}",
        "host": f"h@b{number % 20}#p",
        "bootable": number % 4 == 1,
        "created_at": time,
        "updated_at": time if number % 5 else None,
    }


@pytest.fixture(scope="module")
def full(migrated: Database) -> Iterator[Database]:
    """A database with many volumes, that knows how many."""
    rows = [row(number) for number in range(ROWS)]
    pairs = [{"volume_id": one["id"], "key": "k", "value": str(number % 400)} for number, one in enumerate(rows)]

    def fill(tx: Connection) -> None:
        for old in reversed(metadata.sorted_tables):
            tx.execute(old.delete())
        kind = {"name": "t", "extra_specs": {}, "created_at": "2026"}
        tx.execute(insert(volume_types).values(id=TYPE, **kind))
        tx.execute(insert(table), rows)
        tx.execute(insert(volume_metadata), pairs)

    migrated.write(fill)
    with migrated.read() as tx:
        for name in ("volumes", "volume_metadata"):
            tx.execute(text(f"ANALYZE {'TABLE ' if 'mysql' in migrated.url.drivername else ''}{name}"))
    yield migrated
    migrated.write(lambda tx: tx.execute(volume_metadata.delete()) and tx.execute(table.delete()))


def plan_of(db: Database, page: Page) -> list[str]:
    """What the database says it does for the page, one line per action."""
    asked: list[tuple[str, Any]] = []

    def listen(_connection: Any, _cursor: Any, statement: str, parameters: Any, *_: Any) -> None:
        asked.append((statement, parameters))

    with db.read() as tx:
        event.listen(tx.engine, "before_cursor_execute", listen)
        volumes.list_page(tx, page)
        event.remove(tx.engine, "before_cursor_execute", listen)
        statement, parameters = asked[-1]
        if db.is_sqlite:
            return [line.detail for line in tx.exec_driver_sql(f"EXPLAIN QUERY PLAN {statement}", parameters)]
        if db.engine.dialect.name == "postgresql":
            [plan] = tx.exec_driver_sql(f"EXPLAIN (FORMAT JSON) {statement}", parameters).scalar_one()
            return list(_nodes(plan["Plan"]))
        lines = tx.exec_driver_sql(f"EXPLAIN {statement}", parameters).mappings()
        return [f"{line['table']} {line['type']} {line['key']} {line['Extra']}" for line in lines]


def _nodes(plan: dict[str, Any]) -> Iterator[str]:
    yield f"{plan['Node Type']} {plan.get('Relation Name', '')} {plan.get('Index Name', '')}".strip()
    for child in plan.get("Plans", ()):
        yield from _nodes(child)


def reads_all(plan: Sequence[str]) -> bool:
    """Whether every volume is read, and not in the order of an index."""
    return any(line.startswith(("Seq Scan volumes", "volumes ALL")) or line == "SCAN volumes" for line in plan)


def sorts(plan: Sequence[str]) -> bool:
    return any("Sort" in line or "filesort" in line or "TEMP B-TREE" in line for line in plan)


@pytest.mark.parametrize("project_id", ["p", None])
@pytest.mark.parametrize("key", SORT_KEYS)
def test_pages_follow_an_index(full: Database, key: str, project_id: str | None) -> None:
    """By every key, of one project and of all, in both directions, first pages and later ones."""
    for is_descending in (True, False):
        page = Page(project_id, limit=PAGE, sort=[(key, is_descending)])
        with full.read() as tx:
            marker = volumes.list_page(tx, page)[-1].id
        for one in (page, Page(project_id, limit=PAGE, sort=page.sort, marker=marker)):
            plan = plan_of(full, one)
            assert not reads_all(plan)
            assert not sorts(plan)


@pytest.mark.parametrize("project_id", ["p", None])
@pytest.mark.parametrize("name", FILTERS)
def test_filters_use_an_index(full: Database, name: str, project_id: str | None) -> None:
    """By every filter: the few rows that an index finds are sorted, or the many are read in order."""
    assert not reads_all(plan_of(full, Page(project_id, limit=PAGE, conditions=[FILTERS[name]])))


@pytest.mark.parametrize("name", ["status", "bootable", "availability_zone"])
def test_filtered_pages_follow_an_index(full: Database, name: str) -> None:
    """What many rows have in common is an index of its own, in the order of the list."""
    plan = plan_of(full, Page("p", limit=PAGE, conditions=[FILTERS[name]]))
    assert not reads_all(plan)
    assert not sorts(plan)

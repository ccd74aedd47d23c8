"""`lapilli manage` works in the database, without the API."""

import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from sqlalchemy import Connection, update

from lapilli.db import backups, clusters, decisions, group_types, groups, pools, schema, services, types, volumes
from lapilli.db.engine import Database
from lapilli.model.errors import NotFound
from lapilli.model.protocols.storage import PoolReport
from lapilli.operations import create_volume
from lapilli.operations.desks import SCHEDULER_QUEUE
from lapilli.work.queue import submit
from tests.unit.cmd.conftest import call

VOLUME = "11111111-1111-4111-8111-111111111111"


@pytest.fixture
def db(config: Path, tmp_path: Path) -> Iterator[Database]:
    database = Database(f"sqlite:///{tmp_path / 'cinder.sqlite'}")
    yield database
    database.close()


class Manage:
    """Calls `lapilli manage …` with the configuration, and returns what it says."""

    def __init__(self, config: Path, capsys: pytest.CaptureFixture[str]) -> None:
        self._config = config
        self._capsys = capsys
        self.exit_code = 0
        self.error = ""

    def __call__(self, *words: str) -> str:
        self._capsys.readouterr()
        self.exit_code = call("manage", "--config", str(self._config), *words)
        out, self.error = self._capsys.readouterr()
        return out


@pytest.fixture
def manage(config: Path, capsys: pytest.CaptureFixture[str]) -> Manage:
    return Manage(config, capsys)


def add_volume(db: Database, host: str | None = None) -> None:
    """A volume of 2 GiB, available where it is placed, with its space taken."""

    def add(tx: object) -> None:
        kind = types.find_named(tx, "__DEFAULT__", None)
        sizes = {"size_gib": 2, "charged_gib": 2}
        volumes.add(tx, id=VOLUME, project_id="p", user_id="u", volume_type_id=kind.id, **sizes)
        values = {"host": host, "status": "available" if host else "error"}
        tx.execute(update(schema.volumes).values(**values))
        if host:
            assert pools.take(tx, host, 2, volumes=1, limit_gib=10)

    db.write(add)


def add_pools(db: Database, *services_: str) -> None:
    report = PoolReport("p", "account", 10.0, 10.0, thin=True)
    for service in services_:
        db.write(lambda tx, service=service: services.beat(tx, "cinder-volume", service, "nova"))
        db.write(lambda tx, service=service: pools.report(tx, f"{service}#p", report, {}, 0))


def test_the_list_of_services_has_cinders_columns(manage: Manage, db: Database) -> None:
    """Scripts cut it at the same places; a service without heartbeats is XXX."""
    db.write(lambda tx: services.beat(tx, "cinder-scheduler", "controller", "nova"))
    db.write(lambda tx: services.beat(tx, "cinder-volume", "controller@lvm1", "nova", "the disk is gone"))
    db.write(lambda tx: tx.execute(update(schema.services).where(schema.services.c.id == 2).values(heartbeat_s=0)))
    header, scheduler, volume = manage("service", "list").splitlines()
    assert (
        header == "Binary           Host                                 Zone             Status     State Updated At"
    )
    rest = r"nova             enabled    {}   \d{{4}}-\d\d-\d\d \d\d:\d\d:\d\d"
    assert re.fullmatch(r"cinder-scheduler controller                           " + rest.format(r":-\)"), scheduler)
    assert re.fullmatch(r"cinder-volume    controller@lvm1                      " + rest.format("XXX"), volume)
    assert "the disk is gone" in manage("service", "list", "--long")


def test_a_service_can_be_forgotten_once(manage: Manage, db: Database) -> None:
    """What is not there is told."""
    db.write(lambda tx: services.beat(tx, "cinder-backup", "old", "nova"))
    manage("service", "remove", "cinder-backup", "old")
    assert len(manage("service", "list").splitlines()) == 1
    manage("service", "remove", "cinder-backup", "old")
    assert manage.exit_code == 1
    assert "cinder-backup on host old could not be found" in manage.error


def test_hosts_of_a_zone(manage: Manage, db: Database) -> None:
    """Each host once, of the zone asked for."""
    for host, zone in (("a", "east"), ("b", "west")):
        for binary in ("cinder-scheduler", "cinder-backup"):
            db.write(lambda tx, host=host, zone=zone, binary=binary: services.beat(tx, binary, host, zone))
    assert [line.split() for line in manage("host", "list").splitlines()] == [
        ["host", "zone"],
        ["a", "east"],
        ["b", "west"],
    ]
    assert [line.split() for line in manage("host", "list", "west").splitlines()[1:]] == [["b", "west"]]


def test_backups_are_shown_and_change_their_host(manage: Manage, db: Database) -> None:
    """As Cinder's tool prints them; those of other hosts stay."""
    ids = [f"{number}1111111-0000-4000-8000-000000000001" for number in range(3)]
    about = {"project_id": "p", "user_id": "u", "volume_id": "v", "size_gib": 3}

    def add(tx: Connection) -> None:
        for id, host in zip(ids, "aab", strict=True):
            backups.add(tx, id=id, host=host, **about)

    db.write(add)
    assert "2 backups of a: c has them now" in manage(
        "backup", "update_backup_host", "--currenthost", "a", "--newhost", "c"
    )
    header, *rows = manage("backup", "list").splitlines()
    assert header.startswith("ID")
    assert {line.split()[0]: line.split()[3] for line in rows} == dict(zip(ids, "ccb", strict=True))
    assert "no backups of a" in manage("backup", "update_backup_host", "--currenthost", "a", "--newhost", "c")


def test_groups_follow_their_host(manage: Manage, db: Database) -> None:
    """Those of the host that is named, and no others."""

    def add(tx: Connection) -> None:
        kind = group_types.list_all(tx, None)[0].id
        for group_id, host in (("g1", "a@b#p"), ("g2", "c@b#p")):
            default = types.find_named(tx, "__DEFAULT__", None)
            assert default is not None
            groups.add(tx, [default.id], id=group_id, project_id="p", user_id="u", group_type_id=kind, host=host)

    db.write(add)
    assert "1 groups of a@b#p are of d@b#p now" in manage(
        "cg", "update_cg_host", "--currenthost", "a@b#p", "--newhost", "d@b#p"
    )
    with db.read() as tx:
        assert [groups.get(tx, group_id, None).host for group_id in ("g1", "g2")] == ["d@b#p", "c@b#p"]


def _join(db: Database, name: str) -> None:
    db.write(lambda tx: clusters.register(tx, name, "cinder-volume"))
    db.write(lambda tx: services.beat(tx, "cinder-volume", "node@files", "nova", None, name))


def test_clusters_are_shown_renamed_and_removed(manage: Manage, db: Database) -> None:
    """With what belongs to them; one that has services goes with them or not at all."""
    _join(db, "twins@files")
    (line,) = manage("cluster", "list").splitlines()[1:]
    assert line.split()[:4] == ["twins@files", "cinder-volume", "enabled", ":-)"]
    assert "Renamed in 2 rows" in manage("cluster", "rename", "twins", "three")
    with db.read() as tx:
        assert [row.cluster_name for row in services.list_all(tx)] == ["three@files"]
    manage("cluster", "remove", "cinder-volume", "three@files")
    assert manage.exit_code == 1
    assert "--recursive" in manage.error
    assert "with 1 services" in manage("cluster", "remove", "--recursive", "cinder-volume", "three@files")
    assert manage("cluster", "list").splitlines()[1:] == []


@pytest.mark.parametrize("words", [("remove", "cinder-volume", "c1"), ("rename", "c1", "c2")])
def test_a_cluster_that_is_not_there(manage: Manage, words: tuple[str, ...]) -> None:
    """Is said not to be."""
    manage("cluster", *words)
    assert manage.exit_code == 1
    assert "could not be found" in manage.error


def test_which_backend_is_active_can_be_said(manage: Manage, db: Database) -> None:
    """After a fail-over that people put right; another service's name is told to be none."""
    db.write(lambda tx: services.beat(tx, "cinder-volume", "node@lvm1", "nova"))
    db.write(lambda tx: services.change(tx, "cinder-volume", "node@lvm1", active_backend_id="other", frozen=True))
    manage("db", "reset_active_backend", "--backend-host", "node@lvm1", "--enable-replication")
    with db.read() as tx:
        row = services.find(tx, "cinder-volume", "node@lvm1")
    assert row is not None
    assert (row.active_backend_id, row.replication_status, row.frozen) == (None, "enabled", False)
    manage("db", "reset_active_backend", "--backend-host", "node@lvm9")
    assert manage.exit_code == 1


def test_the_schema_is_brought_up_to_date_once(manage: Manage) -> None:
    """A second `db sync` changes nothing; no other version can be had."""
    version = manage("db", "version")
    assert manage("db", "sync") == f"The database is at {version.strip()}.\n"
    assert manage("db", "version") == version
    manage("db", "sync", "0000_none")
    assert manage.exit_code == 1


def test_without_tables_the_remedy_is_told(manage: Manage, config: Path) -> None:
    """Before the first `db sync`."""
    (config.parent / "cinder.sqlite").unlink()
    assert "db sync" in manage("db", "version")
    manage("service", "list")
    assert manage.exit_code == 1
    assert "Run: lapilli manage db sync" in manage.error


def test_a_data_directory_of_nobody_is_told(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """No empty database is made there."""
    assert call("manage", "--data", str(tmp_path), "service", "list") == 1
    assert "lapilli.sqlite" in capsys.readouterr().err
    assert list(tmp_path.iterdir()) == []


def test_purge_forgets_old_decisions_alone(manage: Manage, db: Database) -> None:
    """Age counts, in days of the database's clock."""
    for at in ("2001-01-01T00:00:00.000000", None):
        db.write(lambda tx: decisions.add(tx, "operation", VOLUME, None, {}))
        if at:
            db.write(lambda tx, at=at: tx.execute(update(schema.decisions).values(at=at)))
    manage("db", "purge", "30")
    with db.read() as tx:
        assert len(decisions.of_resource(tx, VOLUME)) == 1
    manage("db", "purge", "0")
    assert manage.exit_code == 2


def test_operations_can_be_seen_hurried_and_given_up(manage: Manage, db: Database) -> None:
    """A waiting operation is due at once, and a cancelled one knows it."""
    wish = {"args": {}, "project_id": "p"}
    operation = db.write(lambda tx: submit(tx, create_volume.OPERATION, VOLUME, SCHEDULER_QUEUE, **wish))
    db.write(lambda tx: tx.execute(update(schema.operations).values(due_at=schema.operations.c.due_at + 3600)))
    assert re.search(
        rf"{operation}  volume\.create  {VOLUME}  scheduler  \w+ +due in 3\d\d\d s +0", manage("operations", "list")
    )
    manage("operations", "retry", operation)
    assert re.search(r"scheduler  \w+ +due  +0", manage("operations", "list", "--subject", VOLUME))
    manage("operations", "cancel", operation)
    shown = manage("operations", "show", operation)
    assert re.search(r"cancel_requested +True", shown)
    assert re.search(rf"holds +{VOLUME}", shown)
    db.write(lambda tx: tx.execute(update(schema.operations).values(progress="5% of 9 GiB")))
    db.write(lambda tx: pools.keep_back(tx, operation, "node@one#p", 9))
    listed = manage("operations", "list")
    assert re.search(r"5% of 9 GiB +0\n", listed)
    assert listed.endswith("\nnode@one#p gets 9 GiB back when what was deleted is wiped; 1 to go.\n")
    manage("operations", "retry", "none")
    assert manage.exit_code == 1
    assert "Operation none could not be found" in manage.error


def test_a_decision_is_explained_pool_by_pool(manage: Manage, db: Database) -> None:
    """Each filter's answer with its reason, and each weight."""
    checks = [{"filter": "CapacityFilter", "fits": False, "reason": "free 1 GiB"}]
    weights = [{"weigher": "CapacityWeigher", "raw": 9.0, "normalised": 1.0, "contribution": 2.0}]
    explanation = {
        "request": {"size_gib": 5},
        "pools": 3,
        "why_none": "",
        "relaxed": [],
        "rows_left_out": 1,
        "rows": [
            {"pool": "n@b#one", "rank": 1, "weight": 2.0, "checks": [], "preferences": [], "weights": weights},
            {"pool": "n@b#two", "rank": None, "weight": 0.0, "checks": checks, "preferences": [], "weights": []},
        ],
    }
    db.write(lambda tx: decisions.add(tx, "operation", VOLUME, "n@b#one", explanation))
    said = manage("explain", VOLUME)
    assert "5 GiB asked for: n@b#one chosen of 3 pools" in said
    assert re.search(r"n@b#one: number 1, weight 2.000\n.*\n +CapacityWeigher +\+2.000 +1.000 of 9", said)
    assert re.search(r"n@b#two: does not fit\n.*\n +CapacityFilter +REFUSES +free 1 GiB", said)
    assert "and 1 more pools" in said
    manage("explain", "none")
    assert manage.exit_code == 1


def test_quotas_do_not_drift_and_a_wrong_charge_is_found(manage: Manage, db: Database) -> None:
    """`check` tells, `sync` repairs."""
    add_volume(db)
    assert " gigabytes 2," in manage("quota", "check")
    db.write(lambda tx: volumes.change(tx, VOLUME, charged_gib=7))
    assert VOLUME in manage("quota", "check")
    assert manage.exit_code == 1
    assert "is charged its size now" in manage("quota", "sync", "--project-id", "p")
    assert "no copy that could drift" in manage("quota", "check")
    assert manage.exit_code == 0


def test_a_volume_that_was_never_placed_is_deleted_at_once(manage: Manage, db: Database) -> None:
    """Nothing of it exists outside the database."""
    add_volume(db)
    manage("volume", "delete", VOLUME)
    with db.read() as tx, pytest.raises(NotFound):
        volumes.get(tx, VOLUME, None)
    manage("volume", "delete", VOLUME)
    assert manage.exit_code == 1


def test_a_placed_volume_is_deleted_by_its_backend(manage: Manage, db: Database) -> None:
    """The wish waits in the backend's queue."""
    add_pools(db, "node@one")
    add_volume(db, "node@one#p")
    manage("volume", "delete", VOLUME)
    assert "volume:node@one" in manage("operations", "list")
    manage("volume", "update_host", "--currenthost", "node@one", "--newhost", "node@two")
    assert manage.exit_code == 1
    assert "1 operations wait for node@one" in manage.error


def test_volumes_move_to_the_new_name_with_their_space(manage: Manage, db: Database) -> None:
    """A backend that was renamed finds its volumes, and the pools' accounts stay right."""
    add_pools(db, "node@old", "node@new")
    add_volume(db, "node@old#p")
    manage("volume", "update_host", "--currenthost", "node@old", "--newhost", "node@missing")
    assert "node@missing#p, whose backend must have run once" in manage.error
    manage("volume", "update_host", "--currenthost", "node@old", "--newhost", "node@new#p")
    assert manage.exit_code == 1
    assert manage("volume", "update_host", "--currenthost", "node@old", "--newhost", "node@new").startswith("1 volumes")
    manage("volume", "update_service")
    with db.read() as tx:
        volume = volumes.get(tx, VOLUME, None)
        service = services.find(tx, "cinder-volume", "node@new")
        space = {row.name: (row.pool_allocated_gib, row.volume_count, row.allocated_gib) for row in pools.list_all(tx)}
    assert (volume.host, volume.service_uuid) == ("node@new#p", service.uuid)
    assert space == {"node@old#p": (0, 0, 2), "node@new#p": (2, 1, 2)}


def test_small_things(manage: Manage) -> None:
    """What Cinder needs and this has not is said."""
    assert re.fullmatch(r"\d+\.\d+\.\d+\n", manage("version", "list"))
    assert "nothing to clean" in manage("util", "clean_locks")
    assert "nothing to migrate" in manage("db", "online_data_migrations")
    assert manage("config", "list", "host").startswith("DEFAULT.host = node  # ")

"""What rows alone tell: services, pools, and storage that is served twice."""

from pathlib import Path

from sqlalchemy import update

from lapilli.db import pools, schema
from lapilli.db.engine import Database
from lapilli.operations import compare_services, delete_volume, extend_volume
from lapilli.operations.findings import Finding
from tests.unit.operations.lab import RULES, TENANT, Lab, fail
from tests.wiping import WipingDriver


def found(lab: Lab) -> dict[str, Finding]:
    return {each.kind: each for each in lab.see(compare_services.findings, 60.0)}


def test_all_is_well(lab: Lab) -> None:
    """Two backends at work."""
    lab.attach(lab.create(12))
    assert found(lab) == {}


def test_services(lab: Lab) -> None:
    """Dead, in trouble, or disabled, which is only worth a notice."""
    services = schema.services
    changes = {lab.first.service: {"heartbeat_s": 0}, lab.second.service: {"trouble": "the disk is gone"}}
    for host, values in changes.items():
        lab.db.write(
            lambda tx, host=host, values=values: tx.execute(
                update(services).where(services.c.host == host).values(**values)
            )
        )
    problems = found(lab)
    assert set(problems) == {"dead-service", "troubled-service"}
    assert problems["dead-service"].where == lab.first.service
    assert "the disk is gone" in problems["troubled-service"].what
    alive = {"heartbeat_s": 2**40, "trouble": None, "disabled": True, "disabled_reason": "new disks"}
    lab.db.write(lambda tx: tx.execute(update(services).values(**alive)))
    notices = found(lab)
    assert set(notices) == {"disabled-service"}
    assert not notices["disabled-service"].is_problem
    assert "new disks" in notices["disabled-service"].what


def test_a_pool_that_is_full(lab: Lab) -> None:
    """The reason is the pool's own."""
    lab.tell(lab.first, why_closed="1 of 20 GiB are unwritten, and 2 GiB are reserved")
    (full,) = found(lab).values()
    assert (full.kind, full.where) == ("full-pool", lab.first.pool)
    assert "1 of 20 GiB are unwritten" in full.what


def test_two_backends_on_one_storage(lab: Lab) -> None:
    """That is allowed, and good to know."""
    (report,) = lab.first.driver.report()
    lab.db.write(lambda tx: pools.report(tx, lab.second.pool, report, {}, 0))
    (shared,) = found(lab).values()
    assert (shared.kind, shared.is_problem) == ("shared-storage", False)
    assert lab.first.pool in shared.what
    assert lab.second.pool in shared.what


def test_work_that_does_not_succeed(db: Database, tmp_path: Path) -> None:
    """It is told after many failures only, with the reason; and with the space that waits for it."""
    lab = Lab(db, tmp_path, WipingDriver)
    removed, grown = lab.create(2), lab.create(3)
    lab.first.driver.before["wipe"] = lab.first.driver.before["extend_volume"] = fail
    lab.ask(delete_volume.admit, TENANT, removed)
    lab.round()
    lab.ask(extend_volume.admit, TENANT, RULES, grown, 4, online=False)
    for _ in range(2):  # space is found, and then the backend is asked
        lab.round()
    operations = schema.operations
    waiting = update(operations).where(operations.c.due_at.is_not(None))
    lab.db.write(lambda tx: tx.execute(waiting.values(failures=9)))
    assert found(lab) == {}
    lab.db.write(lambda tx: tx.execute(waiting.values(failures=10)))
    wipe, extend = lab.see(compare_services.findings, 60.0)
    assert (wipe.kind, extend.kind, wipe.where, extend.where) == (*["failing-operation"] * 2, *[lab.first.service] * 2)
    assert wipe.what.startswith(f"{lab.first.pool} waits for 2 GiB to be wiped: volume.wipe of .aside-")
    assert wipe.what.endswith("has failed 10 times at its step wipe: the disk is gone")
    assert extend.what == f"volume.extend of {grown} has failed 10 times at its step grow: the disk is gone"
    assert lab.operation(grown).id in extend.remedy


def test_rows_that_contradict_each_other(lab: Lab) -> None:
    """They are told as they break an invariant."""
    volume_id = lab.create(12)
    lab.db.write(lambda tx: tx.execute(update(schema.pools).values(volume_count=7)))
    assert "volume_count 7" in found(lab)["contradiction"].what
    assert lab.status(volume_id) == "available"

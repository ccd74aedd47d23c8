"""Creating volumes: what is admitted, where they go, and what is left when nothing works."""

from functools import partial
from pathlib import Path
from typing import Any

import pytest

from lapilli.db import quotas, services
from lapilli.model.errors import Conflict, Malformed, NotFound, QuotaExceeded, Refused
from lapilli.operations import create_volume, delete_snapshot, delete_volume, extend_volume
from lapilli.operations.admission import Rules
from lapilli.operations.create_volume import Wish
from lapilli.work import administration
from lapilli.work.operation import Lost
from tests.unit.operations.lab import RULES, STRANGER, TENANT, Lab, fail


def ask(lab: Lab, size_gib: int | None = 1, *, rules: Rules = RULES, **wish: Any) -> str:
    return lab.ask(create_volume.admit, TENANT, rules, Wish(size_gib=size_gib, **wish))


def change_services(lab: Lab, **values: Any) -> None:
    for backend in lab.backends:
        lab.db.write(partial(services.change, binary="cinder-volume", host=backend.service, **values))


def test_empty_volume(lab: Lab) -> None:
    """A volume becomes a file of its size in the pool with the most space, which is taken from the pool."""
    volume_id = lab.create(3, name="data", metadata={"a": "b"})
    row = lab.volume(volume_id)
    assert (row.status, row.host, row.availability_zone) == ("available", lab.first.pool, "nova")
    assert (row.name, row.metadata, row.volume_type, row.launched_at is None) == (
        "data",
        {"a": "b"},
        "__DEFAULT__",
        False,
    )
    assert lab.first.size_gib(f"volume-{volume_id}") == 3
    assert lab.allocated(lab.first) == (3, 1)
    assert [row.chosen for row in lab.decisions(volume_id)] == [lab.first.pool]


@pytest.mark.parametrize("size_gib", [None, 0, -1])
def test_size_is_needed(lab: Lab, size_gib: int | None) -> None:
    """Without a source there must be a size, of at least 1 GiB."""
    with pytest.raises(Malformed):
        ask(lab, size_gib)
    assert lab.see(quotas.usage, "p")["volumes"] == 0


def test_type_by_id_name_and_default(lab: Lab) -> None:
    """A type is found by name, and the operator's default taken if none is asked for; an unknown one is refused."""
    lab.type("fast", volume_backend_name="second", multiattach="<is> True")
    row = lab.volume(lab.create(volume_type="fast"))
    assert (row.volume_type, row.host, row.multiattach) == ("fast", lab.second.pool, True)
    by_default = ask(lab, rules=Rules(default_volume_type="fast"))
    assert lab.volume(by_default).volume_type == "fast"
    with pytest.raises(NotFound, match="slow"):
        ask(lab, volume_type="slow")
    with pytest.raises(NotFound, match="slow"):
        ask(lab, rules=Rules(default_volume_type="slow"))


def test_zone(lab: Lab) -> None:
    """A zone that is asked for decides; an unknown one is refused, or falls back where the operator wants that."""
    lab.second.zone = "far"
    lab.beat(lab.second)
    assert lab.volume(lab.create(availability_zone="far")).host == lab.second.pool
    with pytest.raises(Malformed, match="far, nova"):
        ask(lab, availability_zone="moon")
    falling = Rules(default_availability_zone="far", falls_back_to_default_zone=True)
    assert lab.volume(ask(lab, rules=falling, availability_zone="moon")).availability_zone == "far"


def test_limits_of_one_volume(lab: Lab) -> None:
    """The project's limit for a volume and those of the type hold, at their edges too."""
    lab.type("bounded", provisioning__min_vol_size="2", provisioning__max_vol_size="4")
    for size_gib in (1, 5):
        with pytest.raises(Malformed, match="bounded"):
            ask(lab, size_gib, volume_type="bounded")
    for size_gib in (2, 4):
        ask(lab, size_gib, volume_type="bounded")
    with pytest.raises(Refused, match="VolumeSizeExceedsLimit"):
        ask(lab, 3, rules=Rules(quota={"per_volume_gigabytes": 2}))


def test_quota(lab: Lab) -> None:
    """Volumes, their GiB and those of their type are limited together, until one is deleted."""
    rules = Rules(quota={"volumes": 2, "gigabytes": 5})
    volume_id = ask(lab, 3, rules=rules)
    with pytest.raises(QuotaExceeded, match="gigabytes"):
        ask(lab, 3, rules=rules)
    ask(lab, 2, rules=rules)
    with pytest.raises(QuotaExceeded, match="volumes"):
        ask(lab, 1, rules=Rules(quota={"volumes": 2}))
    lab.work()
    lab.ask(delete_volume.admit, TENANT, volume_id)
    lab.work()
    ask(lab, 3, rules=rules)
    lab.db.write(lambda tx: quotas.set_limits(tx, "p", {"volumes___DEFAULT__": 2}))
    with pytest.raises(QuotaExceeded, match="volumes___DEFAULT__"):
        ask(lab)


def test_from_snapshot(lab: Lab) -> None:
    """A copy has the bytes of the snapshot, its size at least, and lies where its origin is."""
    origin = lab.create(1, volume_type=lab.type("small", volume_backend_name="second"))
    path = lab.second.directory / f"volume-{origin}"
    _mark(path, b"kept")
    snapshot_id = lab.snapshot(origin)
    _mark(path, b"new!")
    copy = lab.create(None, snapshot_id=snapshot_id)
    larger = lab.create(2, snapshot_id=snapshot_id)
    for volume_id, size_gib in ((copy, 1), (larger, 2)):
        row = lab.volume(volume_id)
        assert (row.status, row.host, row.size_gib, row.volume_type) == (
            "available",
            lab.second.pool,
            size_gib,
            "small",
        )
        assert (lab.second.directory / f"volume-{volume_id}").open("rb").read(4) == b"kept"
    with pytest.raises(Conflict):
        lab.ask(create_volume.admit, TENANT, RULES, Wish(snapshot_id=lab.begin_snapshot(origin)))


def test_from_volume(lab: Lab) -> None:
    """A clone has the present bytes; a size less than the source's and two sources are refused."""
    origin = lab.create(2)
    _mark(lab.first.directory / f"volume-{origin}", b"here")
    clone = lab.create(None, source_volid=origin)
    assert lab.volume(clone).size_gib == 2
    assert (lab.first.directory / f"volume-{clone}").open("rb").read(4) == b"here"
    with pytest.raises(Malformed, match="2 GiB of the source"):
        ask(lab, 1, source_volid=origin)
    with pytest.raises(Malformed, match="one source"):
        ask(lab, 2, source_volid=origin, snapshot_id=lab.snapshot(origin))


def test_source_of_another_project(lab: Lab) -> None:
    """Who cannot see the source is told that there is none."""
    origin = lab.create()
    snapshot_id = lab.snapshot(origin)
    for wish in (Wish(source_volid=origin), Wish(snapshot_id=snapshot_id)):
        with pytest.raises(NotFound):
            lab.ask(create_volume.admit, STRANGER, RULES, wish)


def test_source_stays_until_the_copy_is_made(lab: Lab) -> None:
    """A volume or snapshot that is being copied cannot be deleted, and does not grow under the copy."""
    origin = lab.create()
    snapshot_id = lab.snapshot(origin)
    clone, copy = ask(lab, None, source_volid=origin), ask(lab, None, snapshot_id=snapshot_id)
    with pytest.raises(Conflict, match="being copied"):
        lab.ask(delete_volume.admit, TENANT, origin, cascade=True)
    with pytest.raises(Conflict, match="being copied"):
        lab.ask(delete_snapshot.admit, TENANT, snapshot_id)
    lab.work()
    assert (lab.status(clone), lab.status(copy)) == ("available", "available")
    lab.ask(delete_volume.admit, TENANT, origin, cascade=True)
    lab.work()
    assert lab.first.files() == {f"volume-{clone}", f"volume-{copy}"}


def test_source_grows_after_the_copy(lab: Lab) -> None:
    """An extend that was admitted during the copy waits for it, so the copy has the size that it was admitted with."""
    origin = lab.create(1)
    lab.ask(extend_volume.admit, TENANT, RULES, origin, 2, online=False)
    with pytest.raises(Conflict, match="extending"):
        ask(lab, None, source_volid=origin)
    lab.work()
    clone = ask(lab, None, source_volid=origin)
    lab.ask(extend_volume.admit, TENANT, RULES, origin, 3, online=False)
    lab.work()
    assert (lab.volume(origin).size_gib, lab.volume(clone).size_gib) == (3, 2)
    assert lab.first.size_gib(f"volume-{clone}") == 2


def test_clone_of_a_volume_in_use(lab: Lab) -> None:
    """Where snapshots are copies of the data it is refused; a reflink is of one moment, and allowed."""
    origin = lab.create()
    lab.attach(origin)
    lab.tell(lab.first, copies_snapshots=True)
    with pytest.raises(Conflict, match="Detach"):
        ask(lab, None, source_volid=origin)
    lab.tell(lab.first, copies_snapshots=False)
    assert lab.status(lab.create(None, source_volid=origin)) == "available"


def test_next_backend_after_a_fault(lab: Lab) -> None:
    """When the best backend fails, its space is given back, its rest removed, and the next one is taken."""

    def half_made() -> None:
        (lab.first.directory / f"volume-{volume_id}").touch()
        fail()

    lab.first.driver.before["create_volume"] = half_made
    volume_id = ask(lab)
    lab.work()
    assert (lab.status(volume_id), lab.volume(volume_id).host) == ("available", lab.second.pool)
    assert (lab.allocated(lab.first), lab.allocated(lab.second)) == ((0, 0), (1, 1))
    assert (lab.first.files(), lab.second.files()) == (set(), {f"volume-{volume_id}"})
    assert [row.chosen for row in lab.decisions(volume_id)] == [lab.first.pool, lab.second.pool]


def test_attempts_are_exhausted(lab: Lab) -> None:
    """When all attempts have failed the volume is in error, on no backend, and no space is taken."""
    for backend in lab.backends:
        backend.driver.before["create_volume"] = fail
    volume_id = lab.create()
    row = lab.volume(volume_id)
    assert (row.status, row.host) == ("error", None)
    assert (lab.allocated(lab.first), lab.allocated(lab.second)) == ((0, 0), (0, 0))
    operation = lab.operation(volume_id)
    assert (operation.outcome, operation.error) == ("failed", "the disk is gone")
    assert len(lab.decisions(volume_id)) == lab.scheduler.attempts


def test_no_pool_fits(lab: Lab) -> None:
    """A volume that fits nowhere is in error; the decision says why to operators, and without names to tenants."""
    volume_id = lab.create(500)
    assert lab.status(volume_id) == "error"
    (decision,) = lab.decisions(volume_id)
    assert decision.chosen is None
    assert "CapacityFilter" in decision.explanation["why_none"]
    operation = lab.operation(volume_id)
    assert lab.first.pool in operation.error
    assert "node" not in operation.args["message"]


def test_services_out_of_service(lab: Lab) -> None:
    """Disabled, frozen and dead backends take no volumes."""
    for values in ({"disabled": True}, {"disabled": False, "frozen": True}, {"frozen": False, "heartbeat_s": 0.0}):
        change_services(lab, **values)
        volume_id = lab.create()
        assert lab.status(volume_id) == "error"
        assert [row.chosen for row in lab.decisions(volume_id)] == [None]
        assert lab.operation(volume_id).args["message"]


def test_service_that_comes_back(lab: Lab) -> None:
    """A volume waits for a service that is silent for a while."""
    change_services(lab, heartbeat_s=0.0)
    volume_id = ask(lab)
    lab.round()
    assert (lab.status(volume_id), list(lab.decisions(volume_id))) == ("creating", [])
    lab.beat(lab.second)
    lab.work()
    assert (lab.status(volume_id), lab.volume(volume_id).host) == ("available", lab.second.pool)


def test_cancel_before_a_worker_has_it(lab: Lab) -> None:
    """A volume that waits for its backend and is cancelled is in error, with nothing placed or made."""
    volume_id = ask(lab)
    lab.round()
    assert lab.allocated(lab.first) == (1, 1)
    lab.ask(administration.cancel, lab.operation(volume_id).id)
    lab.work()
    assert (lab.status(volume_id), lab.volume(volume_id).host) == ("error", None)
    assert lab.operation(volume_id).error == "cancelled"
    assert (lab.allocated(lab.first), lab.first.files()) == ((0, 0), set())


def test_cancel_in_the_middle_of_provisioning(lab: Lab) -> None:
    """What a worker had half made when it died is removed by the next, which hears of the cancellation."""

    def die() -> None:
        (lab.first.directory / f"volume-{volume_id}").touch()
        raise Lost

    lab.first.driver.before["create_volume"] = die
    volume_id = ask(lab)
    lab.round()
    lab.round()
    assert lab.first.files() == {f"volume-{volume_id}"}
    lab.ask(administration.cancel, lab.operation(volume_id).id)
    lab.work()
    assert (lab.status(volume_id), lab.volume(volume_id).host) == ("error", None)
    assert (lab.allocated(lab.first), lab.first.files(), lab.second.files()) == ((0, 0), set(), set())


def test_provisioning_again_after_a_death(lab: Lab) -> None:
    """A worker that dies when the file is there costs nothing: the next finds it, and takes it as made."""

    def die() -> None:
        del lab.first.driver.before["create_volume"]
        lab.first.driver.create_volume(f"volume-{volume_id}", 1, "first")
        raise Lost

    lab.first.driver.before["create_volume"] = die
    volume_id = ask(lab)
    lab.work()
    assert (lab.status(volume_id), lab.first.files()) == ("available", {f"volume-{volume_id}"})
    assert lab.allocated(lab.first) == (1, 1)


def _mark(path: Path, data: bytes) -> None:
    with path.open("r+b") as file:
        file.write(data)

"""Volumes that hold images, to be cloned."""

from collections.abc import Sequence
from dataclasses import replace

import pytest

from lapilli.db import image_cache, quotas
from lapilli.db.rows import AnyRow
from lapilli.model.errors import Conflict
from lapilli.model.images import Image
from lapilli.operations import delete_volume
from lapilli.operations.desks import CacheRules
from tests.unit.operations.lab import ADMIN, TENANT, Backend, Lab
from tests.unit.operations.test_create_volume_from_image import DATA, IMAGE, begin, content, create


class Fetches:
    """Counts how often bytes of images are written into volumes."""

    def __init__(self, lab: Lab) -> None:
        self.count = 0
        for backend in lab.backends:
            backend.driver.before["path"] = self._fetch

    def _fetch(self) -> None:
        self.count += 1


@pytest.fixture
def cached(lab: Lab) -> Lab:
    """Backends that keep two volumes of images each."""
    keep(lab, CacheRules("internal", "operator", most_volumes=2))
    return lab


def keep(lab: Lab, rules: CacheRules) -> None:
    for backend in lab.backends:
        backend.desk = replace(backend.desk, cache=rules)
    lab.schedule(*lab.scheduler.filters)


def entries(lab: Lab, backend: Backend) -> Sequence[AnyRow]:
    return lab.see(image_cache.list_oldest, backend.service)


def image(lab: Lab, number: int = 0, **facts: object) -> Image:
    return lab.first.images.put(f"{IMAGE[:-1]}{number}", DATA, **facts)


def test_second_volume_is_a_clone(cached: Lab) -> None:
    """The first volume brings the image into the cache, and both are clones of what is there."""
    fetches, wanted = Fetches(cached), image(cached, properties={"os_distro": "none"})
    volume_ids = [create(cached, wanted), create(cached, wanted, size_gib=2)]
    assert fetches.count == 1
    for volume_id in volume_ids:
        row = cached.volume(volume_id)
        assert (row.status, row.bootable) == ("available", True)
        assert row.image_metadata["os_distro"] == "none"
        assert content(cached, volume_id) == DATA
    (entry,) = entries(cached, cached.first)
    assert (entry.image_id, entry.size_gib, entry.status) == (wanted.id, 1, "available")
    assert cached.volume(entry.volume_id).project_id == "internal"


def test_many_at_once(cached: Lab) -> None:
    """Those who ask while an image is brought into the cache wait for it."""
    fetches, wanted = Fetches(cached), image(cached)
    volume_ids = [begin(cached, wanted) for _ in range(4)]
    cached.work()
    assert {cached.status(volume_id) for volume_id in volume_ids} == {"available"}
    assert fetches.count == len({cached.volume(volume_id).host for volume_id in volume_ids})


def test_quota(cached: Lab) -> None:
    """The cache costs the tenant nothing, nor is it bound by a quota of its own."""
    create(cached, image(cached))
    assert cached.see(quotas.usage, TENANT.project_id, snapshots_count=True)["volumes"] == 1
    assert cached.see(quotas.usage, "internal", snapshots_count=True).get("volumes", 0) == 0


def test_least_recently_used_goes(cached: Lab) -> None:
    """When the cache is full, what was not used for longest is deleted."""
    for number in (1, 2, 1, 3):
        create(cached, image(cached, number))
    assert {entry.image_id[-1] for entry in entries(cached, cached.first)} == {"1", "3"}
    held = {f"volume-{entry.volume_id}" for entry in entries(cached, cached.first)}
    assert held < cached.first.files()
    assert len(cached.first.files()) == 4 + 2


def test_bound_of_size(lab: Lab) -> None:
    """An image larger than the whole cache is fetched for each volume."""
    keep(lab, CacheRules("internal", "operator", most_gib=2))
    fetches = Fetches(lab)
    large = image(lab, min_disk_gib=3)
    for _ in range(2):
        assert content(lab, create(lab, large, size_gib=3)) == DATA
    assert fetches.count == 2
    assert entries(lab, lab.first) == []


def test_entry_that_is_larger_than_the_volume(cached: Lab) -> None:
    """An image of unknown size, brought in by a large volume, is fetched for a smaller one."""
    wanted = image(cached, disk_format="iso")
    create(cached, wanted, size_gib=3)
    fetches = Fetches(cached)
    assert content(cached, create(cached, wanted)) == DATA
    assert fetches.count == 1


def test_image_that_was_changed(cached: Lab) -> None:
    """An image that its owner has changed is brought in anew."""
    wanted = image(cached)
    create(cached, wanted)
    (before,) = entries(cached, cached.first)
    create(cached, replace(wanted, updated_at="2026-02-02T00:00:00Z"))
    (after,) = entries(cached, cached.first)
    assert after.volume_id != before.volume_id
    assert cached.status(before.volume_id) == "gone"


def test_image_that_is_something_else(cached: Lab) -> None:
    """An image that cannot be taken leaves nothing in the cache, and the volume in error."""
    volume_id = create(cached, image(cached, disk_format="qcow2"))
    assert cached.status(volume_id) == "error"
    assert entries(cached, cached.first) == []
    assert cached.first.files() == cached.second.files() == set()


def test_cached_volume_is_deleted(cached: Lab) -> None:
    """What an administrator deletes is forgotten, unless somebody is cloning it."""
    wanted = image(cached)
    create(cached, wanted)
    (entry,) = entries(cached, cached.first)
    refusals = []

    def delete() -> None:
        try:
            cached.db.write(lambda tx: delete_volume.admit(tx, ADMIN, entry.volume_id))
        except Conflict as refusal:
            refusals.append(str(refusal))

    cached.first.driver.before["create_volume_from_volume"] = delete
    assert content(cached, create(cached, wanted)) == DATA
    assert len(refusals) == 1
    assert "being copied" in refusals[0]
    delete()
    cached.work()
    assert entries(cached, cached.first) == []

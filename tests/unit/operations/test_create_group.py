"""Creating groups, and volumes in them: where they go, and what is refused."""

import pytest

from lapilli.db import quotas, services
from lapilli.model.errors import Conflict, Malformed, NotFound, QuotaExceeded
from lapilli.operations import create_volume
from lapilli.operations.admission import Rules
from lapilli.work import administration
from tests.unit.operations.group_lab import CONSISTENT, begin_group, group, make_group, make_member, status
from tests.unit.operations.lab import ADMIN, RULES, STRANGER, TENANT, Lab


def test_placed_and_explained(lab: Lab) -> None:
    """A group goes to the pool that stands best; why is kept for each of its types."""
    group_id = make_group(lab, name="g", description="d")
    row = group(lab, group_id)
    assert (row.status, row.host, row.availability_zone) == ("available", lab.first.pool, "nova")
    assert (row.name, row.description, row.replication_status) == ("g", "d", "disabled")
    (decision,) = lab.decisions(group_id)
    assert decision.chosen == lab.first.pool
    assert decision.explanation["pools_that_fit"] == 2
    assert lab.allocated(lab.first) == (0, 0)


def test_all_types_fit_the_pool(lab: Lab) -> None:
    """The best pool of one type does not do if another type is not met there."""
    bound = lab.type("bound", volume_backend_name="second")
    group_id = make_group(lab, ["__DEFAULT__", bound])
    assert group(lab, group_id).host == lab.second.pool
    assert [decision.chosen for decision in lab.decisions(group_id)] == [lab.second.pool] * 2


def test_no_pool_fits_all(lab: Lab) -> None:
    """Types that no pool has together leave the group in error, with a reason."""
    types = [lab.type("one", volume_backend_name="first"), lab.type("two", volume_backend_name="second")]
    group_id = make_group(lab, types)
    assert status(lab, group_id) == "error"
    assert "no pool fits them all" in lab.operation(group_id).error
    assert [decision.chosen for decision in lab.decisions(group_id)] == [None, None]


def test_no_pool_fits_one(lab: Lab) -> None:
    """A type that no pool meets is named with its filter."""
    group_id = make_group(lab, [lab.type("odd", volume_backend_name="nowhere")])
    assert status(lab, group_id) == "error"
    assert "CapabilitiesFilter refused" in lab.operation(group_id).error


def test_prefers_pools_that_keep_one_moment(lab: Lab) -> None:
    """Where the type wants consistent snapshots, a pool that has them comes first; without any, the best one does."""
    wish = {"specs": CONSISTENT}
    assert group(lab, make_group(lab, **wish)).host == lab.first.pool
    lab.tell(lab.second, consistent_group_snapshot_enabled=True)
    assert group(lab, make_group(lab, **wish)).host == lab.second.pool
    assert group(lab, make_group(lab)).host == lab.first.pool


def test_zones(lab: Lab) -> None:
    """A zone asked for binds the group; one that is not known is refused."""
    lab.second.zone = "other"
    lab.db.write(lambda tx: services.change(tx, "cinder-volume", lab.second.service, availability_zone="other"))
    assert group(lab, make_group(lab, availability_zone="other")).host == lab.second.pool
    with pytest.raises(Malformed, match="melon is not known"):
        begin_group(lab, availability_zone="melon")


def test_zones_of_types_apart(lab: Lab) -> None:
    """Types that have no zone in common make no group."""
    lab.db.write(lambda tx: services.change(tx, "cinder-volume", lab.second.service, availability_zone="other"))
    types = [lab.type("a", RESKEY__availability_zones="nova"), lab.type("b", RESKEY__availability_zones="other")]
    with pytest.raises(Malformed, match="none in common"):
        begin_group(lab, types)


def test_refused(lab: Lab) -> None:
    """An unknown volume type, and one group more than the quota has; a refusal uses nothing."""
    with pytest.raises(NotFound, match="Volume type melon"):
        begin_group(lab, ["melon"])
    rules = Rules(quota={"groups": 1})
    begin_group(lab, rules=rules)
    with pytest.raises(QuotaExceeded, match="groups: 1 asked for, 1 in use"):
        begin_group(lab, rules=rules)
    assert lab.see(quotas.usage, "p")["groups"] == 1
    lab.work()


def test_cancelled(lab: Lab) -> None:
    """A group whose creation is given up is in error."""
    group_id = begin_group(lab)
    lab.db.write(lambda tx: administration.cancel(tx, lab.operation(group_id).id))
    lab.work()
    assert (status(lab, group_id), lab.operation(group_id).outcome) == ("error", "cancelled")


def test_volume_goes_to_the_backend_of_its_group(lab: Lab) -> None:
    """Also where another pool would stand better."""
    bound = lab.type("bound", volume_backend_name="second")
    group_id = make_group(lab, ["__DEFAULT__", bound])
    volume_id = make_member(lab, group_id)
    volume = lab.volume(volume_id)
    assert (volume.status, volume.host, volume.group_id) == ("available", lab.second.pool, group_id)
    assert lab.status(make_member(lab, group_id, 9)) == "available"
    assert lab.status(make_member(lab, group_id, 1)) == "error"


def test_volume_waits_for_its_group(lab: Lab) -> None:
    """A volume of a group that is still being placed is placed after it."""
    group_id = begin_group(lab)
    wish = create_volume.Wish(1, volume_type="__DEFAULT__", group_id=group_id)
    volume_id = lab.ask(create_volume.admit, TENANT, RULES, wish)
    lab.work()
    assert (lab.status(volume_id), lab.volume(volume_id).host) == ("available", lab.first.pool)


def test_volume_of_a_group_that_fails(lab: Lab) -> None:
    """It fails with its group, without having been anywhere."""
    odd = lab.type("odd", volume_backend_name="nowhere")
    group_id = begin_group(lab, [odd])
    volume_id = lab.ask(create_volume.admit, TENANT, RULES, create_volume.Wish(1, volume_type=odd, group_id=group_id))
    lab.work()
    assert (lab.status(volume_id), lab.volume(volume_id).host) == ("error", None)
    assert "was not placed" in lab.operation(volume_id).error


def test_volume_whose_source_is_elsewhere(lab: Lab) -> None:
    """A copy lies where its source does, and so cannot be in a group of another backend."""
    group_id = make_group(lab)
    bound = lab.type("bound", volume_backend_name="second")
    volume_id = make_member(lab, group_id, source_volid=lab.create(volume_type=bound))
    assert lab.status(volume_id) == "error"
    assert "the volumes of group" in lab.operation(volume_id).error
    assert lab.status(make_member(lab, group_id, source_volid=make_member(lab, group_id))) == "available"


def test_volumes_that_are_refused(lab: Lab) -> None:
    """No type, a type that is not the group's, no such group, another project's, and a group in error."""
    group_id = make_group(lab)
    other = lab.type("other")
    for caller, wish, error in (
        (TENANT, {"group_id": group_id}, Malformed),
        (TENANT, {"group_id": group_id, "volume_type": other}, Malformed),
        (TENANT, {"group_id": "melon", "volume_type": other}, NotFound),
        (STRANGER, {"group_id": group_id, "volume_type": "__DEFAULT__"}, NotFound),
        (ADMIN, {"group_id": group_id, "volume_type": "__DEFAULT__"}, Malformed),
        (TENANT, {"group_id": make_group(lab, [lab.type("odd", a="b")]), "volume_type": "odd"}, Conflict),
    ):
        with pytest.raises(error):
            lab.ask(create_volume.admit, caller, RULES, create_volume.Wish(1, **wish))

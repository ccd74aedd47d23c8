"""What admissions have in common."""

import pytest
from sqlalchemy import event

from lapilli.db import pools, services, types
from lapilli.model.errors import Conflict, QuotaExceeded
from lapilli.operations import admission, create_volume, extend_volume
from lapilli.operations.admission import Rules
from tests.unit.operations.lab import ADMIN, RULES, TENANT, Lab


def test_scope() -> None:
    """Tenants see their project, administrators all."""
    assert (admission.scope_of(TENANT), admission.scope_of(ADMIN)) == ("p", None)


def test_status(lab: Lab) -> None:
    """The refusal says what is, and what must be."""
    volume = lab.volume(lab.create())
    admission.require_status("Volume", volume, {"available"})
    with pytest.raises(Conflict, match=f"Volume {volume.id} is available; it must be error or in-use"):
        admission.require_status("Volume", volume, {"in-use", "error"})


def test_quota_of_a_type(lab: Lab) -> None:
    """Limits are those of the project, and those of the type within it."""
    rules = Rules(quota={"volumes": 3})
    lab.ask(admission.take_quota, rules, "p", {"volumes": 3}, "__DEFAULT__")
    with pytest.raises(QuotaExceeded, match="4 asked for"):
        lab.ask(admission.take_quota, rules, "p", {"volumes": 4}, "__DEFAULT__")


def test_limits_are_read_once(lab: Lab) -> None:
    """What a project may have is asked for once, however many rules look at it."""
    asked: list[str] = []

    def note(_connection: object, _cursor: object, statement: str, *_rest: object) -> None:
        asked.extend(["quotas"] * ("FROM quotas" in statement))

    volume_id = lab.create()
    event.listen(lab.db.engine, "before_cursor_execute", note)
    try:
        lab.ask(create_volume.admit, TENANT, RULES, create_volume.Wish(size_gib=1))
        assert len(asked) == 1
        lab.ask(extend_volume.admit, TENANT, RULES, volume_id, 2, online=False)
        assert len(asked) == 2
    finally:
        event.remove(lab.db.engine, "before_cursor_execute", note)


def test_size_limits_that_are_no_numbers(lab: Lab) -> None:
    """A type's limit that is not a number limits nothing."""
    lab.type("odd", provisioning__min_vol_size="many", provisioning__max_vol_size="")
    kind = lab.see(types.get, "odd", None)
    admission.check_volume_size({}, 10**6, kind)


def test_frozen(lab: Lab) -> None:
    """Only the frozen backend takes no changes; one that is not registered is not frozen."""
    lab.db.write(lambda tx: services.change(tx, "cinder-volume", lab.first.service, frozen=True))
    with pytest.raises(Conflict, match="frozen"):
        lab.see(admission.check_not_frozen, lab.first.pool)
    lab.see(admission.check_not_frozen, lab.second.pool)
    lab.see(admission.check_not_frozen, "gone@lvm#lvm")


def test_copy_of_what_is_written_to(lab: Lab) -> None:
    """It is the pool's word that decides, and only for volumes in use."""
    volume_id = lab.create()
    lab.tell(lab.first, copies_snapshots=True)
    lab.see(admission.check_at_rest, lab.volume(volume_id))
    lab.attach(volume_id)
    with pytest.raises(Conflict, match="reflinks"):
        lab.see(admission.check_at_rest, lab.volume(volume_id))
    assert lab.see(pools.fact, "gone@lvm#lvm", "copies_snapshots") is None

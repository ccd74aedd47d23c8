"""Other types for volumes: what stands in the way, and what is as before when it does."""

from typing import Any

import pytest
from sqlalchemy import Connection, insert, update

from lapilli.db import quotas
from lapilli.db.clock import now_text
from lapilli.db.schema import encryptions, qos_specs, volume_types
from lapilli.model.errors import Conflict, Malformed, QuotaExceeded
from lapilli.operations import create_volume, retype_volume
from lapilli.operations.admission import Rules
from lapilli.operations.create_volume import Wish
from tests.unit.operations.lab import RULES, TENANT, Lab


def retype(lab: Lab, volume_id: str, name: str, *, may_move: bool = False, rules: Rules = RULES) -> bool:
    return lab.ask(retype_volume.admit, TENANT, rules, volume_id, name, may_move=may_move)


def facts(lab: Lab, volume_id: str) -> tuple[str, str, str]:
    """Status, type, and backend."""
    row: Any = lab.volume(volume_id)
    return row.status, row.volume_type, row.host.partition("#")[2]


def limit(lab: Lab, name: str, consumer: str, **specs: str) -> str:
    """A type with QoS specs; its name."""
    lab.type(name)

    def write(tx: Connection) -> None:
        row = {"id": f"qos {name}", "name": name, "consumer": consumer, "specs": specs, "created_at": now_text()}
        tx.execute(insert(qos_specs).values(**row))
        tx.execute(update(volume_types).where(volume_types.c.id == name).values(qos_specs_id=row["id"]))

    lab.db.write(write)
    return name


@pytest.mark.parametrize(
    ("consumer", "expected"), [("front-end", "refused"), ("both", "refused"), ("back-end", "in-use")]
)
def test_limits_that_a_host_keeps(lab: Lab, consumer: str, expected: str) -> None:
    """They do not change under a host that has the volume."""
    name = limit(lab, "limited", consumer, total_iops_sec="100")
    volume_id, free = lab.create(), lab.create()
    lab.attach(volume_id)
    if expected == "refused":
        with pytest.raises(Conflict, match="QoS"):
            retype(lab, volume_id, name)
    else:
        retype(lab, volume_id, name)
    retype(lab, free, name)
    lab.work()
    assert facts(lab, volume_id)[:2] == ("in-use", "__DEFAULT__" if expected == "refused" else name)
    assert facts(lab, free)[:2] == ("available", name)


def test_encryption(lab: Lab) -> None:
    """Bytes are not encrypted, or decrypted, on the way."""
    name = lab.type("secret")
    row = {"encryption_id": "e", "provider": "luks", "control_location": "front-end", "cipher": "aes", "key_size": 256}
    lab.db.write(lambda tx: tx.execute(insert(encryptions).values(volume_type_id=name, created_at=now_text(), **row)))
    volume_id = lab.create()
    with pytest.raises(Malformed, match="encrypted"):
        retype(lab, volume_id, name)


def test_promised_space_of_a_type(lab: Lab) -> None:
    """While one volume is being retyped, another cannot take the rest of the new type's quota."""
    rules, name = Rules(quota={}), lab.type("dear")
    volume_id, other = lab.create(2), lab.create(2)
    lab.ask(_set_quota, "gigabytes_dear", 3)
    retype(lab, volume_id, name, rules=rules)
    with pytest.raises(QuotaExceeded):
        retype(lab, other, name, rules=rules)
    with pytest.raises(QuotaExceeded):
        lab.ask(create_volume.admit, TENANT, rules, Wish(2, volume_type=name))
    lab.work()
    assert facts(lab, volume_id)[:2] == ("available", "dear")


def _set_quota(tx: Connection, resource: str, most: int) -> None:
    quotas.set_limits(tx, TENANT.project_id, {resource: most})


def test_detached_meanwhile(lab: Lab) -> None:
    """A volume whose attachment went while it was retyped is available afterwards."""
    name, volume_id = lab.type("other"), lab.create()
    attachment_id = lab.attach(volume_id)
    retype(lab, volume_id, name)
    lab.begin_detach(attachment_id)
    lab.work()
    assert facts(lab, volume_id)[:2] == ("available", "other")


def test_where_it_is_comes_first(lab: Lab) -> None:
    """A pool that will do keeps the volume, though another has more room."""
    volume_id = lab.create(15)
    assert facts(lab, volume_id)[2] == "first"
    retype(lab, volume_id, lab.type("other"), may_move=True)
    lab.work()
    assert facts(lab, volume_id) == ("available", "other", "first")
    assert lab.decisions(volume_id)[-1].chosen == lab.first.pool


@pytest.mark.parametrize(
    ("backend", "may_move", "why"),
    [("second", False, "migration_policy"), ("third", True, "volume_backend_name"), ("second", True, "")],
)
def test_to_another_backend(lab: Lab, backend: str, may_move: bool, why: str) -> None:
    """It moves if it may and can; else it is as it was, and the operation says why."""
    volume_id = lab.create()
    retype(lab, volume_id, lab.type("other", volume_backend_name=backend), may_move=may_move)
    lab.work()
    if why:
        assert facts(lab, volume_id) == ("available", "__DEFAULT__", "first")
        assert why in lab.operation(volume_id).error
    else:
        assert facts(lab, volume_id) == ("available", "other", "second")


def test_while_it_is_copied(lab: Lab) -> None:
    """A clone that has begun keeps its source where it is."""
    volume_id, name = lab.create(), lab.type("other")
    lab.ask(create_volume.admit, TENANT, RULES, Wish(source_volid=volume_id))
    with pytest.raises(Conflict, match="copied"):
        retype(lab, volume_id, name)

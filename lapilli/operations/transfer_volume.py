"""Give a volume to another project: offer it under a key, accept it with the key, or withdraw the offer.

Only rows change, so each is one transaction. The key is told once; what is stored is Cinder's digest of it.
"""

import hmac
import secrets
import uuid
from collections.abc import Sequence

from sqlalchemy import Connection

from lapilli.db import quotas, snapshots, transfers, types, volumes
from lapilli.db.rows import AnyRow
from lapilli.model.errors import Conflict, Malformed
from lapilli.model.values import Caller
from lapilli.operations.admission import Rules, check_volume_size, require_status, scope_of, take_quota


def offer(
    tx: Connection,
    caller: Caller,
    rules: Rules,
    volume_id: str,
    *,
    name: str | None,
    no_snapshots: bool = False,
) -> tuple[str, str]:
    """The volume awaits its transfer. Returns the id of the offer and its key."""
    volume = volumes.lock(tx, volume_id, scope_of(caller))
    require_status("Volume", volume, {"available"})
    if volume.group_id is not None:
        raise Conflict(f"Volume {volume_id} is part of group {volume.group_id}; take it out first.")
    if not no_snapshots:
        for snapshot in _going_along(tx, volume):
            require_status("Snapshot", snapshot, {"available"})
            _check_alone(snapshot)
    volumes.move(tx, volume_id, "offer")
    transfer_id, key, salt = str(uuid.uuid4()), _hex(rules.transfer_key_length), _hex(rules.transfer_salt_length)
    transfers.add(
        tx,
        id=transfer_id,
        volume_id=volume_id,
        project_id=volume.project_id,
        name=name,
        salt=salt,
        key_digest=_digest(salt, key),
        no_snapshots=no_snapshots,
    )
    return transfer_id, key


def withdraw(tx: Connection, caller: Caller, transfer_id: str) -> None:
    """The offer is gone; the volume is available again, unless an administrator has set its status since."""
    transfer = transfers.lock(tx, transfer_id, scope_of(caller))
    transfers.forget(tx, transfer_id)
    if volumes.lock(tx, transfer.volume_id, None).status == "awaiting-transfer":
        volumes.move(tx, transfer.volume_id, "withdraw")


def accept(tx: Connection, caller: Caller, rules: Rules, transfer_id: str, key: str) -> AnyRow:
    """The volume, and its snapshots unless they were kept back, are the caller's. Returns the offer, which is gone."""
    transfer = transfers.lock(tx, transfer_id, None)
    if not hmac.compare_digest(_digest(transfer.salt, key), transfer.key_digest):
        raise Malformed(f"The key does not open transfer {transfer_id}.")
    volume = volumes.lock(tx, transfer.volume_id, None)
    moving = [] if transfer.no_snapshots else _going_along(tx, volume)
    if volume.project_id != caller.project_id:
        _check_quota(tx, caller, rules, volume, moving)
    new = {"project_id": caller.project_id, "user_id": caller.user_id}
    volumes.move(tx, volume.id, "accept", **new)
    for snapshot in moving:
        require_status("Snapshot", snapshot, {"available"})
        snapshots.change(tx, snapshot.id, **new)
    transfers.forget(tx, transfer_id)
    return transfer


def _going_along(tx: Connection, volume: AnyRow) -> Sequence[AnyRow]:
    """The snapshots that are the giver's to give, which those are not that the owner before it has kept."""
    return [row for row in snapshots.of_volume(tx, volume.id) if row.project_id == volume.project_id]


def _check_alone(snapshot: AnyRow) -> None:
    """What is part of a group snapshot is deleted with it, so that it cannot be another project's."""
    if snapshot.group_snapshot_id is not None:
        raise Conflict(
            f"Snapshot {snapshot.id} is part of group snapshot {snapshot.group_snapshot_id}; delete that first, "
            "or offer the volume without snapshots."
        )


def _check_quota(tx: Connection, caller: Caller, rules: Rules, volume: AnyRow, moving: Sequence[AnyRow]) -> None:
    kind = types.get(tx, volume.volume_type_id, None)
    limits = quotas.limits(tx, caller.project_id, rules.quota)
    check_volume_size(limits, volume.size_gib, kind)
    counted = [snapshot for snapshot in moving if snapshot.consumes_quota]
    more = {"volumes": 0, "snapshots": len(counted), "gigabytes": 0}
    if volume.consumes_quota:
        more |= {"volumes": 1, "gigabytes": volume.size_gib}
    if rules.snapshots_use_gigabytes:
        more["gigabytes"] += sum(snapshot.size_gib for snapshot in counted)
    take_quota(tx, rules, caller.project_id, more, kind.name, limits)


def _hex(length: int) -> str:
    return secrets.token_hex((length + 1) // 2)[:length]


def _digest(salt: str, key: str) -> str:
    return hmac.digest(salt.encode(), key.encode(), "sha1").hex()

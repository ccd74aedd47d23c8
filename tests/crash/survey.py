"""Compares the rows with the world: files, targets, accounts. What one has and the other does not is a problem.

`problems` must be empty whenever nothing is under way. `inventory` says in words what there is, name by name, so that
a test can say what it expects.
"""

import re
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from sqlalchemy import Connection, select

from lapilli.db import attachments, invariants
from lapilli.db.rows import AnyRow
from lapilli.db.schema import (
    accounts,
    exports,
    group_snapshots,
    groups,
    history,
    holds,
    operations,
    pools,
    snapshots,
    volumes,
)
from lapilli.db.schema import attachments as attachment_table
from lapilli.model.states import ATTACHMENT, GROUP, GROUP_SNAPSHOT, SNAPSHOT, VOLUME
from lapilli.model.values import GIB
from lapilli.operations.desks import Names
from lapilli.targets import tgt_shown
from lapilli.targets.tgt_control import TgtControl
from lapilli.targets.tgt_shown import ShownTarget
from tests.wiping import PREFIX

# Both ends of the first GiB, and a place with holes around it.
PLACES = (0, 300 * 1024**2, GIB - 4096)
_NAMES = Names()
_KINDS = (
    (volumes, VOLUME),
    (snapshots, SNAPSHOT),
    (attachment_table, ATTACHMENT),
    (groups, GROUP),
    (group_snapshots, GROUP_SNAPSHOT),
)


@dataclass(frozen=True)
class Place:
    """A backend as it is seen from outside: its service, its files, and the tgtd that exports them."""

    service: str
    directory: Path
    control: TgtControl

    def owns(self, host: str | None) -> bool:
        return host is not None and host.startswith(f"{self.service}#")

    def files(self) -> set[str]:
        return {path.name for path in self.directory.iterdir()} - {".lapilli-pool"}

    def targets(self) -> Mapping[str, ShownTarget]:
        return {target.name: target for target in tgt_shown.targets(self.control.show("target"))}

    def users(self) -> set[str]:
        return set(self.control.show("account").split()[2:])


def problems(tx: Connection, places: Sequence[Place]) -> list[str]:
    """What is not as it has to be when all is at rest, one sentence each."""
    found = unrest(tx)
    for place in places:
        found += _wrong_files(tx, place)
    for control in {id(place.control): place.control for place in places}.values():
        found += _wrong_targets(tx, [place for place in places if place.control is control])
    return found


def unrest(tx: Connection) -> list[str]:
    """What the rows alone tell: sums that are wrong, work that is not done, statuses that ought to pass."""
    found = [str(violation) for violation in invariants.check(tx)]
    found += [f"operation {row.kind} on {row.subject} lives: {row.error}" for row in _live(tx)]
    found += [f"{row.resource} is held" for row in tx.execute(select(holds))]
    return [*found, *_restless(tx)]


def _live(tx: Connection) -> Sequence[AnyRow]:
    return tx.execute(select(operations).where(operations.c.outcome.is_(None))).all()


def _restless(tx: Connection) -> Iterator[str]:
    for table, states in _KINDS:
        for row in tx.execute(select(table).where(table.c.status.in_(states.transient))):
            yield f"{states.kind} {row.id} is {row.status}"
    for names in (_volume_names(tx), _snapshot_names(tx)):
        for name, count in Counter(names.values()).items():
            if count > 1:
                yield f"{name} is there {count} times"


def _volume_names(tx: Connection) -> dict[str, str]:
    """What to call each volume, by id. Those of a group that is a copy have no name, and are called after theirs."""
    origins = {row.id: row.volume_id for row in tx.execute(select(snapshots))}
    rows = tx.execute(select(volumes)).all()
    named = {row.id: row.name for row in rows}
    return {
        row.id: row.name or f"copy of {named.get(row.source_volid or origins.get(row.snapshot_id, ''))}" for row in rows
    }


def _snapshot_names(tx: Connection) -> dict[str, str]:
    """What to call each snapshot, by id. Those of a group snapshot share its name."""
    of = _volume_names(tx)
    rows = tx.execute(select(snapshots)).all()
    return {row.id: f"{row.name} of {of[row.volume_id]}" if row.group_snapshot_id else row.name for row in rows}


def _wrong_files(tx: Connection, place: Place) -> Iterator[str]:
    wanted = dict(_files_of_rows(tx, place))
    stored = place.files()
    strays = {name for name in stored - wanted.keys() if _is_ours(name)} - _left(tx)
    yield from (f"{place.service} has a stray file {name}" for name in strays)
    for name, (size_gib, status) in wanted.items():
        if name not in stored:
            if status != "error_deleting":
                yield f"{place.service} has lost the file {name}"
            continue
        size_bytes = (place.directory / name).stat().st_size
        if size_bytes != size_gib * GIB and status != "error_extending":
            yield f"{name} has {size_bytes} bytes instead of {size_gib} GiB"


def uncounted(tx: Connection, places: Sequence[Place]) -> Iterator[str]:
    """The places where more lies, what waits to be wiped included, than their accounts know of."""
    for place in places:
        of_place = select(accounts.c.allocated_gib).join(pools, pools.c.account == accounts.c.id)
        counted_gib = tx.execute(of_place.where(pools.c.service == place.service)).scalar_one()
        # What is half-made has a name that begins with a dot, too, and is made within the space of the whole.
        ours = [name for name in place.files() if name.startswith(PREFIX) or (_is_ours(name) and name[0] != ".")]
        there_gib = sum((place.directory / name).stat().st_size for name in ours) / GIB
        if there_gib > counted_gib:
            yield f"{place.service} has {there_gib:g} GiB, more than the {counted_gib} that are counted"


def _is_ours(name: str) -> bool:
    """Whether the file has a name that this service gives. Others may put what they like beside them."""
    return name.startswith((".", _NAMES.volume(""), _NAMES.snapshot("")))


def _left(tx: Connection) -> set[str]:
    """The names of what was let go, and left where it was."""
    gone = tx.execute(select(history.c.resource).where(history.c.event == "unmanaged")).scalars()
    return {name for id in gone for name in (_NAMES.volume(id), _NAMES.snapshot(id))}


def _files_of_rows(tx: Connection, place: Place) -> Iterator[tuple[str, tuple[int, str]]]:
    """Name, size in GiB and status of what has a file here; a snapshot that failed has none."""
    for row in tx.execute(select(volumes)):
        if place.owns(row.host):
            yield _NAMES.volume(row.id), (row.size_gib, row.status)
    origins = select(snapshots, volumes.c.host).join(volumes, volumes.c.id == snapshots.c.volume_id)
    for row in tx.execute(origins):
        if place.owns(row.host) and row.status != "error":
            yield _NAMES.snapshot(row.id), (row.size_gib, row.status)


def _wrong_targets(tx: Connection, places: Sequence[Place]) -> Iterator[str]:
    """Compare one tgtd with the rows of the backends that use it."""
    rows = [(place, row) for place in places for row in attachments.exported_by(tx, place.service)]
    wanted = {_NAMES.target(row.volume_id): _wanted_target(tx, place, row.volume_id) for place, row in rows}
    there = places[0].targets()
    yield from (f"there is a stray target {name}" for name in there.keys() - wanted.keys())
    yield from (f"the target {name} is lost" for name in wanted.keys() - there.keys())
    for name in wanted.keys() & there.keys():
        path, must, may = wanted[name]
        initiators = set(there[name].initiators)
        if not must <= initiators <= must | may:
            yield f"{sorted(initiators)} may log in to {name}, and should be {sorted(must)}"
        served = there[name].of_lun(1, "Backing store path")
        if served != path:
            yield f"target {name} serves {served or 'nothing'}"
    users = {row.username for _, row in rows}
    if places[0].users() != users:
        yield f"the targets' accounts are {sorted(places[0].users())} instead of {sorted(users)}"


def _wanted_target(tx: Connection, place: Place, volume_id: str) -> tuple[str, set[str], set[str]]:
    """The path it serves, who must be let in, and who may be: where a detachment failed, nobody knows."""
    must: set[str] = set()
    may: set[str] = set()
    for row in attachments.of_volume(tx, volume_id):
        if row.connector is not None:
            (may if row.status == "error_detaching" else must).add(row.connector["initiator"])
    return str(place.directory / _NAMES.volume(volume_id)), must, may


def inventory(tx: Connection, places: Sequence[Place]) -> dict[str, str]:
    """All there is by name, in words."""
    found: dict[str, str] = {}
    names, snapshot_names = _volume_names(tx), _snapshot_names(tx)
    hosts = {row.id: row.host for row in tx.execute(select(volumes))}
    for row in tx.execute(select(volumes)):
        content = _content(places, row.host, _NAMES.volume(row.id))
        backend = (row.host or "nowhere").partition("#")[2] or "nowhere"
        found[f"volume {names[row.id]}"] = f"{row.status}, {row.size_gib} GiB of {content} on {backend}"
    for row in tx.execute(select(snapshots)):
        content = _content(places, hosts[row.volume_id], _NAMES.snapshot(row.id))
        found[f"snapshot {snapshot_names[row.id]}"] = f"{row.status}, {row.size_gib} GiB of {content}"
    found.update(_groups(tx, names))
    for row in tx.execute(select(attachment_table)):
        whom = row.host_name or "nobody"
        info = "with" if row.connection_info else "without"
        found[f"attachment of {names[row.volume_id]} to {whom}"] = f"{row.status}, {info} connection info"
    for place in places:
        for name in place.files():
            if not _is_ours(name) or name in _left(tx):
                shown_name = name if not _is_ours(name) else "that was let go"
                found[f"file {shown_name}"] = f"{content_of(place.directory / name)} on {place.service}"
    shown = {name: target for place in places for name, target in place.targets().items()}
    for row in tx.execute(select(exports)):
        if target := shown.get(_NAMES.target(row.volume_id)):
            seen = re.sub(r" MB$", "", target.of_lun(1, "Size"))
            found[f"target of {names[row.volume_id]}"] = f"{round(int(seen or 0) / 1074)} GiB"
    return found


def _groups(tx: Connection, names: Mapping[str, str]) -> Iterator[tuple[str, str]]:
    for row in tx.execute(select(groups)):
        members = sorted(names[each.id] for each in tx.execute(select(volumes).where(volumes.c.group_id == row.id)))
        yield f"group {row.name}", f"{row.status}, of {', '.join(members) or 'nothing'}"
    for row in tx.execute(select(group_snapshots)):
        yield f"group snapshot {row.name}", row.status


def _content(places: Sequence[Place], host: str | None, name: str) -> str:
    for place in places:
        path = place.directory / name
        if place.owns(host) and path.exists():
            return content_of(path)
    return "nothing"


def content_of(path: Path) -> str:
    """The letter that was written where `PLACES` are, or what is wrong with it."""
    marks = {_mark(path, offset) for offset in PLACES}
    return marks.pop() if len(marks) == 1 else f"torn bytes ({', '.join(sorted(marks))})"


def _mark(path: Path, offset: int) -> str:
    with path.open("rb") as file:
        file.seek(offset)
        block = file.read(512)
    if block == bytes(512):
        return "zeros"
    return chr(block[0]) if len(set(block)) == 1 else "torn"

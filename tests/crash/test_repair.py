"""A process that dies while it repairs targets: the next one finishes, and takes nothing that is needed."""

import time
from dataclasses import replace
from functools import partial
from typing import Any

import pytest
from sqlalchemy import Connection, delete, select, update

from lapilli.db.schema import attachments, exports, volumes
from lapilli.model.values import Export
from lapilli.operations import repair_targets
from lapilli.operations.desks import Names
from lapilli.operations.registry import OPERATIONS
from lapilli.targets.tgt import TgtTarget
from lapilli.targets.tgt_control import Answer, Request
from lapilli.work import queue
from lapilli.work.operation import Done, Job
from tests.crash.cases import Case
from tests.crash.deaths import die_everywhere
from tests.crash.world import Parts, World

_REPAIR = Case(
    "repair",
    lambda _tx: None,  # it has been asked for before
    {
        "volume attached": "available, 1 GiB of zeros on first",
        "attachment of attached to alice": None,
        "target of attached": None,
    },
)


def spoil(world: World) -> None:
    """One target is gone that is needed, another is there that nobody needs any more, and both shall be put right."""
    service = world.places[0].service
    of_shared = Names().target(world.write(partial(_id, name="shared")))
    lost = world.places[0].targets()[of_shared]
    world.tgt.control.ask(Request("delete", "target", lost.tid, force=True))
    world.write(_forget)
    world.write(partial(repair_targets.admit, service=service))


def _id(tx: Connection, name: str) -> str:
    return str(tx.execute(select(volumes.c.id).where(volumes.c.name == name)).scalar_one())


def _forget(tx: Connection) -> None:
    """The attachment's rows go, and not its target: what restoring an older copy of the database does."""
    volume_id = _id(tx, "attached")
    for table in (exports, attachments):
        tx.execute(delete(table).where(table.c.volume_id == volume_id))
    free = {"status": "available", "attach_status": "detached"}
    tx.execute(update(volumes).where(volumes.c.id == volume_id).values(**free))


@pytest.mark.long
def test_nothing_is_left_of_a_death(world: World, figures: list[str]) -> None:
    """The stray and its account are gone in the end, the missing one is back with both its hosts."""
    begun = time.monotonic()
    points, wrong = die_everywhere(world, _REPAIR, arrange=partial(spoil, world))
    figures.append(f"{points:5} deaths in {time.monotonic() - begun:5.1f} s: repair of targets")
    assert wrong == []


class TargetFirst(TgtTarget):
    """Takes the target away before its account, of which nothing tells then."""

    def unexport(self, export: Export) -> None:
        shown = self._find(export.name)
        if shown:
            self._remove(shown)
            self._delete_accounts(export.name, shown.accounts)


class LooksOnce(TgtTarget):
    """Cannot take away what is half gone."""

    def unexport(self, export: Export) -> None:
        shown = self._find(export.name)
        if shown:
            for initiator in shown.initiators or ["nobody"]:
                rule = Request("unbind", "target", shown.tid, words={"initiator-name": initiator})
                self._control.ask(rule, Answer.NO_TARGET)
        super().unexport(export)


def _records_before_it_acts() -> Parts:
    """Finished, and only then repaired."""

    def finish(tx: Connection, job: Job) -> None:
        queue.finish(tx, job, Done(result=[]))

    def repair(job: Job, desk: Any) -> list[str]:
        desk.db.write(partial(finish, job=job))
        return repair_targets.repair(job, desk)

    (step,) = repair_targets.OPERATION.steps
    operation = replace(repair_targets.OPERATION, steps=(replace(step, effect=repair),))
    return Parts(operations={**OPERATIONS, operation.kind: operation})


@pytest.mark.long
@pytest.mark.parametrize(
    "parts",
    [
        pytest.param(Parts(target=TargetFirst), id="a target that goes before its account"),
        pytest.param(Parts(target=LooksOnce), id="an effect that does not look"),
        pytest.param(_records_before_it_acts(), id="a record before its effect"),
    ],
)
def test_the_fault_is_found(parts: Parts, world: World, figures: list[str], request: pytest.FixtureRequest) -> None:
    """The test above can fail."""
    points, wrong = die_everywhere(world, replace(_REPAIR, parts=parts), arrange=partial(spoil, world))
    figures.append(f"{points:5} deaths, {len(wrong)} faults found: {request.node.callspec.id}, repairing")
    assert len(wrong) > 0

"""The test of deaths can fail: each of these faults, of the kinds that people make, is found by it."""

import os
import time
from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import Connection

from lapilli.db import pools
from lapilli.drivers.directory import DirectoryDriver
from lapilli.model.values import GIB, Export
from lapilli.operations import create_volume, delete_volume
from lapilli.operations.registry import OPERATIONS
from lapilli.targets.tgt import TgtTarget
from lapilli.work import queue
from lapilli.work.operation import Done, Job, Operation
from tests.crash.cases import CASES
from tests.crash.deaths import die_everywhere
from tests.crash.world import Parts, World


def with_operation(operation: Operation) -> Parts:
    return Parts(operations={**OPERATIONS, operation.kind: operation})


class DoesNotLook(DirectoryDriver):
    """Its effect cannot be repeated: a file that exists is a fault."""

    def create_volume(self, name: str, size_gib: int, pool: str) -> None:
        descriptor = os.open(self.path(name), os.O_CREAT | os.O_EXCL | os.O_RDWR)
        os.ftruncate(descriptor, size_gib * GIB)
        os.close(descriptor)


class TrustsHalfMade(DirectoryDriver):
    """Takes a file that exists for a complete one, and makes it under its final name."""

    def create_volume(self, name: str, size_gib: int, pool: str) -> None:
        if not Path(self.path(name)).exists():
            descriptor = os.open(self.path(name), os.O_CREAT | os.O_RDWR)
            os.ftruncate(descriptor, size_gib * GIB)
            os.close(descriptor)


class LeavesScraps(DirectoryDriver):
    """Makes a note of what it is about to do, under a name that no second call knows."""

    def create_volume(self, name: str, size_gib: int, pool: str) -> None:
        scrap = Path(self.path(f"{name}.{time.monotonic_ns()}"))
        scrap.touch()
        super().create_volume(name, size_gib, pool)
        scrap.unlink()


class LooksAtTheFirstThingOnly(TgtTarget):
    """Takes everything for gone when the account is gone, which goes before its target."""

    def unexport(self, export: Export) -> None:
        if export.username in self._control.show("account").split()[2:]:
            super().unexport(export)


def with_provision(**changes: Any) -> Operation:
    """The creation of volumes with another step that makes the bytes."""
    steps = (replace(step, **changes) if step.name == "provision" else step for step in create_volume.OPERATION.steps)
    return replace(create_volume.OPERATION, steps=tuple(steps))


def records_before_it_acts() -> Operation:
    """The volume is available, and only then made."""

    def finish(tx: Connection, job: Job) -> None:
        queue.finish(tx, job, create_volume.record_provision(tx, job, None))

    def make(job: Job, desk: Any) -> None:
        desk.db.write(partial(finish, job=job))
        create_volume.provision(job, desk)

    return with_provision(effect=make)


def takes_space_beside_the_fence() -> Operation:
    """Space is counted in a transaction of its own, that nobody takes back."""

    def make(job: Job, desk: Any) -> None:
        desk.db.write(lambda tx: pools.take(tx, job.args["pool"], 1, volumes=0, limit_gib=1e9))
        create_volume.provision(job, desk)

    def record(tx: Connection, job: Job, result: None) -> Done:
        pools.give_back(tx, job.args["pool"], 1, volumes=0)
        return create_volume.record_provision(tx, job, result)

    return with_provision(effect=make, record=record)


def forgets_the_row_first() -> Operation:
    """The row goes before the file: who dies between them has nothing to delete it by."""

    def forget(tx: Connection, job: Job) -> None:
        queue.finish(tx, job, delete_volume.record_removal(tx, job, {job.subject: None}))

    def remove(job: Job, desk: Any) -> None:
        desk.db.write(partial(forget, job=job))
        desk.driver.delete_volume(desk.names.volume(job.subject))

    (step,) = delete_volume.OPERATION.steps
    return replace(delete_volume.OPERATION, steps=(replace(step, effect=remove),))


FAULTS = {
    "an effect that does not look": ("create", Parts(driver={"first": DoesNotLook})),
    "a half-made file taken for a whole one": ("create", Parts(driver={"first": TrustsHalfMade})),
    "scraps under new names": ("create", Parts(driver={"first": LeavesScraps})),
    "a record before its effect": ("create", with_operation(records_before_it_acts())),
    "space counted beside the fence": ("create", with_operation(takes_space_beside_the_fence())),
    "a row that goes before its file": ("delete", with_operation(forgets_the_row_first())),
    "a look at half of what is undone": ("attachment, disconnect", Parts(target=LooksAtTheFirstThingOnly)),
}


@pytest.mark.long
@pytest.mark.parametrize("name", FAULTS)
def test_the_fault_is_found(name: str, world: World, figures: list[str]) -> None:
    """The same run that finds nothing wrong with the product finds this."""
    kind, parts = FAULTS[name]
    (case,) = (case for case in CASES if case.name == kind)
    points, wrong = die_everywhere(world, replace(case, parts=parts))
    figures.append(f"{points:5} deaths, {len(wrong)} faults found: {name}")
    assert len(wrong) > 0

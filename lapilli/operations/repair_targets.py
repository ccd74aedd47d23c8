"""Put right what targets have that attachments do not, and the other way round, as far as that is safe."""

from sqlalchemy import Connection

from lapilli.operations import compare_targets
from lapilli.operations.desks import VolumeDesk, volume_queue
from lapilli.work.operation import Done, Job, Operation, Step
from lapilli.work.queue import submit


def admit(tx: Connection, service: str) -> str:
    """Returns the operation, whose result is what was done: a list of sentences."""
    return submit(tx, OPERATION, f"repair {service}"[:255], volume_queue(service))


def repair(_job: Job, desk: VolumeDesk) -> list[str]:
    """Missing targets are there again, and those that nobody needs or uses are gone."""
    return compare_targets.repair(desk)


def record_repair(_tx: Connection, _job: Job, done: list[str]) -> Done:
    return Done(result=done)


def undo(_job: Job, _desk: VolumeDesk) -> None:
    """What was put right stays so."""


def record_failure(_tx: Connection, _job: Job, _result: None) -> Done:
    return Done(outcome="failed")


OPERATION = Operation(
    kind="backend.repair",
    steps=(Step("repair", repair, record_repair),),
    fail=Step("fail", undo, record_failure),
    is_awaited=True,
)

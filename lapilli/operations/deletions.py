"""What all operations that delete have in common: one step, tried for half a minute, and no way back."""

from typing import Any

from lapilli.work.operation import Effect, Job, Operation, Record, Step


def deletion(kind: str, remove: Effect, record_removal: Record, record_failure: Record) -> Operation:
    """The operation that removes its subject, and all that goes with it."""
    return Operation(
        kind=kind,
        steps=(Step("remove", remove, record_removal, patience=5),),
        fail=Step("fail", _undo, record_failure),
    )


def _undo(_job: Job, _desk: Any) -> None:
    """Nothing comes back: what is left is deleted by asking again."""

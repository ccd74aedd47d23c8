"""What an operation is: named steps, each an effect on the world and a record of it."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any, Final

from sqlalchemy import Connection

from lapilli.model.errors import Conflict

CANCELLED: Final = "cancelled"
"""The outcome of an operation that was given up because somebody asked, and what its `error` says then."""


class Retry(Exception):
    """Raised by an effect: not now. The step runs again after `delay_s`, however often that is."""

    def __init__(self, why: str, delay_s: float = 1.0) -> None:
        super().__init__(why)
        self.delay_s = delay_s


class Lost(Exception):
    """The operation is no longer known to be ours. Leave without a trace: nothing of this attempt may be written."""

    def __init__(self, why: str = "another worker has it") -> None:
        super().__init__(why)


class Cancelled(Conflict):
    """Somebody asked for the operation to be given up."""


class Job:
    """A claimed operation, in the hands of one worker for one attempt."""

    def __init__(self, row: Mapping[str, Any], lease_s: float) -> None:
        self.id: str = row["id"]
        self.kind: str = row["kind"]
        self.subject: str = row["subject"]
        self.source: str | None = row["source"]
        self.project_id: str | None = row["project_id"]
        self.args: dict[str, Any] = row["args"]
        self.queue: str = row["queue"]
        self.step: str = row["step"]
        self.attempt: int = row["attempt"]
        self.failures: int = row["failures"]
        self.error: str | None = row["error"]
        self.request_id: str | None = row["request_id"]
        self.is_cancelled: bool = row["cancel_requested"]
        self.lease_s = lease_s
        self.is_lost = False
        self.is_stopping = False
        """Whether the process is to end: a long effect is left where it stands, and the next process goes on."""
        self.progress: str | None = None
        """How far a long effect is, for people; written with the next heartbeat."""

    def stand_at(self, goto: "Goto") -> None:
        """Follow what has been committed."""
        self.args = {**self.args, **goto.args}
        self.queue = goto.queue or self.queue
        self.step = goto.step
        self.error = goto.error or self.error
        self.failures = 0

    def check(self) -> None:
        """Ask between the chunks of a long effect whether to go on; raises `Lost`, `Retry` or `Cancelled`."""
        if self.is_lost:
            raise Lost
        if self.is_stopping:
            raise Retry("the process that worked on it was stopped", 0.0)
        if self.is_cancelled:
            raise Cancelled("The operation was cancelled.")


@dataclass(frozen=True)
class Goto:
    """Returned by a record: go on with `step`, in `queue` (the same one if None), with `args` added to the job's.

    `error` is for a record that sends the operation down its failure path: why.
    """

    step: str
    queue: str | None = None
    args: Mapping[str, Any] = field(default_factory=dict)
    error: str | None = None


@dataclass(frozen=True)
class Done:
    """Returned by a record: the operation is finished, with an answer for whoever waits."""

    result: Any = None
    outcome: str = "done"


Effect = Callable[[Job, Any], Any]
"""(job, tools) → result. Touches the world outside any transaction; looks before it acts; may run again."""

Record = Callable[[Connection, Job, Any], Goto | Done | None]
"""(tx, job, result) → where to go; None is the next step, or the end after the last."""


def no_effect(_job: Job, _tools: object) -> None:
    """The effect of a step that only records."""


@dataclass(frozen=True)
class Step:
    """One step. `patience` is how often a fault that may pass (`Unavailable`) is tried again before it is final."""

    name: str
    effect: Effect
    record: Record
    patience: int = 3


@dataclass(frozen=True)
class Operation:
    """A kind of wish. When a step's fault is final, `fail` undoes the effects and records that."""

    kind: str
    steps: tuple[Step, ...]
    fail: Step
    is_awaited: bool = False
    """Whether somebody waits for the result: finishing rings the operation's own topic."""
    is_slow: bool = False
    """Whether it may take hours, while nobody waits: of each queue one at a time is worked on, beside the others."""

    def find_step(self, name: str) -> Step | None:
        """The step of that name, or None. Names are a schema: renaming one is a migration."""
        return next((step for step in (*self.steps, self.fail) if step.name == name), None)

    def after(self, name: str) -> Step | None:
        """The step that follows, or None after the last and after `fail`."""
        names = [step.name for step in self.steps]
        if name not in names or name == names[-1]:
            return None
        return self.steps[names.index(name) + 1]


def awaited_topic(operation_id: str) -> str:
    """The topic that rings when the operation has finished."""
    return f"finished:{operation_id}"

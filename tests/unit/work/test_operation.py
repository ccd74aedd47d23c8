"""The words of operations."""

import pytest

from lapilli.work.operation import Cancelled, Goto, Job, Lost, Retry, awaited_topic
from tests.conformance.engine import plain

ROW = {
    "id": "i",
    "kind": "plain",
    "subject": "s",
    "source": None,
    "project_id": "p",
    "args": {"a": 1, "b": 2},
    "queue": "q",
    "step": "first",
    "attempt": 4,
    "failures": 3,
    "error": "e",
    "request_id": "r",
    "cancel_requested": False,
}


def test_order_of_steps() -> None:
    """Steps follow one another; after the last, and after the failure path, there is nothing."""
    operation = plain()
    assert [operation.after(name) for name in ("first", "second", "fail", "none")] == [
        operation.steps[1],
        None,
        None,
        None,
    ]
    assert operation.find_step("second") is operation.steps[1]
    assert operation.find_step("fail") is operation.fail
    assert operation.find_step("none") is None


def test_job_follows_what_was_committed() -> None:
    """New args are added, the queue stays unless it changes, and failures are forgotten."""
    job = Job(ROW, lease_s=15.0)
    job.stand_at(Goto("second", args={"b": 3, "c": 4}))
    assert (job.step, job.queue, job.args, job.failures, job.error) == ("second", "q", {"a": 1, "b": 3, "c": 4}, 0, "e")
    job.stand_at(Goto("fail", "other", error="why"))
    assert (job.step, job.queue, job.error) == ("fail", "other", "why")


def test_check_between_chunks() -> None:
    """A job that is lost or cancelled says so when it is asked; lost comes first, for nothing may be written then."""
    job = Job(ROW, lease_s=15.0)
    job.check()
    job.is_cancelled = True
    with pytest.raises(Cancelled):
        job.check()
    job.is_stopping = True
    with pytest.raises(Retry):  # the next process hears of it, too
        job.check()
    job.is_lost = True
    with pytest.raises(Lost):
        job.check()


def test_topic_of_the_end() -> None:
    """Each operation has a topic of its own."""
    assert awaited_topic("a") != awaited_topic("b")

"""The report of a run of Tempest."""

import json

from tests.tempest import report

_TOLD = [
    {"id": "a.Volumes.test_list", "status": "success", "seconds": 1.0, "reason": ""},
    {"id": "a.Volumes.test_get", "status": "fail", "seconds": 1.0, "reason": "NotFound: no volume"},
    {"id": "a.Volumes.test_boot", "status": "skip", "seconds": 0.0, "reason": "no compute"},
    {"id": "setUpClass (a.Groups)", "status": "fail", "seconds": 0.0, "reason": "BadRequest: no group"},
    {"id": "a.Volumes.test_other", "status": "fail", "seconds": 1.0, "reason": "KeyError: 'x'"},
]
_OUTCOMES = report.read(json.dumps(each) for each in _TOLD)
_WANTED = ["a.Groups.test_list", "a.Volumes.test_boot", "a.Volumes.test_get", "a.Volumes.test_list", "a.Volumes.test_x"]


def test_missing() -> None:
    """A wanted test is missing if it failed, was skipped, did not run, or if its class could not be set up."""
    assert report.missing(_OUTCOMES, _WANTED) == [
        ("a.Groups.test_list", "fail: BadRequest: no group"),
        ("a.Volumes.test_boot", "skip: no compute"),
        ("a.Volumes.test_get", "fail: NotFound: no volume"),
        ("a.Volumes.test_x", "it did not run"),
    ]


def test_lines() -> None:
    """The figures come last, and what fails on Cinder too is told from what should pass."""
    *lines, figures, result = report.lines(_OUTCOMES, _WANTED)
    assert lines[-1].startswith("a.Volumes.test_other (does not pass on Cinder either)")
    assert figures == "2 fail, 1 skip, 1 success"
    assert result == "1 of 5 that pass on Cinder pass here."

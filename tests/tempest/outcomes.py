"""Turns the stream of a run of Tempest into lines of JSON: id, status, seconds and reason of each test.

It runs in Tempest's virtual environment, for only that knows the format: `outcomes.py <RUN >LINES`.
"""

import json
import re
import sys
from typing import Any

import subunit
import testtools

_ERROR = re.compile(r"^[A-Za-z_][\w.]*: ")
_TAGS = re.compile(r"\[.*\]$")


def reason(details: dict[str, Any]) -> str:
    """What the error says: its first line, and the fault that the service answered."""
    said: list[str] = []
    for name, content in details.items():
        if name == "reason":
            said.append(content.as_text())
        elif name.startswith("traceback"):
            lines = content.as_text().strip().splitlines()
            said += [line for line in lines if _ERROR.match(line)][:1] or lines[-1:]
            said += [line for line in lines if line.startswith("Details: ")][-1:]
    return " | ".join(dict.fromkeys(" ".join(each.split()) for each in said))


def tell(test: dict[str, Any]) -> None:
    if test["status"] == "exists":
        return
    begin, end = test["timestamps"]
    seconds = (end - begin).total_seconds() if begin and end else 0.0
    told = {"id": _TAGS.sub("", test["id"]), "status": test["status"], "seconds": seconds}
    print(json.dumps({**told, "reason": reason(test["details"])}))


stream = subunit.ByteStreamToStreamResult(sys.stdin.buffer, non_subunit_name="output")
sink = testtools.CopyStreamResult([testtools.StreamToDict(tell)])
sink.startTestRun()
stream.run(sink)
sink.stopTestRun()

"""One run of Tempest, in a directory of its own."""

import os
import re
import subprocess
from collections.abc import Collection, Mapping
from pathlib import Path

from tests.servers.openstack import place
from tests.tempest import report

_HERE = Path(__file__).parent
_WORKERS = 2


def configure(directory: Path, facts: Mapping[str, str]) -> None:
    """Write what Tempest has to know of the cloud, and the image that it uploads."""
    (directory / "image.raw").write_bytes(os.urandom(1024**2))
    (directory / "tempest.conf").write_text((_HERE / "tempest.conf").read_text().format(**facts))


def run(directory: Path, only: str, wanted: Collection[str]) -> Mapping[str, report.Outcome]:
    """The outcomes of the tests whose names have the regular expression `only`; without one, of those wanted."""
    programs = place("tempest") / "bin"
    argv = [str(programs / "tempest"), "run", "--subunit", f"--concurrency={_WORKERS}"]
    argv += [f"--config-file={directory / 'tempest.conf'}", *_selection(directory, only, wanted)]
    stream = directory / "run.subunit"
    with stream.open("wb") as output, (directory / "run.log").open("wb") as log:
        # Its exit code says that tests failed, which the outcomes tell better.
        die = ["setpriv", "--pdeathsig=TERM", "--"]
        subprocess.run([*die, *argv], cwd=directory, stdout=output, stderr=log, check=False)
    with stream.open("rb") as recorded:
        told = subprocess.run(
            [str(programs / "python"), str(_HERE / "outcomes.py")], stdin=recorded, stdout=subprocess.PIPE, check=True
        )
    (directory / "outcomes.json").write_bytes(told.stdout)
    return report.read(told.stdout.decode().splitlines())


def _selection(directory: Path, only: str, wanted: Collection[str]) -> list[str]:
    if only:
        return [f"--regex={only}"]
    names = directory / "tests.txt"
    # Behind its name a test may have tags in brackets.
    names.write_text("".join(f"^{re.escape(name)}(\\[|$)\n" for name in wanted))
    return [f"--include-list={names}"]

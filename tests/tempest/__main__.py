"""`python -m tests.tempest [REGEX]`: OpenStack's own tests, against Lapilli with a real Keystone and Glance.

Without a regular expression it runs the tests that pass on Cinder 29 in the same set-up. It fails if one does not pass.
With Nova these are others; `left-out.md` names those that its fake hypervisor cannot serve.
"""

import argparse
import re
import shutil
import signal
import sys
import tempfile
from pathlib import Path

from tests.tempest import report
from tests.tempest.installation import installed
from tests.tempest.run import configure, run

_HERE = Path(__file__).parent


def main() -> int:
    parser = argparse.ArgumentParser(prog="python -m tests.tempest", description=__doc__)
    parser.add_argument("only", nargs="?", default="", help="run the tests whose names have this regular expression")
    parser.add_argument("--nova", action="store_true", help="start Nova too, and run the tests that need it")
    asked = parser.parse_args()
    # Told to end, it still ends what it has started.
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(1))
    names = _HERE / ("needs-nova.txt" if asked.nova else "passing-on-cinder.txt")
    wanted = [name for name in names.read_text().split() if re.search(asked.only, name)]
    directory = Path(tempfile.mkdtemp(prefix="lapilli-tempest-"))
    print(f"Running Tempest in {directory}.", flush=True)
    with installed(directory, with_nova=asked.nova) as facts:
        configure(directory, facts)
        outcomes = run(directory, asked.only, wanted)
    print(*report.lines(outcomes, wanted), sep="\n")
    if report.missing(outcomes, wanted):
        return 1
    shutil.rmtree(directory)
    return 0


if __name__ == "__main__":
    sys.exit(main())

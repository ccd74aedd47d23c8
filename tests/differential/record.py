"""Play the scenarios on real Cinder and keep its answers. Run by scripts/record-cinder, with the families to record."""

import logging
import sys
import tempfile
import time
from pathlib import Path

from tests.differential import recordings
from tests.differential.catalogue import FAMILIES
from tests.differential.peer import Peer
from tests.differential.player import play


def main(families: list[str]) -> None:
    """Record the families, or all."""
    logging.disable(logging.CRITICAL)
    with tempfile.TemporaryDirectory(dir="/dev/shm") as folder:
        peer = Peer(Path(folder))
        peer.save("start")
        for family in families or FAMILIES:
            begun = time.monotonic()
            played = {scenario.name: list(play(peer, scenario)) for scenario in FAMILIES[family]}
            recordings.write(family, played)
            print(f"{family}: {sum(map(len, played.values()))} requests, {time.monotonic() - begun:.0f} s")  # noqa: T201


main(sys.argv[1:])

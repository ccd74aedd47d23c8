"""What targets in the kernel have in common: they outlive every process, and are lost with the machine's."""

import errno
import socket
import threading
from collections.abc import Callable, Collection, Sequence
from pathlib import Path
from typing import Final

from lapilli.model.errors import BackendFailed
from lapilli.targets.portal_settings import PortalSettings

_BOOT: Final = Path("/proc/sys/kernel/random/boot_id")


class Losses:
    """Notices that targets have been lost: the machine has started again, or somebody cleared the kernel's targets.

    The second happens when another service restores its own saved configuration (rtslib's `target.service`, or
    `nvmetcli restore`), which takes away all that is not in it.
    """

    def __init__(self, existing: Callable[[], Sequence[str]]) -> None:
        self._existing = existing
        self._lock = threading.Lock()
        self._made: set[str] = set()
        self._count = 0

    def made(self, name: str) -> None:
        """From now on the target should be there."""
        with self._lock:
            self._made.add(name)

    def removed(self, name: str) -> None:
        """From now on nobody expects the target. To be said before it is taken away."""
        with self._lock:
            self._made.discard(name)

    def generation(self) -> str:
        """Differs from the last one if targets were lost meanwhile. Costs one listing of the kernel's targets."""
        with self._lock:
            lost = self._made.difference(self._existing())
            if lost:
                self._made -= lost
                self._count += 1
            return f"{_BOOT.read_text().strip()}-{self._count}"


def check_portals(settings: PortalSettings, listening: Collection[str]) -> None:
    """`BackendFailed` unless each portal is in `listening`, or could be: the address is ours, and the port free."""
    for address, portal in zip(settings.addresses, settings.portals, strict=True):
        if portal in listening:
            continue
        family = socket.AF_INET6 if ":" in address else socket.AF_INET
        with socket.socket(family) as probe:
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            try:
                probe.bind((address, settings.target_port))
            except OSError as error:
                raise BackendFailed(
                    f"No target can listen on {portal}: {_ADVICE.get(error.errno or 0, error)}"
                ) from error


_ADVICE: Final = {
    errno.EADDRNOTAVAIL: "set target_ip_address and target_secondary_ip_addresses to addresses of this machine.",
    errno.EADDRINUSE: "another program has the port; end it (tgtd, perhaps), or set target_port.",
}

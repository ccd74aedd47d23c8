"""The hosts that nvmet knows, and who of them is connected. Called under nvmet's lock."""

import errno
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Final

from lapilli.machine.kernel_targets import configfs, nvmet_made
from lapilli.model.errors import BackendFailed

HOSTS: Final = configfs.ROOT / "nvmet" / "hosts"
# What the kernel (6.11 and later, if it was built so) says of each connected host.
_SHOWN: Final = Path("/sys/kernel/debug/nvmet")
_GONE_WITHIN_S: Final = 30
_SHOWN_WITHIN_S: Final = 0.1


def known(host: str, dhchap_key: str) -> Path:
    """The folder of a host that has this key; with an empty one it is left as it is.

    `BackendFailed` if somebody else made the host, with another key: the kernel has one for all that it connects to.
    """
    folder = HOSTS / host
    nvmet_made.make(folder)
    attribute = folder / "dhchap_key"
    if dhchap_key and attribute.read_text().strip() != dhchap_key:
        if not nvmet_made.is_ours(folder):
            raise BackendFailed(
                f"{folder} was made by somebody else, without the DH-CHAP key of this service, so {host} cannot be let "
                "in: take it away there, or unset nvmet_dhchap_secret."
            )
        attribute.write_text(dhchap_key)
    return folder


def sweep() -> None:
    """Take away the hosts of ours that no subsystem allows any more."""
    nvmet_made.sweep(HOSTS)


def are_shown(subsystem: str) -> bool:
    """Whether the kernel says who is connected to the subsystem, which has to exist."""
    return (_SHOWN / subsystem).is_dir()


def connected(subsystem: str) -> set[str]:
    """The hosts that are connected to the subsystem; to be asked where `are_shown`."""
    return {host for host, _ in _controllers(subsystem)}


def disconnect(subsystem: str, host: str) -> None:
    """End the host's controllers, and wait until the kernel has let go of the last."""
    deadline = time.monotonic() + _GONE_WITHIN_S
    ended: set[Path] = set()
    # Who was let in a moment before it was forbidden is shown a moment after.
    quiet_since = time.monotonic()
    while time.monotonic() < quiet_since + _SHOWN_WITHIN_S:
        if controllers := {folder for who, folder in _controllers(subsystem) if who == host}:
            quiet_since = time.monotonic()
        for each in controllers - ended:
            with _unless_it_ends():
                (each / "state").write_text("fatal")
            ended.add(each)
        if time.monotonic() > deadline:
            raise BackendFailed(f"{host} is still connected to {subsystem}, though it may not: is the storage stuck?")
        time.sleep(0.01)


def _controllers(subsystem: str) -> set[tuple[str, Path]]:
    """Each controller's host and folder."""
    found = set()
    for each in (_SHOWN / subsystem).glob("ctrl*"):
        with _unless_it_ends():
            found.add(((each / "hostnqn").read_text().strip(), each))
    return found


@contextmanager
def _unless_it_ends() -> Iterator[None]:
    """Pass over a controller that ends meanwhile: its files go, and those that are open fail with EIO."""
    try:
        yield
    except OSError as error:
        if error.errno not in {errno.ENOENT, errno.EIO}:
            raise

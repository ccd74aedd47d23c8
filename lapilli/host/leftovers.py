"""What a volume that is gone leaves in this machine's kernel: sessions that never come back, and devices on them."""

import contextlib
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any, Final

from lapilli.machine.run import run
from lapilli.model.errors import CommandFailed

_SESSIONS: Final = Path("/sys/class/iscsi_session")
_CONTROLLERS: Final = Path("/sys/class/nvme-fabrics/ctl")
_BLOCK: Final = Path("/sys/class/block")


def give_up(connection: Mapping[str, Any]) -> None:
    """End the sessions of a volume whose target is gone: what waits for it fails now, and not when the kernel tires.

    Not for a volume that will come back: what has not been written is lost.
    """
    names = {connection.get("target_iqn"), *connection.get("target_iqns", ())}
    for session in _of_target(names):
        maps = _maps_on(session)
        for name in maps:
            _try("multipathd", "disablequeueing", "map", name)
            _try("dmsetup", "message", name, "0", "fail_if_no_path")  # for a daemon that does not run
        _try("iscsiadm", "-m", "session", "-r", session.name.removeprefix("session"), "--logout")
        for name in maps:
            _try("multipath", "-f", name)
    end_controllers(connection)


def end_maps(devices: Iterable[Path]) -> None:
    """Take away the multipath devices among these that have no path any more: one that was mounted outlives them."""
    for device in devices:
        above = _BLOCK / device.name
        if (name := _map_name(above)) and not any((above / "slaves").iterdir()):
            _try("multipath", "-f", name)


def end_controllers(connection: Mapping[str, Any]) -> None:
    """Take away the NVMe controllers of a volume, also those that have no namespace or reach nobody.

    The subsystem is the volume's own, so no other one is on them.
    """
    wanted = {connection.get("target_nqn"), connection.get("nqn")} - {None}
    for controller in _CONTROLLERS.glob("nvme*") if wanted else ():
        with contextlib.suppress(OSError):
            if (controller / "subsysnqn").read_text().strip() in wanted:
                run(["nvme", "disconnect", "-d", controller.name])


def _of_target(names: set[str | None]) -> list[Path]:
    found = []
    for session in sorted(_SESSIONS.glob("session*")):
        with contextlib.suppress(OSError):
            if (session / "targetname").read_text().strip() in names:
                found.append(session)
    return found


def _maps_on(session: Path) -> list[str]:
    """The names of the multipath maps that lie on a session's devices."""
    holders = (session / "device").glob("target*/*:*/block/*/holders/dm-*")
    return sorted({name for holder in holders if (name := _map_name(_BLOCK / holder.name))})


def _map_name(above: Path) -> str | None:
    """What device-mapper calls a multipath device; None for a device that is none, or is gone."""
    with contextlib.suppress(OSError):
        if (above / "dm" / "uuid").read_text().startswith("mpath-"):
            return (above / "dm" / "name").read_text().strip()
    return None


def _try(*argv: str) -> None:
    """Run a program whose failure means that there was nothing left to do."""
    with contextlib.suppress(CommandFailed):
        run(argv)

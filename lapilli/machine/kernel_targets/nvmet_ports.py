"""Where nvmet listens: ports, each shared by all subsystems that are linked into it. Called under nvmet's lock."""

import ipaddress
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from lapilli.machine.kernel_targets import configfs, nvmet_made
from lapilli.model.errors import BackendFailed, Malformed

_PORTS: Final = configfs.ROOT / "nvmet" / "ports"
_MOST_PORTS: Final = 2**16
_TRANSPORTS: Final = ("tcp", "rdma")


@dataclass(frozen=True)
class Portal:
    """An address to listen on, as nvmet has it."""

    address: str
    port: str
    transport: str

    @property
    def attributes(self) -> dict[str, str]:
        family = f"ipv{ipaddress.ip_address(self.address).version}"
        return {
            "addr_trtype": self.transport,
            "addr_adrfam": family,
            "addr_traddr": self.address,
            "addr_trsvcid": self.port,
        }


def checked(portals: list[list[str]], first_port: int) -> list[Portal]:
    """The portals; `Malformed` if one is none."""
    found = []
    for portal in portals:
        try:
            address, port, transport = portal
            ipaddress.ip_address(address)
            fits = 0 < int(port) < _MOST_PORTS and transport in _TRANSPORTS and port.isdigit()
        except ValueError:
            fits = False
        if not fits:
            raise Malformed(f"{portal} is no portal (address, port, tcp or rdma).")
        found.append(Portal(*portal))
    if not found or not 0 < first_port < _MOST_PORTS:
        raise Malformed("A subsystem needs a portal, and a number for its port.")
    return found


def link(subsystem: Path, portals: list[Portal], first_port: int) -> None:
    """The subsystem is reached at these portals, and at no others."""
    places = [_find(portal) or _make(portal, first_port) for portal in portals]
    for place in linked(subsystem):
        if place not in places:
            (place / "subsystems" / subsystem.name).unlink()
    for place, portal in zip(places, portals, strict=True):
        try:
            with suppress(FileExistsError):
                (place / "subsystems" / subsystem.name).symlink_to(subsystem)
        except OSError as error:
            raise BackendFailed(
                f"nvmet cannot listen on {portal.address} port {portal.port} ({error.strerror}): is the address this "
                "machine's and the port free? Set target_ip_address and target_port."
            ) from error


def unlink(subsystem: Path) -> None:
    """The subsystem is reached nowhere: all connections of its hosts end."""
    for place in linked(subsystem):
        (place / "subsystems" / subsystem.name).unlink()


def linked(subsystem: Path) -> list[Path]:
    """The ports that lead to it."""
    return [each for each in _PORTS.iterdir() if (each / "subsystems" / subsystem.name).is_symlink()]


def sweep() -> None:
    """Take away the ports of ours that lead nowhere; whoever needs one makes it."""
    nvmet_made.sweep(_PORTS)


def serving() -> set[str]:
    """`address:port` of the ports that lead anywhere; IPv6 addresses stand in brackets."""
    found = set()
    for place in _PORTS.glob("*"):
        if not _is_idle(place):
            address, port = (_read(place, key) for key in ("addr_traddr", "addr_trsvcid"))
            found.add(f"[{address}]:{port}" if ":" in address else f"{address}:{port}")
    return found


def _find(portal: Portal) -> Path | None:
    for place in _PORTS.iterdir():
        if all(_read(place, key) == value for key, value in portal.attributes.items()):
            return place
    return None


def _make(portal: Portal, first_port: int) -> Path:
    """A new port, or one of ours that nobody got to finish."""
    for number in range(first_port, _MOST_PORTS):
        place = _PORTS / str(number)
        if place.is_dir() and not (nvmet_made.is_ours(place) and _is_idle(place)):
            continue
        nvmet_made.make(place)
        for key, value in portal.attributes.items():
            (place / key).write_text(value)
        return place
    raise BackendFailed(f"nvmet has no number left for a port, from nvmet_port_id = {first_port} on.")


def _is_idle(place: Path) -> bool:
    return not any((place / "subsystems").iterdir())


def _read(place: Path, key: str) -> str:
    return (place / key).read_text().strip()

"""Where a target of LIO listens: over TCP, and over RDMA (iSER) as well. Called under LIO's lock."""

import re
from typing import Any, Final

from lapilli.model.errors import BackendFailed, Malformed

_PORTAL: Final = re.compile(r"(\[[0-9a-fA-F:.]+\]|[0-9.]+):([0-9]{1,5})")


def checked(portals: list[str]) -> list[tuple[str, int]]:
    """Each `address:port` as address and port; `Malformed` if one is none."""
    return [_portal(each) for each in portals]


def serve(rtslib: Any, group: Any, where: list[tuple[str, int]], *, iser: bool) -> None:
    """Listen on these portals, and on no others."""
    for portal in group.network_portals:
        if (portal.ip_address, portal.port) not in where:
            portal.delete()
    for address, port in where:
        try:
            portal = rtslib.NetworkPortal(group, address, port)
        except rtslib.RTSLibError as error:
            raise BackendFailed(
                f"LIO cannot listen on {address}:{port} ({error}): is the address this machine's and the port free? "
                "Set target_ip_address and target_port."
            ) from error
        _set_iser(rtslib, portal, iser=iser)


def _set_iser(rtslib: Any, portal: Any, *, iser: bool) -> None:
    """Listen for RDMA as well, or not. The portal goes on to take logins over TCP, which finding targets needs."""
    try:
        if portal.iser != iser:
            portal.iser = iser
    except (rtslib.RTSLibError, OSError) as error:
        raise BackendFailed(
            f"LIO cannot serve iSER on {portal.ip_address}:{portal.port} ({error}): does a network card with this "
            "address do RDMA? Set target_ip_address, or target_protocol = iscsi."
        ) from error


def _portal(portal: str) -> tuple[str, int]:
    parts = _PORTAL.fullmatch(portal)
    if not parts or not 0 < int(parts[2]) < 2**16:
        raise Malformed(f"{portal!r} is no portal (address:port).")
    return parts[1], int(parts[2])

"""How losses are noticed, and portals looked at, without any target."""

import socket

import pytest

from lapilli.model.errors import BackendFailed
from lapilli.targets.kernel_targets import Losses, check_portals
from lapilli.targets.portal_settings import PortalSettings


def test_each_loss_is_noticed_once() -> None:
    """Of what was made, not of what was taken away, nor of what others make and take."""
    there = {"a", "b", "others"}
    losses = Losses(lambda: sorted(there))
    first = losses.generation()
    losses.made("a")
    losses.made("b")
    there.remove("others")
    losses.removed("b")
    there.remove("b")
    assert losses.generation() == first
    there.clear()
    second = losses.generation()
    assert second != first
    assert losses.generation() == second
    losses.made("a")
    assert losses.generation() not in (first, second)


def test_portals_are_looked_at_before_any_target() -> None:
    """A free one and one that serves already are fine; a stranger's is not, nor another machine's address."""
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        settings = PortalSettings(target_ip_address="127.0.0.1", target_port=port)
        with pytest.raises(BackendFailed, match=f"127.0.0.1:{port}.*another program"):
            check_portals(settings, [])
        check_portals(settings, [f"127.0.0.1:{port}"])
    check_portals(settings, [])
    elsewhere = PortalSettings(
        target_ip_address="127.0.0.1", target_port=port, target_secondary_ip_addresses=["2001:db8::1"]
    )
    with pytest.raises(BackendFailed, match=r"\[2001:db8::1\].*addresses of this machine"):
        check_portals(elsewhere, [])
